//! What changed since the index was in step.

use std::sync::atomic::Ordering;

use futures_util::TryStreamExt as _;
use iceflix_database::{Database, Error};
use sqlx::Row;
use sqlx::any::AnyRow;
use tracing::warn;

use super::{Shared, load};
use crate::store::index::Index;
use crate::store::row;
use crate::store::title::Id;

/// What is changed under one lock: searches wait for no more than this.
const TOGETHER: usize = 64;

/// One statement, so that both halves are of one moment.
const CHANGED: &str = "SELECT id, name, tags, revision FROM titles WHERE revision > $1 \
     UNION ALL SELECT id, NULL, NULL, revision FROM titles_gone WHERE revision > $1 \
     ORDER BY revision";

/// A title that was changed; without a name where it was deleted.
struct Change {
    id: String,
    name: Option<String>,
    tags: String,
    revision: i64,
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
            let (index, revision) = load::all(&self.database).await?;
            *self.index_mut() = index;
            self.written.store(0, Ordering::Release);
            self.revision.store(revision, Ordering::Release);
            return Ok(());
        }
        let last = self.catch_up(known).await?;
        // Revisions become visible in their order: with one, all before it.
        self.revision.store(last.max(current), Ordering::Release);
        Ok(())
    }

    /// Takes in what changed after the revision `known`; returns the last one that it saw.
    async fn catch_up(&self, known: i64) -> Result<i64, Error> {
        let failed = self.database.failed("reading what changed");
        let mut rows = sqlx::query(CHANGED).bind(known).fetch(self.database.read());
        let mut last = known;
        let mut together = Vec::with_capacity(TOGETHER);
        loop {
            let row = rows.try_next().await.map_err(&failed)?;
            let ended = row.is_none();
            if let Some(row) = row {
                let change = change(&row).map_err(&failed)?;
                last = last.max(change.revision);
                together.push(change);
            }
            if ended || together.len() == TOGETHER {
                let mut index = self.index_mut();
                for change in together.drain(..) {
                    enter(&mut index, &change);
                }
            }
            if ended {
                return Ok(last);
            }
        }
    }
}

fn change(row: &AnyRow) -> Result<Change, sqlx::Error> {
    Ok(Change {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        tags: row.try_get::<Option<_>, _>("tags")?.unwrap_or_default(),
        revision: row.try_get("revision")?,
    })
}

fn enter(index: &mut Index, change: &Change) {
    match &change.name {
        Some(name) => match row::title(&change.id, name) {
            Some(id) => index.put(id, name, row::tags(&change.tags)),
            None => {
                warn!("a title that somebody edited has no right id or name any more: left out");
                if let Some(id) = Id::parse(&change.id) {
                    index.remove(&id);
                }
            }
        },
        None => {
            if let Some(id) = Id::parse(&change.id) {
                index.remove(&id);
            }
        }
    }
}
