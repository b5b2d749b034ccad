//! Names and tags, changed.

use iceflix_slice::media_catalog::{AddTagsError, RemoveTagsError, RenameTileError};

use super::TagAction;
use crate::{Error, Session, Viewer, find};

/// Gives a title another name.
pub(super) async fn rename(
    viewer: &Viewer,
    session: &Session,
    title: &str,
    name: &str,
) -> Result<(), Error> {
    let id = find::one_id(viewer, title).await?;
    match viewer
        .catalog()
        .await?
        .rename_tile(&id, name, &session.token())
        .await
    {
        Ok(()) => Ok(()),
        Err(RenameTileError::Unauthorized(_)) => Err(Error::Unauthorized),
        Err(RenameTileError::WrongMediaId(_)) => Err(Error::NoTitle(title.to_owned())),
        Err(RenameTileError::Ice(source)) => Err(Error::Call {
            doing: "rename the title",
            source,
        }),
    }
}

/// Adds tags to a title, or removes them.
pub(super) async fn tag(
    viewer: &Viewer,
    session: &Session,
    action: TagAction,
    title: &str,
    tags: &[String],
) -> Result<(), Error> {
    const DOING: &str = "change the tags";
    let id = find::one_id(viewer, title).await?;
    let catalog = viewer.catalog().await?;
    let token = session.token();
    let no_title = || Error::NoTitle(title.to_owned());
    match action {
        TagAction::Add => catalog
            .add_tags(&id, tags, &token)
            .await
            .map_err(|error| match error {
                AddTagsError::Unauthorized(_) => Error::Unauthorized,
                AddTagsError::WrongMediaId(_) => no_title(),
                AddTagsError::Ice(source) => Error::Call {
                    doing: DOING,
                    source,
                },
            }),
        TagAction::Remove => catalog
            .remove_tags(&id, tags, &token)
            .await
            .map_err(|error| match error {
                RemoveTagsError::Unauthorized(_) => Error::Unauthorized,
                RemoveTagsError::WrongMediaId(_) => no_title(),
                RemoveTagsError::Ice(source) => Error::Call {
                    doing: DOING,
                    source,
                },
            }),
    }
}
