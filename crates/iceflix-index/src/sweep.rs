//! Removing what killed processes left half done.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::{Error, store};

/// How the directories of unfinished indexes begin.
pub(crate) const PREFIX: &str = ".partial-";

/// Removes the unfinished indexes in `dir` that nobody is writing any more, and returns how many
/// there were. Those that some process is at work on, this one or another, are left alone: their
/// writers hold a lock, which ends with the process.
///
/// # Errors
///
/// [`Error::Io`] where `dir` cannot be read, or a leftover cannot be removed. A `dir` that does not
/// exist holds no leftovers.
pub fn sweep(dir: &Path) -> Result<usize, Error> {
    if !dir.exists() {
        return Ok(0);
    }
    let mut removed = 0;
    for entry in fs::read_dir(dir).map_err(Error::io("read", dir))? {
        let entry = entry.map_err(Error::io("read", dir))?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Whether the lock is held can be asked only of a file that is there: a directory without
        // one is being begun right now.
        let Ok(packets) = File::open(entry.path().join(store::PACKETS)) else {
            continue;
        };
        match packets.try_lock() {
            Ok(()) => {
                fs::remove_dir_all(entry.path()).map_err(Error::io("remove", &entry.path()))?
            }
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &entry.path())(e)),
        }
        removed += 1;
    }
    Ok(removed)
}
