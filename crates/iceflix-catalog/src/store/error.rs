//! What can go wrong in the store.

use crate::store::{tag, title};

/// The store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed; its text names it and says what to do.
    #[error(transparent)]
    Database(#[from] iceflix_database::Error),
    /// There is no such title.
    #[error("no title has the id {id}")]
    Unknown {
        /// The media id.
        id: title::Id,
    },
    /// That is no name for a title.
    #[error(transparent)]
    Name(#[from] title::BadName),
    /// That is no tag.
    #[error(transparent)]
    Tag(#[from] tag::BadTag),
}
