//! Ways to watch: in a window, into a file, nowhere, or with another program.

mod external;
mod pipeline;
mod record;

pub use external::play as external;
pub use pipeline::{Ended, Sink, play};
pub use record::record;

use std::path::PathBuf;

/// Why a film could not be watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// GStreamer did not start.
    #[error("GStreamer does not start: {0}")]
    Start(#[source] gstreamer::glib::Error),
    /// A part of GStreamer is not installed.
    #[error("GStreamer has no \"{element}\": install the package {package}")]
    Missing {
        /// The element.
        element: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// There is no screen.
    #[error(
        "there is no screen for a window here: add --nowhere, --record FILE or --player PROGRAM"
    )]
    NoScreen,
    /// The film stopped because of this.
    #[error("playing failed: {0}")]
    Failed(String),
    /// The file would be overwritten.
    #[error("{} exists already: name another file", .0.display())]
    Exists(PathBuf),
    /// The file cannot be of this kind.
    #[error("{}: a film is recorded into a file that ends in .mkv or .mp4", .0.display())]
    Container(PathBuf),
    /// Another program did not start.
    #[error("cannot start {program}: {source}")]
    Program {
        /// The program.
        program: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Another program failed.
    #[error("{program} failed ({status})")]
    ProgramFailed {
        /// The program.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
}
