//! What can be wrong with a film, or with the machine that is to read it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a file cannot be probed, hashed or compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused to read the file, or it is no regular file.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why the system refused.
        source: io::Error,
    },
    /// The file has no bytes.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no video.
    #[error("{} is no video: {found}", path.display())]
    NotVideo {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        found: String,
    },
    /// The file ends before it should, as an interrupted copy does. What is there is not served:
    /// the whole file will be another media, with another id.
    #[error("{} is cut short: {reason}; copy it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The file is damaged.
    #[error("{} is damaged: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What was found wrong.
        reason: String,
    },
    /// The file is a film, but nothing in it can be sent as it is.
    #[error("{} cannot be streamed: {reason}", path.display())]
    NoServableTrack {
        /// The file.
        path: PathBuf,
        /// Why each of its tracks, or its container, is left out.
        reason: String,
    },
    /// The file changed while it was read.
    #[error("{} was changed while it was read; it is tried again when it rests", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Reading the file led nowhere for too long, and was given up.
    #[error("reading {} made no progress for {} s and was given up; the file is damaged, or its disk hangs", path.display(), bound.as_secs())]
    Stalled {
        /// The file.
        path: PathBuf,
        /// How long it was waited for progress.
        bound: Duration,
    },
    /// Somebody asked that the work end early.
    #[error("the work on {} was cancelled", path.display())]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
    /// GStreamer lacks a plug-in.
    #[error("GStreamer has no element {element}; install it with: apt-get install {package}")]
    MissingPlugin {
        /// The element that is not there.
        element: &'static str,
        /// The Debian package that holds it.
        package: &'static str,
    },
    /// GStreamer cannot be started or refused what it never should.
    #[error("GStreamer does not work: {reason}")]
    Engine {
        /// What it refused.
        reason: String,
    },
    /// The index cannot be written.
    #[error("cannot write the index of {}", path.display())]
    Index {
        /// The film.
        path: PathBuf,
        /// Why not.
        source: iceflix_index::Error,
    },
    /// A sample film cannot be written.
    #[error("cannot write {}", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why the system refused.
        source: io::Error,
    },
}

impl Error {
    /// An adapter for `map_err`: the system refused to read `path`.
    pub(crate) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unreadable { path, source }
    }

    /// An adapter for `map_err`: the system refused to write `path`.
    pub(crate) fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Unwritable { path, source }
    }

    /// An adapter for `map_err`: GStreamer refused something.
    pub(crate) fn engine(cause: impl std::fmt::Display) -> Self {
        Self::Engine {
            reason: cause.to_string(),
        }
    }
}
