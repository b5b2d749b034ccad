//! What can go wrong with a database, told so that an administrator knows what to do.

use std::error::Error as StdError;

use sqlx::migrate::MigrateError;

/// A database could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{doing} failed: the database {database} {kind}")]
pub struct Error {
    kind: Kind,
    database: String,
    doing: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Why a database could not do what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Kind {
    /// Its file cannot be opened or created.
    #[error(
        "cannot be opened: see that its directory exists, and that this user may read and write both"
    )]
    Unreachable,
    /// It may be read, but not written.
    #[error("is read-only: give this user the right to write the file and its directory")]
    ReadOnly,
    /// What lies there is no database, or a damaged one.
    #[error("is damaged or no database: put a backup in its place, or move it away to start anew")]
    Corrupt,
    /// Another process has held it for longer than one should wait.
    #[error("is locked by another process: see who holds it, then try again")]
    Locked,
    /// There is no space left for it.
    #[error("has no space left: make room on its disk")]
    Full,
    /// Its schema is of another version of this program, a newer one most likely.
    #[error("was written by another version of this program: use that one, or a newer one")]
    OtherVersion,
    /// The disk below it fails.
    #[error("could not be read or written: look at the disk")]
    Disk,
    /// A statement was refused: a fault of this program.
    #[error("refused a statement, which is a fault of this program: please report it")]
    Refused,
}

impl Error {
    /// What is wrong with the database.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The database, as it was named when it was opened.
    pub fn database(&self) -> &str {
        &self.database
    }

    pub(crate) fn new(
        kind: Kind,
        database: &str,
        doing: &'static str,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            database: database.to_owned(),
            doing,
            source,
        }
    }

    pub(crate) fn from_sqlx(database: &str, doing: &'static str, source: sqlx::Error) -> Self {
        Self::new(kind_of(&source), database, doing, Some(source.into()))
    }

    pub(crate) fn from_migration(
        database: &str,
        doing: &'static str,
        source: MigrateError,
    ) -> Self {
        let kind = match &source {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                kind_of(error)
            }
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                Kind::OtherVersion
            }
            _ => Kind::Refused,
        };
        Self::new(kind, database, doing, Some(source.into()))
    }
}

fn kind_of(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Database(error) => error.code().map_or(Kind::Refused, |code| of_sqlite(&code)),
        sqlx::Error::PoolTimedOut => Kind::Locked,
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Kind::Disk,
        sqlx::Error::PoolClosed => Kind::Unreachable,
        _ => Kind::Refused,
    }
}

/// The kind for an extended result code of SQLite; its low byte is the primary code.
///
/// Source of the numbers: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: &str) -> Kind {
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
