//! What is SQLite's own: private files, the URL that sqlx wants, the settings of a connection.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Durability, Error, Kind};

/// How long a statement waits for another process's lock, in milliseconds.
const BUSY_TIMEOUT: u32 = 5_000;

/// Makes the file and the directories above it where they are missing, for this user alone.
///
/// SQLite gives its own files beside the database (`-wal`, `-shm`) the same rights.
pub(crate) fn prepare(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        // A file that is there stays untouched: to close it again would drop the locks that
        // another connection of this process holds on it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// The URL of the database file at `path`.
///
/// The path is encoded whole, slashes too: nothing in it then means anything to a URL parser.
pub(crate) fn url(path: &Path) -> Result<String, Error> {
    let text = path.to_str().ok_or_else(|| {
        Error::new(
            Kind::Unreachable,
            &path.to_string_lossy(),
            "reading its path, which is not UTF-8,",
        )
    })?;
    Ok(format!(
        "sqlite:{}?mode=rw",
        utf8_percent_encode(text, NON_ALPHANUMERIC)
    ))
}

/// The settings of every connection; they last as long as it does.
pub(crate) fn settings(durability: Durability) -> String {
    let synchronous = match durability {
        Durability::Disk => "FULL",
        Durability::Process => "NORMAL",
    };
    format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT}; PRAGMA foreign_keys = ON; \
         PRAGMA synchronous = {synchronous};"
    )
}

/// Lets readers go on beside a writer; the file remembers it.
pub(crate) const WRITE_AHEAD: &str = "PRAGMA journal_mode = WAL";

/// Begins a transaction that will write: one that takes the lock only at its first write could find
/// that what it has read is outdated, and fail without having waited.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// The kind for an extended result code of SQLite; its low byte is the primary code.
///
/// Source of the numbers: <https://www.sqlite.org/rescode.html>.
pub(crate) fn kind_of(code: &str) -> Kind {
    const PERM: u32 = 3;
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    const NOTADB: u32 = 26;
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(PERM | CANTOPEN) => Kind::Unreachable,
        Ok(BUSY | LOCKED) => Kind::Locked,
        Ok(READONLY) => Kind::ReadOnly,
        Ok(IOERR) => Kind::Disk,
        Ok(CORRUPT | NOTADB) => Kind::Corrupt,
        Ok(FULL) => Kind::Full,
        _ => Kind::Refused,
    }
}
