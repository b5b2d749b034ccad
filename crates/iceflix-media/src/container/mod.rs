//! Containers: how they are recognised, what takes them apart, and whether a file is whole.

mod avi;
mod matroska;
mod mp4;

use std::fs::File;
use std::io;
use std::path::Path;

use crate::Error;

/// A kind of file that films are served out of.
pub(crate) struct Container {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The names that GStreamer gives it when it recognises one.
    pub(crate) caps: &'static [&'static str],
    /// The element that takes it apart.
    pub(crate) demuxer: &'static str,
    /// Whether the demultiplexer's segments are the edit list of the film, which moves its tracks
    /// against each other. Where they are not, they only tell where reading began, and change at
    /// will.
    pub(crate) has_edits: bool,
    /// Whether it tells when pictures are presented, and not only in which order they are decoded.
    pub(crate) tells_presentation: bool,
    /// Looks, without reading the content, whether a file of this length in bytes is whole.
    pub(crate) check: fn(&File, u64) -> Result<(), Defect>,
}

/// All containers that films are served out of.
pub(crate) static TABLE: &[Container] = &[
    Container {
        name: "MP4 and QuickTime",
        caps: &[
            "video/quicktime",
            "audio/x-m4a",
            "application/x-3gp",
            "video/mj2",
        ],
        demuxer: "qtdemux",
        has_edits: true,
        tells_presentation: true,
        check: mp4::check,
    },
    Container {
        name: "Matroska",
        caps: &[
            "video/x-matroska",
            "video/x-matroska-3d",
            "video/webm",
            "audio/x-matroska",
            "audio/webm",
        ],
        demuxer: "matroskademux",
        has_edits: false,
        tells_presentation: true,
        check: matroska::check,
    },
    Container {
        name: "MPEG transport stream",
        caps: &["video/mpegts"],
        demuxer: "tsdemux",
        has_edits: false,
        tells_presentation: true,
        check: tells_nothing,
    },
    Container {
        name: "MPEG program stream",
        caps: &["video/mpeg", "video/x-cdxa"],
        demuxer: "mpegpsdemux",
        has_edits: false,
        tells_presentation: true,
        check: tells_nothing,
    },
    Container {
        name: "AVI",
        caps: &["video/x-msvideo"],
        demuxer: "avidemux",
        has_edits: false,
        tells_presentation: false,
        check: avi::check,
    },
    Container {
        name: "Ogg",
        caps: &["application/ogg", "video/ogg", "audio/ogg"],
        demuxer: "oggdemux",
        has_edits: false,
        tells_presentation: true,
        check: tells_nothing,
    },
    Container {
        name: "Flash video",
        caps: &["video/x-flv"],
        demuxer: "flvdemux",
        has_edits: false,
        tells_presentation: true,
        check: tells_nothing,
    },
];

/// Of a kind of file that may end anywhere, and does not say where it should.
fn tells_nothing(_: &File, _: u64) -> Result<(), Defect> {
    Ok(())
}

/// What is wrong with a file as a whole.
#[derive(Debug)]
pub(crate) enum Defect {
    Unreadable(io::Error),
    Truncated(String),
    Broken(String),
}

impl From<io::Error> for Defect {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Defect {
    /// The defect as an error of the file `path`.
    pub(crate) fn of(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Unreadable(source) => Error::Unreadable { path, source },
            Self::Truncated(reason) => Error::Truncated { path, reason },
            Self::Broken(reason) => Error::Broken { path, reason },
        }
    }
}

/// The container that GStreamer calls `name`.
pub(crate) fn find(name: &str) -> Option<&'static Container> {
    TABLE
        .iter()
        .find(|container| container.caps.contains(&name))
}

/// All names, for messages.
pub(crate) fn names() -> String {
    TABLE
        .iter()
        .map(|container| container.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether a kind that is not in the table is one of films all the same.
pub(crate) fn may_hold_video(name: &str) -> bool {
    name.starts_with("video/") || name == "application/vnd.rn-realmedia"
}
