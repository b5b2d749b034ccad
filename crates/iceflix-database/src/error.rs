//! What can go wrong with a database, told so that an administrator knows what to do.

use std::io;
use std::sync::Arc;

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
    source: Option<Cause>,
}

/// What is behind an [`Error`], as the driver or the server said it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Cause {
    kind: Kind,
    text: Arc<str>,
    /// The caller has waited for it to pass already.
    waited_for: bool,
    /// Somebody is there, who does not speak as a server does.
    foreign: bool,
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
        match &self.source {
            Some(cause) => cause.is_passing(),
            None => self.kind.is_passing(),
        }
    }

    /// Whether the database may well be there later, without anybody changing what is said of it: its server cannot be
    /// reached, does not answer, or has no room. What answers and is no PostgreSQL will not become one.
    pub fn is_away(&self) -> bool {
        let is_foreign = self.source.as_ref().is_some_and(|cause| cause.foreign);
        !is_foreign && matches!(self.kind, Kind::Away | Kind::Slow | Kind::Crowded)
    }

    pub(crate) fn new(kind: Kind, database: &str, doing: &'static str) -> Self {
        Self {
            kind,
            database: database.to_owned(),
            doing,
            source: None,
        }
    }

    pub(crate) fn from_cause(database: &str, doing: &'static str, cause: Cause) -> Self {
        Self {
            source: Some(cause.clone()),
            ..Self::new(cause.kind, database, doing)
        }
    }

    pub(crate) fn from_io(
        kind: Kind,
        database: &str,
        doing: &'static str,
        error: &io::Error,
    ) -> Self {
        Self::from_cause(database, doing, Cause::new(kind, error.to_string()))
    }

    pub(crate) fn from_sqlx(
        engine: Engine,
        database: &str,
        doing: &'static str,
        error: sqlx::Error,
    ) -> Self {
        Self::from_cause(database, doing, Cause::of(engine, &error))
    }

    pub(crate) fn from_migration(
        engine: Engine,
        database: &str,
        doing: &'static str,
        error: MigrateError,
    ) -> Self {
        let cause = match &error {
            MigrateError::Execute(error) => Cause::of(engine, error),
            MigrateError::ExecuteMigration(error, step) => {
                let cause = Cause::of(engine, error);
                let text = format!("step {step}: {}", cause.text);
                Cause {
                    text: text.into(),
                    ..cause
                }
            }
            MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) => {
                Cause::new(Kind::OtherVersion, error.to_string())
            }
            _ => Cause::new(Kind::Refused, error.to_string()),
        };
        Self::from_cause(database, doing, cause)
    }
}

impl Cause {
    fn new(kind: Kind, text: String) -> Self {
        Self {
            kind,
            text: text.into(),
            waited_for: false,
            foreign: false,
        }
    }

    pub(crate) fn of(engine: Engine, error: &sqlx::Error) -> Self {
        let text = match error {
            // The server's own words; sqlx adds a line of the server's source code.
            sqlx::Error::Database(error) => error.message().to_owned(),
            sqlx::Error::AnyDriverError(error) => match error.downcast_ref::<Self>() {
                Some(cause) => return cause.clone(),
                None => error.to_string(),
            },
            sqlx::Error::Io(error) => error.to_string(),
            error => error.to_string(),
        };
        Self {
            foreign: matches!(error, sqlx::Error::Protocol(_)),
            ..Self::new(Kind::of(engine, error), text)
        }
    }

    /// Why nobody was let in for as long as a caller waits.
    pub(crate) fn waited_for(engine: Engine, error: &sqlx::Error) -> Self {
        Self {
            waited_for: true,
            ..Self::of(engine, error)
        }
    }

    pub(crate) fn is_passing(&self) -> bool {
        self.kind.is_passing() && !self.waited_for
    }
}

impl Kind {
    fn is_passing(self) -> bool {
        matches!(self, Self::Away | Self::Conflict)
    }

    fn of(engine: Engine, error: &sqlx::Error) -> Self {
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
