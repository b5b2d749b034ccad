//! What can go wrong with a database, told so that an administrator knows what to do.

use std::error::Error as StdError;

use sqlx::migrate::MigrateError;

use crate::{Engine, postgres, sqlite};

/// A database could not do what it was asked to.
///
/// The text never holds a password, nor does any cause of it.
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
    /// Its server cannot be reached, is starting or stopping, or broke the connection.
    #[error("cannot be reached: see that its server runs, and that host and port are right")]
    Away,
    /// It did not answer in time.
    #[error("does not answer in time: see whether its server runs, hangs, or has too much to do")]
    Slow,
    /// Its server does not let this user in.
    #[error(
        "refuses the login: see that user and password are right (PGPASSWORD or ~/.pgpass), and what pg_hba.conf \
         says about them"
    )]
    Login,
    /// TLS could not be agreed upon.
    #[error(
        "cannot be reached over TLS: see sslmode and sslrootcert in its URL, and its certificate"
    )]
    Tls,
    /// Its server has no database of this name.
    #[error("does not exist on its server: create it, with createdb for example")]
    Missing,
    /// This user may not do that.
    #[error("does not allow that to this user: make the user its owner, or grant what is missing")]
    Rights,
    /// Its server has as many connections, or as much to do, as it can bear.
    #[error(
        "has no room for more connections or work: raise max_connections or the memory of its server"
    )]
    Crowded,
    /// It may be read, but not written.
    #[error(
        "is read-only: give this user the right to write the file and its directory; of servers, name the \
         primary one"
    )]
    ReadOnly,
    /// What lies there is no database, or a damaged one.
    #[error("is damaged or no database: put a backup in its place, or move it away to start anew")]
    Corrupt,
    /// Another process has held it for longer than one should wait.
    #[error("is locked by another process: see who holds it, then try again")]
    Locked,
    /// Edits of two processes were in each other's way, and this one was given up.
    #[error("had another edit in the way of this one: try again")]
    Conflict,
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

    /// The database, as it was named when it was opened, without a password.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether the same may well succeed at once: the connection was one that had broken, as all do when a server
    /// is restarted, or another edit was in the way. Nothing is known then of whether a commit took place.
    pub fn is_passing(&self) -> bool {
        self.kind.is_passing()
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

    pub(crate) fn from_sqlx(
        engine: Engine,
        database: &str,
        doing: &'static str,
        source: sqlx::Error,
    ) -> Self {
        let kind = Kind::of(engine, &source);
        Self::new(kind, database, doing, Some(source.into()))
    }

    pub(crate) fn from_migration(
        engine: Engine,
        database: &str,
        doing: &'static str,
        source: MigrateError,
    ) -> Self {
        let kind = match &source {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Kind::of(engine, error)
            }
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                Kind::OtherVersion
            }
            _ => Kind::Refused,
        };
        Self::new(kind, database, doing, Some(source.into()))
    }
}

impl Kind {
    pub(crate) fn is_passing(self) -> bool {
        matches!(self, Self::Away | Self::Conflict)
    }

    pub(crate) fn of(engine: Engine, error: &sqlx::Error) -> Self {
        use std::io::ErrorKind::TimedOut;
        match (engine, error) {
            (Engine::Sqlite, sqlx::Error::Database(error)) => error
                .code()
                .map_or(Kind::Refused, |code| sqlite::kind_of(&code)),
            (Engine::Postgres, sqlx::Error::Database(error)) => error
                .code()
                .map_or(Kind::Refused, |code| postgres::kind_of(&code)),
            (Engine::Sqlite, sqlx::Error::PoolTimedOut) => Kind::Locked,
            (Engine::Postgres, sqlx::Error::PoolTimedOut) => Kind::Slow,
            (Engine::Sqlite, sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed) => Kind::Disk,
            (Engine::Postgres, sqlx::Error::Io(error)) if error.kind() == TimedOut => Kind::Slow,
            (Engine::Postgres, sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => Kind::Away,
            (Engine::Postgres, sqlx::Error::Tls(_)) => Kind::Tls,
            (Engine::Sqlite, sqlx::Error::PoolClosed) => Kind::Unreachable,
            (Engine::Postgres, sqlx::Error::PoolClosed) => Kind::Away,
            _ => Kind::Refused,
        }
    }
}
