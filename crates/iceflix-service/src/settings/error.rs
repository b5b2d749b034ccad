//! What can be wrong with what a process was told.

use std::{io, path::PathBuf};

/// A setting that cannot be used. Each says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file named by `--Ice.Config` cannot be read.
    #[error("--Ice.Config={}: {source}: name a file of lines like Name=value", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A property that begins like ours and is none.
    #[error(
        "there is no property {name}: {}",
        match near {
            Some(near) => format!("did you mean {near}?"),
            None => "`iceflix properties` lists those there are".to_owned(),
        }
    )]
    Unknown {
        /// What was written.
        name: String,
        /// The known name that is most like it, where one is like it.
        near: Option<&'static str>,
    },
    /// A value that its property does not take.
    #[error("{name}={value}: expected {expected}")]
    Value {
        /// The property.
        name: String,
        /// What was written.
        value: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// A property that has no default and was not set.
    #[error("set {name}: {about}")]
    Missing {
        /// The property.
        name: &'static str,
        /// What it is for.
        about: &'static str,
    },
    /// A directory that cannot be made.
    #[error("cannot make the directory {} ({name}): {source}", path.display())]
    Directory {
        /// The property that names it.
        name: &'static str,
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Ice refused a property of its own.
    #[error("Ice does not accept these properties: {0}")]
    Ice(#[source] ice::Error),
}
