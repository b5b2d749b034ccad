//! Where files are read from: the disk, or memory in tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The largest file that is read. ZeroC's own largest Slice file has 60 kB.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A place that files are read from.
pub trait Reader {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::NotFound`] where there is no such file (the search for an include goes on), any other kind
    /// where there is one that cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// One name for each file, whatever the path that leads to it.
    fn identity(&self, path: &Path) -> PathBuf;
}

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Reader for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let length = std::fs::metadata(path)?.len();
        if length > MAX_FILE_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has {length} bytes, and Slice files may have {MAX_FILE_BYTES}"),
            ));
        }
        std::fs::read(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }
}

/// Files that exist in memory only.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// No files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more file.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normal(path.as_ref()), text.into());
        self
    }
}

impl Reader for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(&normal(path))
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn identity(&self, path: &Path) -> PathBuf {
        normal(path)
    }
}

fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}
