//! An open database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::{Error, Kind, Location, Schema, sqlite};

/// Connections that read side by side; each is a thread of its own.
const READERS: u32 = 4;

/// How long a caller waits for a connection, and opening for another process that holds the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is certain once [`Database::commit`] has returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The edit is on the disk and outlives a loss of power.
    Disk,
    /// The edit outlives this process, killed or not; a loss of power may undo the last ones. It does
    /// not wait for the disk.
    Process,
}

/// A transaction that writes; dropped without [`Database::commit`] it changes nothing.
pub type Edit = sqlx::Transaction<'static, Any>;

/// An open database: one connection that writes, several that read beside it.
///
/// Cheap to clone; the connections close when the last clone is dropped, or by
/// [`close`](Database::close).
#[derive(Debug, Clone)]
pub struct Database {
    readers: AnyPool,
    // One alone: writers of this process then wait for each other in turn, and not by asking SQLite
    // again and again.
    writer: AnyPool,
    name: Arc<str>,
}

impl Database {
    /// Opens the database at `location`, makes it where there is none, and brings it to `schema`.
    ///
    /// The file and missing directories are made for this user alone (modes 0600 and 0700). Several
    /// processes may open one database at once, also a new one.
    ///
    /// # Errors
    ///
    /// Every [`Kind`]; the text names the database and what to do.
    ///
    /// # Cancellation
    ///
    /// Harmless: a schema step is taken whole or not at all.
    pub async fn open(
        location: &Location,
        schema: &Schema,
        durability: Durability,
    ) -> Result<Self, Error> {
        const OPENING: &str = "opening it";
        sqlx::any::install_default_drivers();

        let name = location.to_string();
        let unreachable = |error: std::io::Error| {
            Error::new(Kind::Unreachable, &name, OPENING, Some(error.into()))
        };
        let path = std::path::absolute(location.path()).map_err(unreachable)?;
        sqlite::prepare(&path).map_err(unreachable)?;
        let options: AnyConnectOptions = sqlite::url(&path)?
            .parse()
            .map_err(|error| Error::from_sqlx(&name, OPENING, error))?;
        let options = options.disable_statement_logging();

        let started = Instant::now();
        while let Err(error) = bring_up_to(schema, &options, &name).await {
            // SQLite does not wait for the lock by itself when the journal mode changes.
            if error.kind() != Kind::Locked || started.elapsed() > PATIENCE {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }

        let pool = |connections| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(PATIENCE)
                .idle_timeout(None)
                .max_lifetime(None)
                // A connection to a file does not break; asking first would double each call.
                .test_before_acquire(false)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        connection
                            .execute(AssertSqlSafe(sqlite::settings(durability)))
                            .await?;
                        Ok(())
                    })
                })
                .connect_lazy_with(options.clone())
        };
        Ok(Self {
            readers: pool(READERS),
            writer: pool(1),
            name: name.into(),
        })
    }

    /// Where statements that only read are executed.
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins an edit. Edits of this process follow each other; those of other processes are waited for,
    /// five seconds at most.
    ///
    /// # Errors
    ///
    /// [`Kind::Locked`] where the wait was in vain, else as the database is.
    pub async fn write(&self) -> Result<Edit, Error> {
        self.writer
            .begin_with(sqlite::BEGIN_WRITE)
            .await
            .map_err(self.failed("beginning an edit"))
    }

    /// Ends an edit; what that promises was chosen with [`Durability`].
    ///
    /// # Errors
    ///
    /// As the database is; then nothing of the edit was kept.
    pub async fn commit(&self, edit: Edit) -> Result<(), Error> {
        edit.commit()
            .await
            .map_err(self.failed("committing an edit"))
    }

    /// Turns what sqlx says into an [`Error`] that names this database, and what was being done with it:
    /// `"adding a user"`.
    pub fn failed(&self, doing: &'static str) -> impl Fn(sqlx::Error) -> Error + use<> {
        let name = Arc::clone(&self.name);
        move |error| Error::from_sqlx(&name, doing, error)
    }

    /// Closes every connection and waits until they are closed; later calls fail.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}

async fn bring_up_to(
    schema: &Schema,
    options: &AnyConnectOptions,
    name: &str,
) -> Result<(), Error> {
    const OPENING: &str = "opening it";
    let failed = |error| Error::from_sqlx(name, OPENING, error);

    let mut connection = AnyConnection::connect_with(options).await.map_err(failed)?;
    connection
        .execute(AssertSqlSafe(sqlite::settings(Durability::Disk)))
        .await
        .map_err(failed)?;
    connection
        .execute(sqlite::WRITE_AHEAD)
        .await
        .map_err(failed)?;
    // All steps in one transaction that holds the lock: of two processes that start at once, the
    // second finds the work done.
    let mut edit = connection
        .begin_with(sqlite::BEGIN_WRITE)
        .await
        .map_err(failed)?;
    schema
        .apply(&mut edit)
        .await
        .map_err(|error| Error::from_migration(name, "bringing its schema up to date", error))?;
    edit.commit().await.map_err(failed)?;
    connection.close().await.map_err(failed)
}
