//! The titles of a database.

use std::collections::HashSet;

use iceflix_database::{Database, Durability, Location};
use sqlx::Row;

use crate::store::Error;
use crate::store::fold::fold;
use crate::store::schema::SCHEMA;
use crate::store::title::{Id, Name, Title};

/// The catalogue: every title there ever was, by id, name and tags.
///
/// Edits are on the disk when they return. Cheap to clone. Every call may be cancelled: an edit is
/// made whole or not at all.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(super) database: Database,
}

impl Catalog {
    /// Opens the database at `location`, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// Where the database cannot be opened; the text names it and says what to do.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        Ok(Self {
            database: Database::open(location, &SCHEMA, Durability::Disk).await?,
        })
    }

    /// Creates the titles that are not known yet, under their initial names; what is known keeps its name.
    /// Returns how many were created.
    ///
    /// Takes any number at once: each call that creates waits for the disk once.
    ///
    /// # Errors
    ///
    /// Where the database fails; none was created then.
    pub async fn discovered(&self, titles: &[(Id, Name)]) -> Result<usize, Error> {
        let failed = self.database.failed("adding a title");
        // Servers announce what they have again and again: only what is new is worth the lock.
        let mut new = Vec::new();
        let mut seen = HashSet::new();
        for (id, name) in titles {
            if seen.insert(id) && !self.knows(id).await? {
                new.push((id, name));
            }
        }
        if new.is_empty() {
            return Ok(0);
        }
        let mut edit = self.database.write().await?;
        let mut created = 0;
        for (id, name) in new {
            let done = sqlx::query(
                "INSERT INTO titles (id, name, folded) VALUES ($1, $2, $3) \
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(id.to_string())
            .bind(name.as_str())
            .bind(fold(name.as_str()))
            .execute(&mut *edit)
            .await
            .map_err(&failed)?;
            created += done.rows_affected();
        }
        self.database.commit(edit).await?;
        Ok(usize::try_from(created).unwrap_or(usize::MAX))
    }

    /// The title with this id; `None` where it was never heard of.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn get(&self, id: &Id) -> Result<Option<Title>, Error> {
        // A row for each tag, or one without.
        let rows = sqlx::query(
            "SELECT titles.name, tags.tag FROM titles \
             LEFT JOIN tags ON tags.title = titles.number \
             WHERE titles.id = $1 ORDER BY tags.position",
        )
        .bind(id.to_string())
        .fetch_all(self.database.read())
        .await
        .map_err(self.database.failed("looking up a title"))?;
        Ok(rows.first().map(|first| Title {
            id: *id,
            name: first.get("name"),
            tags: rows.iter().filter_map(|row| row.get("tag")).collect(),
        }))
    }

    /// Whether there is a title with this id.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn knows(&self, id: &Id) -> Result<bool, Error> {
        let row = sqlx::query("SELECT 1 FROM titles WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.database.read())
            .await
            .map_err(self.database.failed("looking up a title"))?;
        Ok(row.is_some())
    }

    /// How many titles there are.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn count(&self) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM titles")
            .fetch_one(self.database.read())
            .await
            .map_err(self.database.failed("counting the titles"))?;
        Ok(count.unsigned_abs())
    }

    /// Closes the database; later calls fail.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
