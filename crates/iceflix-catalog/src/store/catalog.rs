//! The titles of a database.

use std::collections::HashSet;
use std::sync::Arc;

use iceflix_database::{Database, Durability, Location};
use sqlx::AssertSqlSafe;

use crate::store::Error;
use crate::store::clock::{Clock, System};
use crate::store::index::Index;
use crate::store::mirror::Mirror;
use crate::store::schema::SCHEMA;
use crate::store::title::{Id, Name, Title};

/// The most titles of a catalogue, unless it is told otherwise: with usual names and five tags each, they take some
/// 800 MB of memory.
pub const MOST_TITLES: usize = 2_000_000;

/// How much text may be kept for each title that may be, in bytes, and at least: whoever fills the catalogue with the longest
/// names and tags fills it with fewer titles.
const TEXT_A_TITLE: usize = 256;
const LEAST_TEXT: usize = 64 << 20;

/// So many titles are added by one statement.
const TOGETHER: usize = 100;

/// The catalogue: every title there ever was, by id, name and tags.
///
/// Edits are on the disk when they return. Reads are answered from memory, and see every edit that was committed before
/// they began, by whichever process. Where the database cannot be asked they show what was known before, for
/// half a minute. Cheap to clone. Every call may be cancelled: an edit is made whole or not at all.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(super) database: Database,
    pub(super) mirror: Arc<Mirror>,
    most_titles: usize,
}

/// What became of titles that were discovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discovered {
    /// So many are new, and entered.
    pub created: usize,
    /// So many are new, and there is no room for them.
    pub refused: usize,
}

impl Catalog {
    /// Opens the database at `location`, and makes it where there is none. Reads all titles: some seconds for a million.
    ///
    /// # Errors
    ///
    /// Where the database cannot be opened; the text names it and says what to do.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        Self::open_with_clock(location, Arc::new(System)).await
    }

    /// The same with another clock for how long memory is trusted: for tests.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    ///
    /// # Panics
    ///
    /// As [`open`](Self::open).
    pub async fn open_with_clock(
        location: &Location,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let database = Database::open(location, &SCHEMA, Durability::Disk).await?;
        Ok(Self {
            mirror: Arc::new(Mirror::open(database.clone(), clock).await?),
            database,
            most_titles: MOST_TITLES,
        })
    }

    /// The same catalogue with another bound for the number of its titles. What is beyond it already stays.
    #[must_use]
    pub fn with_most_titles(mut self, most: usize) -> Self {
        self.most_titles = most;
        self
    }

    /// Creates the titles that are not known yet, under their initial names; what is known keeps its name.
    ///
    /// Takes any number at once: each call that creates waits for the disk once.
    ///
    /// # Errors
    ///
    /// Where the database fails; none was created then.
    pub async fn discovered(&self, titles: &[(Id, Name)]) -> Result<Discovered, Error> {
        // Servers announce what they have again and again: only what is new is worth the lock.
        let mut seen = HashSet::new();
        let (mut new, count) = self.mirror.recall(|index| {
            let new = |(id, _): &&(Id, Name)| !index.knows(id) && seen.insert(*id);
            let new: Vec<_> = titles.iter().filter(new).collect();
            (new, index.len())
        });
        let room = match self.room_for_text() {
            Ok(()) => self.most_titles.saturating_sub(count),
            Err(_) => 0,
        };
        let refused = new.len().saturating_sub(room);
        new.truncate(room);
        let created = if new.is_empty() {
            0
        } else {
            self.database.again(|| self.create(&new)).await?
        };
        Ok(Discovered { created, refused })
    }

    async fn create(&self, titles: &[&(Id, Name)]) -> Result<usize, Error> {
        let mut edit = self.database.write().await?;
        let revision = self.next_revision(&mut edit).await?;
        let mut created = 0;
        for titles in titles.chunks(TOGETHER) {
            let rows: Vec<_> = (0..titles.len())
                .map(|n| format!("(${}, ${})", 2 * n + 1, 2 * n + 2))
                .collect();
            let statement = format!(
                "INSERT INTO titles (id, name) VALUES {} ON CONFLICT (id) DO NOTHING",
                rows.join(", ")
            );
            // Built from text of this file alone; what others sent is bound.
            let mut query = sqlx::query(AssertSqlSafe(statement));
            for (id, name) in titles {
                query = query.bind(id.to_string()).bind(name.as_str());
            }
            let done = query
                .execute(&mut *edit)
                .await
                .map_err(self.database.failed("adding titles"))?;
            created += done.rows_affected();
        }
        self.finish(edit, revision).await?;
        Ok(usize::try_from(created).unwrap_or(usize::MAX))
    }

    /// # Errors
    ///
    /// [`Error::Full`] where there is too much text already.
    pub(super) fn room_for_text(&self) -> Result<(), Error> {
        let most = LEAST_TEXT.max(self.most_titles.saturating_mul(TEXT_A_TITLE));
        if self.mirror.recall(Index::text) > most {
            return Err(Error::Full);
        }
        Ok(())
    }

    /// The title with this id; `None` where it was never heard of.
    ///
    /// # Errors
    ///
    /// Where the database fails, and has for half a minute.
    pub async fn get(&self, id: &Id) -> Result<Option<Title>, Error> {
        self.mirror.ask(|index| index.title(id)).await
    }

    /// Whether there is a title with this id.
    ///
    /// # Errors
    ///
    /// Where the database fails, and has for half a minute.
    pub async fn knows(&self, id: &Id) -> Result<bool, Error> {
        self.mirror.ask(|index| index.knows(id)).await
    }

    /// Whether a title with this id was known a moment ago.
    pub(crate) fn knew(&self, id: &Id) -> bool {
        self.mirror.recall(|index| index.knows(id))
    }

    /// How many titles there are.
    ///
    /// # Errors
    ///
    /// Where the database fails, and has for half a minute.
    pub async fn count(&self) -> Result<u64, Error> {
        self.mirror.ask(|index| index.len() as u64).await
    }

    /// Whether the database can be asked now, and is in step with what is in memory.
    ///
    /// # Errors
    ///
    /// Where it is not, or does not answer within a second.
    pub async fn ping(&self) -> Result<(), Error> {
        self.mirror.seen().await
    }

    /// Whether the database takes edits now: makes one that changes no title.
    ///
    /// # Errors
    ///
    /// Where it does not.
    pub(crate) async fn prove_writable(&self) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let revision = self.next_revision(&mut edit).await?;
        self.finish(edit, revision).await
    }

    /// Why the server of the database lets nobody in, where that is known.
    pub(crate) fn absence(&self) -> Option<Error> {
        self.database.absence().map(Error::Database)
    }

    /// Closes the database; later calls fail.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
