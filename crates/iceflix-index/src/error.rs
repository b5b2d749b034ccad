//! What can be wrong with an index.

use std::io;
use std::path::{Path, PathBuf};

/// Why an index could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused to read or write a file.
    #[error("cannot {what} {}", path.display())]
    Io {
        /// What was tried, as a verb: "open", "write".
        what: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why the system refused.
        source: io::Error,
    },
    /// A file of the index does not hold what an index holds. The remedy is to compile the film
    /// again.
    #[error("the index file {} is damaged ({reason}); delete it, and the film is indexed anew", path.display())]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// What was found wrong.
        reason: String,
    },
    /// The index is of another version of this crate. The remedy is to compile the film again.
    #[error("the index {} is of version {found}, this program reads version {wanted}; delete it, and the film is indexed anew", path.display())]
    Version {
        /// The description that tells the version.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that this crate reads and writes.
        wanted: u32,
    },
    /// The film is no longer the file that was compiled.
    #[error("{} has {found} bytes and had {indexed} when it was indexed: it is another file now", path.display())]
    SourceChanged {
        /// The film.
        path: PathBuf,
        /// Its length when it was compiled, in bytes.
        indexed: u64,
        /// Its length now, in bytes.
        found: u64,
    },
    /// The index was read while it was made, and its making was given up: there are no packets
    /// behind the last one.
    #[error("the index {} was given up before it was complete", path.display())]
    Abandoned {
        /// The index's directory, as it would have been.
        path: PathBuf,
    },
    /// The film that is open is not, or no longer, what was indexed.
    #[error("{} {what} while it was played", path.display())]
    SourceGone {
        /// The film.
        path: PathBuf,
        /// What happened to it: "was deleted".
        what: &'static str,
    },
    /// What was handed to a [`Writer`](crate::Writer) cannot be kept. A fault of the one who
    /// writes.
    #[error("this cannot be put into an index: {reason}")]
    Refused {
        /// What was wrong with it.
        reason: String,
    },
}

impl Error {
    /// An adapter for `map_err`: the system refused `what` on `path`.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }
}
