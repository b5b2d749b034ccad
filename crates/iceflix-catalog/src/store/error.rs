//! What can go wrong in the store.

use std::sync::Arc;

use crate::store::{tag, title};

/// The store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed; its text names it and says what to do.
    #[error(transparent)]
    Database(#[from] iceflix_database::Error),
    /// The database has not been asked for too long, and what was known before is too old.
    #[error("the catalogue may be outdated: its database cannot be asked")]
    OutOfStep {
        /// What the database said; nothing where it does not answer.
        #[source]
        cause: Option<Arc<iceflix_database::Error>>,
    },
    /// There is no room for more.
    #[error("the catalogue is full: IceFlix.Catalog.MaxTitles is a bound for what it holds")]
    Full,
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

impl Error {
    /// Whether the database may well be there later, without anybody changing what is said of it.
    pub(crate) fn is_away(&self) -> bool {
        match self {
            Self::Database(error) => error.is_away(),
            Self::OutOfStep { cause } => cause
                .as_deref()
                .is_none_or(iceflix_database::Error::is_away),
            _ => false,
        }
    }
}
