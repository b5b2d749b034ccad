//! An open database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tokio::time::timeout;
use tracing::warn;

use crate::connect::{self, Target};
use crate::error::Cause;
use crate::reach::Reach;
use crate::statements::ACQUIRED_WITHIN;
use crate::{Edit, Engine, Error, Kind, Location, Reader, Schema, postgres};

/// Connections that read side by side. To SQLite each is a thread of its own; on a server each is a process. More
/// than the processors that serve them only wait for each other.
const READERS: u32 = 4;

/// Connections that write. A file has one writer at a time: with one connection, writers of this process wait for each
/// other in turn, and not by asking SQLite again and again. A server flushes the edits of several connections together,
/// so that up to about this many double what goes through; with [`READERS`], a dozen services fit into the
/// 100 connections that a server allows unless told otherwise.
const SERVER_WRITERS: u32 = 4;

/// How long opening waits for another process that holds the file; bringing a schema up to date is quick in most.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long closing a connection may take that has done its work.
const GONE_WITHIN: Duration = Duration::from_secs(1);

/// How long opening waits for a connection, and then for its turn to look at the schema: a little longer than a file or a
/// server waits for a lock before it says so itself.
const CONNECTED_WITHIN: Duration = Duration::from_secs(6);

/// How long a schema may take to be brought up to date, once it is this process's turn.
const UP_TO_DATE_WITHIN: Duration = Duration::from_secs(600);

/// How long a connection that was idle may take to prove that it still is one.
const PROVEN_WITHIN: Duration = Duration::from_secs(1);

/// How long after a failure that is likely to pass the second try is.
const SECOND_TRY_AFTER: Duration = Duration::from_millis(50);

/// How long closing waits for statements that are being executed.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// What is being done where nobody is let in.
const REACHING: &str = "reaching its server";

/// What is certain once [`Database::commit`] has returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The edit is on the disk and outlives a loss of power; where a PostgreSQL server has synchronous standbys, on
    /// theirs too.
    Disk,
    /// The edit outlives this process and the server, killed or not. In a file, a loss of power may undo the last
    /// ones: it does not wait for the disk. A server flushes it, but waits for no standby.
    Process,
}

/// An open database: connections that read, and others that write beside them.
///
/// Nothing here waits for ever. A caller waits five seconds at most for a connection, another five for a lock of
/// another process, and on a server five for each answer: a server that hangs costs an error after five to ten
/// seconds. Any call may be cancelled; an edit that was begun is undone then.
///
/// Cheap to clone; the connections close when the last clone is dropped, or by
/// [`close`](Database::close).
#[derive(Debug, Clone)]
pub struct Database {
    reader: Reader,
    writer: AnyPool,
    reach: Arc<Reach>,
    name: Arc<str>,
    steps: Arc<str>,
}

