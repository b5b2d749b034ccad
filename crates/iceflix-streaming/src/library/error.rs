//! What can be wrong with a directory, or with a film that is asked for.

use std::{io, path::PathBuf, sync::Arc};

/// Why a directory cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory of films cannot be read, or is none.
    #[error("cannot serve films from {}: {source}; name a directory that exists and that this user may read", path.display())]
    Directory {
        /// What was named.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A fault of this program.
    #[error("the library could not be opened: the thread that keeps it panicked")]
    Panicked,
    /// There is no thread to be had.
    #[error("cannot start the thread that keeps the library: {0}")]
    Thread(#[source] io::Error),
}

/// Why a film cannot be played.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missing {
    /// It is not here.
    #[error("there is no such film here")]
    Unknown,
    /// Its index is not made yet, or anew.
    #[error("the film is being prepared: try again in a moment")]
    BeingPrepared,
    /// Its index cannot be made, for this reason, which is not the viewer's
    /// business: it names paths.
    #[error("the film cannot be prepared for playing: see the log of the streaming server")]
    Unprepared(Arc<str>),
    /// Its disk hangs.
    #[error("the disk with the film does not answer: try again in a moment")]
    NoAnswer,
    /// The system refused to open it.
    #[error("the film cannot be opened at the moment: see the log of the streaming server")]
    Unreadable,
}
