//! Edits of one title.

use std::collections::HashSet;

use iceflix_database::Edit;
use sqlx::Row;

use crate::store::fold::fold;
use crate::store::tag::{BadTag, MOST_TAGS, Tag};
use crate::store::title::{Id, Name};
use crate::store::{Catalog, Error};

impl Catalog {
    /// Gives a title another name, for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; else where the database fails.
    pub async fn rename(&self, id: &Id, name: &Name) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let renamed = sqlx::query("UPDATE titles SET name = $1, folded = $2 WHERE id = $3")
            .bind(name.as_str())
            .bind(fold(name.as_str()))
            .bind(id.to_string())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("renaming a title"))?;
        if renamed.rows_affected() == 0 {
            return Err(Error::Unknown { id: *id });
        }
        Ok(self.database.commit(edit).await?)
    }

    /// Adds tags to a title, behind those that it bears; what it bears stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; [`BadTag::TooMany`] where it would bear too many, and then
    /// none is added; else where the database fails.
    pub async fn add_tags(&self, id: &Id, tags: &[Tag]) -> Result<(), Error> {
        let failed = self.database.failed("adding tags");
        let mut edit = self.database.write().await?;
        let title = self.lock(id, &mut edit).await?;
        let rows = sqlx::query("SELECT folded, position FROM tags WHERE title = $1")
            .bind(title)
            .fetch_all(&mut *edit)
            .await
            .map_err(&failed)?;
        let mut borne: HashSet<String> = rows.iter().map(|row| row.get("folded")).collect();
        let mut position = rows
            .iter()
            .map(|row| row.get("position"))
            .max()
            .unwrap_or(0_i64);

        for tag in tags {
            if !borne.insert(tag.folded().to_owned()) {
                continue;
            }
            if borne.len() > MOST_TAGS {
                return Err(BadTag::TooMany.into());
            }
            position += 1;
            sqlx::query("INSERT INTO tags (title, folded, tag, position) VALUES ($1, $2, $3, $4)")
                .bind(title)
                .bind(tag.folded())
                .bind(tag.as_str())
                .bind(position)
                .execute(&mut *edit)
                .await
                .map_err(&failed)?;
        }
        Ok(self.database.commit(edit).await?)
    }

    /// Takes tags from a title; those that it does not bear are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; else where the database fails.
    pub async fn remove_tags(&self, id: &Id, tags: &[Tag]) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let title = self.lock(id, &mut edit).await?;
        for tag in tags {
            sqlx::query("DELETE FROM tags WHERE title = $1 AND folded = $2")
                .bind(title)
                .bind(tag.folded())
                .execute(&mut *edit)
                .await
                .map_err(self.database.failed("removing tags"))?;
        }
        Ok(self.database.commit(edit).await?)
    }

    /// The number of a title, which nobody else edits until this edit ends.
    async fn lock(&self, id: &Id, edit: &mut Edit) -> Result<i64, Error> {
        // An edit that changes nothing is the one way to lock a row that SQLite and PostgreSQL share.
        sqlx::query_scalar("UPDATE titles SET name = name WHERE id = $1 RETURNING number")
            .bind(id.to_string())
            .fetch_optional(&mut **edit)
            .await
            .map_err(self.database.failed("editing a title"))?
            .ok_or(Error::Unknown { id: *id })
    }
}