impl Database {
    /// Opens the database at `location` and brings it to `schema`.
    ///
    /// An SQLite file and missing directories are made for this user alone (modes 0600 and 0700); a database on a
    /// server has to be there, and may be empty. Several processes may open one database at once, also a new one.
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
        let target = Target::of(location, durability)?;
        let started = Instant::now();
        let mut told = false;
        while let Err(error) = bring_up_to(schema, &target).await {
            // SQLite does not wait for the lock by itself when the journal mode changes.
            if error.kind() != Kind::Locked || started.elapsed() > PATIENCE {
                return Err(error);
            }
            if !told && started.elapsed() > CONNECTED_WITHIN {
                warn!(database = %target.name, "waiting for another process that holds it");
                told = true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let reach = Arc::new(Reach::new(target.engine, target.options.clone()));
        Ok(Self {
            reader: Reader::new(pool(&target, READERS), Arc::clone(&reach)),
            writer: match target.engine {
                Engine::Sqlite => pool(&target, 1),
                Engine::Postgres => pool(&target, SERVER_WRITERS),
            },
            reach,
            name: target.name,
            steps: schema.table().into(),
        })
    }

    /// Which program keeps it, for the few statements in which the two differ.
    pub fn engine(&self) -> Engine {
        self.reach.engine()
    }

    /// Where statements that only read are executed.
    pub fn read(&self) -> &Reader {
        &self.reader
    }

    /// Begins an edit.
    ///
    /// In a file, edits of this process follow each other, and those of other processes are waited for. On a
    /// server they go on side by side at the isolation level "read committed": whoever reads in order to write locks first
    /// what it reads, by updating it.
    ///
    /// # Errors
    ///
    /// [`Kind::Locked`] or [`Kind::Slow`] where the wait was in vain, else as the database is.
    pub async fn write(&self) -> Result<Edit, Error> {
        Edit::begin(&self.writer, &self.reach, connect::begin(self.engine()))
            .await
            .map_err(self.failed("beginning an edit"))
    }

    /// Ends an edit; what that promises was chosen with [`Durability`].
    ///
    /// # Errors
    ///
    /// As the database is; then nothing of the edit was kept, unless it was the connection that broke at this very moment
    /// ([`Kind::Away`], [`Kind::Slow`]): then nobody knows.
    pub async fn commit(&self, edit: Edit) -> Result<(), Error> {
        edit.commit()
            .await
            .map_err(self.failed("committing an edit"))
    }

    /// Tries something, and once more where that failed for a reason that is likely to have passed
    /// ([`Error::is_passing`]): so a server that was restarted, or an edit that was in the way, fails no call.
    ///
    /// What is tried begins its edit anew each time, and has to be harmless if it was carried out the first time after
    /// all.
    ///
    /// # Errors
    ///
    /// That of the last try.
    pub async fn again<T, E, F>(&self, attempt: impl Fn() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: std::error::Error + 'static,
    {
        match attempt().await {
            Err(error) if is_passing(&error) => {
                // An edit that is in the way is given the time to end; otherwise the two may meet again.
                tokio::time::sleep(SECOND_TRY_AFTER).await;
                attempt().await
            }
            done => done,
        }
    }

    /// Whether it can be read now: looks at a table of its schema.
    ///
    /// # Errors
    ///
    /// Where it cannot; of a server that is away, as soon as that is known.
    pub async fn ping(&self) -> Result<(), Error> {
        let statement = format!("SELECT count(*) FROM {}", self.steps);
        let looked = sqlx::query(AssertSqlSafe(statement)).fetch_optional(&self.reader);
        tokio::select! {
            biased;
            looked = looked => looked.map(drop).map_err(self.failed("looking at it")),
            error = self.away() => Err(error),
        }
    }

    /// Why its server lets nobody in; `None` where nothing is known of that. For those who wait less long than this
    /// database does, and want to say why it was in vain.
    pub fn absence(&self) -> Option<Error> {
        let cause = self.reach.absence()?;
        Some(Error::from_cause(&self.name, REACHING, cause))
    }

    /// Returns when its server lets nobody in, which is noticed while somebody waits for an answer: a tenth of a second
    /// later. May be cancelled. Never returns of a file.
    pub async fn away(&self) -> Error {
        Error::from_cause(&self.name, REACHING, self.reach.absent().await)
    }

    /// Turns what sqlx says into an [`Error`] that names this database, and what was being done with it:
    /// `"adding a user"`.
    pub fn failed(&self, doing: &'static str) -> impl Fn(sqlx::Error) -> Error + use<> {
        let (engine, name) = (self.engine(), Arc::clone(&self.name));
        move |error| Error::from_sqlx(engine, &name, doing, error)
    }

    /// Closes every connection and waits until they are closed, five seconds at most; later calls fail. A service
    /// that has less time to stop may stop waiting: what was committed needs no closing.
    pub async fn close(&self) {
        let closed = async {
            self.writer.close().await;
            self.reader.close().await;
        };
        let _ = timeout(CLOSED_WITHIN, closed).await;
    }
}

/// Whether a failure of a database, or of what was done with it, is likely to have passed.
fn is_passing(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<Error>() {
            return error.is_passing();
        }
        // Where an error of the caller's is transparent, it stands for ours, and its cause is that of ours.
        if let Some(cause) = error.downcast_ref::<Cause>() {
            return cause.is_passing();
        }
        cause = error.source();
    }
    false
}

fn pool(target: &Target, connections: u32) -> AnyPool {
    let settings = target.settings.clone();
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRED_WITHIN)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move {
                connection
                    .execute(AssertSqlSafe(&*settings))
                    .await
                    .map(drop)
            })
        });
    let options = match target.engine {
        // A connection to a file does not break; asking first would double each call.
        Engine::Sqlite => options.idle_timeout(None).max_lifetime(None),
        // Whoever comes next notices that the server was restarted, and connects anew, rather than fail. That costs
        // a round trip for each edit, and for each statement that reads.
        Engine::Postgres => options.before_acquire(|connection, _| {
            Box::pin(async move {
                let proof = timeout(PROVEN_WITHIN, connection.ping()).await;
                Ok(matches!(proof, Ok(Ok(()))))
            })
        }),
    };
    options.connect_lazy_with(target.options.clone())
}

