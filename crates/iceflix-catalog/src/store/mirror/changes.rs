//! What changed since the index was in step.

use std::sync::atomic::Ordering;

use futures_util::TryStreamExt as _;
use iceflix_database::{Database, Engine, Error};
use sqlx::Row;
use sqlx::any::AnyRow;
use tracing::warn;

use super::{Shared, load};
use crate::store::index::Index;
use crate::store::row;
use crate::store::title::Id;

/// What is changed under one lock: searches wait for no more than this.
const TOGETHER: usize = 64;

/// Where more than a tenth of all titles changed, all are read anew: that takes a thousand to a row, and not a row each. The
/// bounds of that tenth: few are always read one by one, and very many never, which could take longer than a server waits.
const FEW: usize = 2_000;
const MANY: usize = 100_000;

/// One statement, so that both halves are of one moment. Bytes, since whoever edits a file by hand may write anything.
const CHANGED: [&str; 2] = [
    "SELECT CAST(id AS BLOB) AS id, CAST(name AS BLOB) AS name, CAST(tags AS BLOB) AS tags, revision \
     FROM titles WHERE revision > $1 \
     UNION ALL SELECT CAST(id AS BLOB), NULL, NULL, revision FROM titles_gone WHERE revision > $1 \
     ORDER BY revision LIMIT $2",
    "SELECT convert_to(id, 'UTF8') AS id, convert_to(name, 'UTF8') AS name, convert_to(tags, 'UTF8') AS tags, revision \
     FROM titles WHERE revision > $1 \
     UNION ALL SELECT convert_to(id, 'UTF8'), NULL, NULL, revision FROM titles_gone WHERE revision > $1 \
     ORDER BY revision LIMIT $2",
];

/// A title that was changed; without a name where it was deleted.
struct Change {
    id: Vec<u8>,
    name: Option<Vec<u8>>,
    tags: Vec<u8>,
}

/// The revision of the database.
pub(super) async fn revision(database: &Database) -> Result<i64, Error> {
    sqlx::query_scalar("SELECT current FROM titles_revision")
        .fetch_one(database.read())
        .await
        .map_err(database.failed("asking for its revision"))
}

impl Shared {
    /// Brings the index in step with the database.
    pub(super) async fn look(&self) -> Result<(), Error> {
        let known = self.revision.load(Ordering::Acquire);
        // Of before the question: what is written meanwhile may be missing in the answer.
        let latest = known.max(self.written.load(Ordering::Acquire));
        let current = revision(&self.database).await?;
        if current == known && current == latest {
            return Ok(());
        }
        if current < latest {
            warn!(
                latest,
                current, "the database is older than it was, as after a backup: reading it anew"
            );
            return self.read_anew(latest).await;
        }
        if !self.catch_up(known).await? {
            return self.read_anew(0).await;
        }
        // Revisions become visible in their order: with one, all before it.
        self.revision.store(current, Ordering::Release);
        Ok(())
    }

    /// Has the index begin anew. Our own edits up to `lost` are not waited for any more.
    async fn read_anew(&self, lost: i64) -> Result<(), Error> {
        let (index, revision) = load::all(&self.database).await?;
        // A million titles are not given back while others wait.
        let old = std::mem::replace(&mut *self.index_mut(), index);
        self.revision.store(revision, Ordering::Release);
        let written = self.written.load(Ordering::Acquire);
        if written <= lost {
            let (set, read) = (Ordering::AcqRel, Ordering::Relaxed);
            // One that was written meanwhile stands.
            let _ = self.written.compare_exchange(written, 0, set, read);
        }
        drop(old);
        Ok(())
    }

    /// Takes in what changed after the revision `known`. Returns false where that is too much to be read so.
    async fn catch_up(&self, known: i64) -> Result<bool, Error> {
        let failed = self.database.failed("reading what changed");
        let statement = match self.database.engine() {
            Engine::Sqlite => CHANGED[0],
            _ => CHANGED[1],
        };
        let most = (self.index().len() / 10).clamp(FEW, MANY);
        let mut rows = sqlx::query(statement)
            .bind(known)
            .bind(i64::try_from(most + 1).unwrap_or(i64::MAX))
            .fetch(self.database.read());
        let mut read = 0;
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            let row = rows.try_next().await.map_err(&failed)?;
            let ended = row.is_none();
            if let Some(row) = row {
                read += 1;
                if read > most {
                    return Ok(false);
                }
                together.push(change(&row).map_err(&failed)?);
            }
            if ended || together.len() == TOGETHER {
                let mut index = self.index_mut();
                for change in together.drain(..) {
                    enter(&mut index, &change);
                }
            }
            if ended {
                return Ok(true);
            }
        }
    }
}

fn change(row: &AnyRow) -> Result<Change, sqlx::Error> {
    Ok(Change {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        tags: row.try_get::<Option<_>, _>("tags")?.unwrap_or_default(),
    })
}

fn enter(index: &mut Index, change: &Change) {
    if let Some(name) = &change.name {
        let title = row::title(&change.id, name, &change.tags);
        if let Some((id, name, tags)) = title {
            index.put(id, name, row::tags(tags));
            return;
        }
        warn!(
            "a title that another program edited has no right id, name or tags any more: left out"
        );
    }
    if let Some(id) = str::from_utf8(&change.id).ok().and_then(Id::parse) {
        index.remove(&id);
    }
}
