//! What an administrator of this machine asks of a running service: which
//! streams there are, that one ends, which films there are, that they are looked
//! at again.
//!
//! It goes over a socket in a directory that only the user who runs the service
//! can enter: so the kernel says who may, and nothing of it can be reached from
//! the network. A question is one line of JSON, and so is its answer.

mod ask;
mod place;
mod serve;

use serde::{Deserialize, Serialize};

pub use self::{
    ask::{Service, ask, services},
    place::Error,
};
pub(crate) use self::{
    place::{Dead, Door},
    serve::Desk,
};
use crate::{controller::Report, library::Entry};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which streams are there?
    Streams,
    /// End the stream of this number.
    Kick(u64),
    /// Which files were looked at?
    Films,
    /// Look at all directories again, now.
    Reload,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// These.
    Streams(Vec<Report>),
    /// Whether there was one.
    Kicked(bool),
    /// These.
    Films {
        /// By directory and path.
        files: Vec<Entry>,
        /// Directories of which nothing can be said at the moment: they are being
        /// looked at, or their disks hang.
        silent: Vec<String>,
    },
    /// These directories.
    Reloading(Vec<String>),
}
