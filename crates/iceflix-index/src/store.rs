//! The files of an index's directory: names, first bytes, and the description that ties them
//! together.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Title};

/// The version of all that is on disk. Any change of a format raises it; an index of another
/// version is made anew.
pub(crate) const VERSION: u32 = 1;

pub(crate) const TITLE: &str = "title.json";
pub(crate) const PACKETS: &str = "packets";
pub(crate) const SEEK: &str = "seek";
pub(crate) const SIDE: &str = "side";

/// The first bytes of `packets` and of `seek`, so that one is never taken for the other.
pub(crate) const PACKETS_MAGIC: [u8; 8] = *b"IceFlixP";
pub(crate) const SEEK_MAGIC: [u8; 8] = *b"IceFlixS";

/// No description is longer than this, in bytes: 32 tracks with all that they may carry.
const MAX_DESCRIPTION: u64 = 4 << 20;

/// What `title.json` holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) version: u32,
    /// Set when everything is written; an index that is still growing has none of the lengths yet.
    pub(crate) complete: bool,
    pub(crate) packets_len: u64,
    pub(crate) seek_len: u64,
    pub(crate) side_len: u64,
    #[serde(flatten)]
    pub(crate) title: Title,
}

impl Description {
    /// Reads and checks the description of the index in `dir`.
    pub(crate) fn read(dir: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }

        let path = dir.join(TITLE);
        let mut text = Vec::new();
        let file = fs::File::open(&path).map_err(Error::io("open", &path))?;
        file.take(MAX_DESCRIPTION + 1)
            .read_to_end(&mut text)
            .map_err(Error::io("read", &path))?;
        if text.len() as u64 > MAX_DESCRIPTION {
            return Err(Error::damaged(&path, "it is too long"));
        }
        let Version { version } =
            serde_json::from_slice(&text).map_err(|e| Error::damaged(&path, e.to_string()))?;
        if version != VERSION {
            return Err(Error::Version {
                path,
                found: version,
                wanted: VERSION,
            });
        }
        let description: Self =
            serde_json::from_slice(&text).map_err(|e| Error::damaged(&path, e.to_string()))?;
        if !description.complete {
            return Err(Error::damaged(&path, "it was never completed"));
        }
        description
            .title
            .check()
            .map_err(|e| Error::damaged(&path, e.to_string()))?;
        Ok(description)
    }
}