async fn bring_up_to(schema: &Schema, target: &Target) -> Result<(), Error> {
    const OPENING: &str = "opening the database";
    let failed = |error| Error::from_sqlx(target.engine, &target.name, OPENING, error);
    let slow = |_| Error::new(Kind::Slow, &target.name, OPENING);

    let connected = async {
        let mut connection = AnyConnection::connect_with(&target.options).await?;
        connection.execute(AssertSqlSafe(&*target.settings)).await?;
        for statement in connect::prepare_file(target.engine) {
            connection.execute(*statement).await?;
        }
        Ok(connection)
    };
    let connected = timeout(CONNECTED_WITHIN, connected).await.map_err(slow)?;
    let mut connection = connected.map_err(failed)?;

    // All steps in one transaction that holds the lock: of two processes that start at once, the
    // second finds the work done.
    let begun = async { connection.begin_with(connect::begin(target.engine)).await };
    let begun = timeout(CONNECTED_WITHIN, begun).await.map_err(slow)?;
    let mut edit = begun.map_err(failed)?;
    if target.engine == Engine::Postgres {
        wait_for_turn(&mut edit, target).await?;
    }

    let brought = async {
        if target.engine == Engine::Sqlite {
            schema.adopt(&mut edit).await.map_err(failed)?;
        }
        schema
            .apply(target.engine, &mut edit)
            .await
            .map_err(|error| {
                const DOING: &str = "bringing its schema up to date";
                Error::from_migration(target.engine, &target.name, DOING, error)
            })?;
        edit.commit().await.map_err(failed)
    };
    timeout(UP_TO_DATE_WITHIN, brought).await.map_err(slow)??;
    // What is to be kept is kept.
    let _ = timeout(GONE_WITHIN, connection.close()).await;
    Ok(())
}

/// Within a transaction: waits until no other process looks at the schema; then none does until it ends. To begin suffices
/// for that in a file.
async fn wait_for_turn(edit: &mut AnyConnection, target: &Target) -> Result<(), Error> {
    const WAITING: &str = "waiting for another process that brings its schema up to date";
    let failed = |error| Error::from_sqlx(target.engine, &target.name, WAITING, error);
    let error = |kind| Error::new(kind, &target.name, WAITING);
    let started = Instant::now();
    loop {
        // Asked for again and again, so that a server that hangs is told from a turn that has not come.
        let asked = sqlx::query_scalar(postgres::TRY_LOCK_SCHEMA).fetch_one(&mut *edit);
        let asked = timeout(CONNECTED_WITHIN, asked).await;
        if asked.map_err(|_| error(Kind::Slow))?.map_err(failed)? {
            break;
        }
        if started.elapsed() > UP_TO_DATE_WITHIN {
            return Err(error(Kind::Locked));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let asked = timeout(CONNECTED_WITHIN, edit.execute(postgres::WITHOUT_HASTE)).await;
    asked.map_err(|_| error(Kind::Slow))?.map_err(failed)?;
    Ok(())
}
