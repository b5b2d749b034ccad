//! Names and tags, changed.

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
    let renamed = viewer.rename(&id, name, &session.token()).await;
    renamed.map_err(|error| named(error, title))
}

/// Adds tags to a title, or removes them.
pub(super) async fn tag(
    viewer: &Viewer,
    session: &Session,
    action: TagAction,
    title: &str,
    tags: &[String],
) -> Result<(), Error> {
    let id = find::one_id(viewer, title).await?;
    let token = session.token();
    let changed = match action {
        TagAction::Add => viewer.add_tags(&id, tags, &token).await,
        TagAction::Remove => viewer.remove_tags(&id, tags, &token).await,
    };
    changed.map_err(|error| named(error, title))
}

/// A title is called as its viewer called it, not by its id.
fn named(error: Error, title: &str) -> Error {
    match error {
        Error::NoTitle(_) => Error::NoTitle(title.to_owned()),
        other => other,
    }
}
