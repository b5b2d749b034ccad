//! Edits of one title.

use iceflix_database::Edit;

use crate::store::tag::{BadTag, Tag};
use crate::store::title::{Id, Name};
use crate::store::{Catalog, Error, row};

impl Catalog {
    /// Gives a title another name, for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; [`Error::Full`]; else where the database fails.
    pub async fn rename(&self, id: &Id, name: &Name) -> Result<(), Error> {
        self.room_for_text()?;
        self.database.again(|| self.rename_once(id, name)).await
    }

    async fn rename_once(&self, id: &Id, name: &Name) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let revision = self.next_revision(&mut edit).await?;
        let renamed = sqlx::query("UPDATE titles SET name = $1 WHERE id = $2")
            .bind(name.as_str())
            .bind(id.to_string())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("renaming a title"))?;
        if renamed.rows_affected() == 0 {
            return Err(Error::Unknown { id: *id });
        }
        self.finish(edit, revision).await
    }

    /// Adds tags to a title, behind those that it bears; what it bears stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; [`BadTag::TooMany`] where it would bear too many, and then
    /// none is added; [`Error::Full`]; else where the database fails.
    pub async fn add_tags(&self, id: &Id, tags: &[Tag]) -> Result<(), Error> {
        self.room_for_text()?;
        self.change_tags(id, |borne| row::with(borne, tags)).await
    }

    /// Takes tags from a title; those that it does not bear are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such title; else where the database fails.
    pub async fn remove_tags(&self, id: &Id, tags: &[Tag]) -> Result<(), Error> {
        self.change_tags(id, |borne| Ok(row::without(borne, tags)))
            .await
    }

    /// Has `change` turn the tags of a title into others, or leave them as they are.
    async fn change_tags(
        &self,
        id: &Id,
        change: impl Fn(&str) -> Result<Option<String>, BadTag>,
    ) -> Result<(), Error> {
        self.database
            .again(|| self.change_tags_once(id, &change))
            .await
    }

    async fn change_tags_once(
        &self,
        id: &Id,
        change: &impl Fn(&str) -> Result<Option<String>, BadTag>,
    ) -> Result<(), Error> {
        let failed = self.database.failed("changing tags");
        let mut edit = self.database.write().await?;
        // Nobody else edits from here on: what is read is what is changed.
        let revision = self.next_revision(&mut edit).await?;
        let borne: String = sqlx::query_scalar("SELECT tags FROM titles WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *edit)
            .await
            .map_err(&failed)?
            .ok_or(Error::Unknown { id: *id })?;
        let Some(changed) = change(&borne)? else {
            return Ok(());
        };
        sqlx::query("UPDATE titles SET tags = $1 WHERE id = $2")
            .bind(changed)
            .bind(id.to_string())
            .execute(&mut *edit)
            .await
            .map_err(&failed)?;
        self.finish(edit, revision).await
    }

    /// A revision that becomes visible with this edit; what it changes gets later ones, by triggers. Edits of one database,
    /// whosever they are, follow each other from here on: only so do revisions become visible in their order.
    pub(super) async fn next_revision(&self, edit: &mut Edit) -> Result<i64, Error> {
        let next = "UPDATE titles_revision SET current = current + 1 RETURNING current";
        Ok(sqlx::query_scalar(next)
            .fetch_one(&mut **edit)
            .await
            .map_err(self.database.failed("editing titles"))?)
    }

    /// Commits an edit, which whoever asks from then on sees.
    pub(super) async fn finish(&self, edit: Edit, revision: i64) -> Result<(), Error> {
        self.database.commit(edit).await?;
        self.mirror.written(revision);
        Ok(())
    }
}
