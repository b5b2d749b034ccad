//! Statements with a bound: none waits for ever, however the database hangs.

use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use async_stream::try_stream;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::any::{AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Either, Execute, Executor, SqlStr};
use tokio::time::timeout;

use crate::Engine;
use crate::reach::Reach;

/// Why a connection is there.
const IN_USE: &str = "nothing is executed while it is dropped";

/// How long a caller waits for a connection.
pub(crate) const ACQUIRED_WITHIN: Duration = Duration::from_secs(5);

impl Engine {
    /// How long a statement may go without an answer or a further row.
    ///
    /// A server that does not answer is a server that hangs. A file has nobody to hang but the disk; what takes long
    /// there is work.
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::Sqlite => Duration::from_secs(60),
            Self::Postgres => Duration::from_secs(5),
        }
    }
}

/// Where statements that only read are executed, each on a connection of its own: pass a reference to it where
/// sqlx wants an executor. A statement may be cancelled.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: AnyPool,
    reach: Arc<Reach>,
}

impl Reader {
    pub(crate) fn new(pool: AnyPool, reach: Arc<Reach>) -> Self {
        Self { pool, reach }
    }

    async fn statements(&self) -> Result<Statements, sqlx::Error> {
        Statements::begin(&self.pool, &self.reach).await
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction that writes; dropped without [`Database::commit`](crate::Database::commit) it changes nothing. Pass
/// `&mut *edit` where sqlx wants an executor.
#[derive(Debug)]
pub struct Edit {
    statements: Statements,
    ended: bool,
}

impl Edit {
    /// Begins it with the statement `begin`.
    pub(crate) async fn begin(
        pool: &AnyPool,
        reach: &Arc<Reach>,
        begin: &'static str,
    ) -> Result<Self, sqlx::Error> {
        let mut edit = Self {
            statements: Statements::begin(pool, reach).await?,
            ended: false,
        };
        edit.run(begin).await?;
        Ok(edit)
    }

    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.run("COMMIT").await?;
        self.ended = true;
        Ok(())
    }
}

impl Deref for Edit {
    type Target = Statements;

    fn deref(&self) -> &Statements {
        &self.statements
    }
}

impl DerefMut for Edit {
    fn deref_mut(&mut self) -> &mut Statements {
        &mut self.statements
    }
}

impl Drop for Edit {
    fn drop(&mut self) {
        if self.ended || self.statements.is_lost() {
            return;
        }
        let mut statements = Statements {
            connection: self.statements.connection.take(),
            ..self.statements
        };
        // Without a runtime nobody can roll back; closed with it, the connection does the same.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Where nothing had begun yet, this fails, as it should.
                let _ = statements.run("ROLLBACK").await;
            });
        }
    }
}

/// One connection while it is used: what an [`Edit`] executes its statements on.
pub struct Statements {
    // Nothing only while its owner is dropped.
    connection: Option<PoolConnection<Any>>,
    engine: Engine,
    // A statement was begun and has not been answered.
    unanswered: bool,
}

impl Statements {
    /// On a connection of this pool.
    async fn begin(pool: &AnyPool, reach: &Arc<Reach>) -> Result<Self, sqlx::Error> {
        Ok(Self {
            connection: Some(reach.acquire(pool).await?),
            engine: reach.engine(),
            unanswered: false,
        })
    }

    /// Waits for one answer on the connection, which is lost where none comes.
    async fn answer<'c, T>(
        &'c mut self,
        ask: impl FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let patience = self.engine.patience();
        self.unanswered = true;
        let connection = self.connection.as_mut().expect(IN_USE);
        let answer = timeout(patience, ask(connection)).await;
        let answer = answer.map_err(|_| unanswered())?;
        self.unanswered = false;
        answer
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        (&mut *self)
            .execute(AssertSqlSafe(statement))
            .await
            .map(drop)
    }

    /// Whether the other side may still be at work for somebody who has gone. SQLite, in this process, is
    /// waited for by whoever has the connection next.
    fn is_lost(&self) -> bool {
        self.unanswered && self.engine == Engine::Postgres
    }

    fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect(IN_USE)
    }
}

impl Drop for Statements {
    fn drop(&mut self) {
        // To be handed back it would have to be waited for. Closed, it makes the server roll back.
        if self.is_lost()
            && let Some(connection) = self.connection.take()
        {
            drop(connection.detach());
        }
    }
}

impl fmt::Debug for Statements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statements")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

type Rows<'e> = BoxStream<'e, Result<Either<AnyQueryResult, AnyRow>, sqlx::Error>>;

impl<'c> Executor<'c> for &'c mut Statements {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> Rows<'e>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(try_stream! {
            let patience = self.engine.patience();
            self.unanswered = true;
            let mut rows = self.connection().fetch_many(query);
            loop {
                match timeout(patience, rows.next()).await.map_err(|_| unanswered())? {
                    Some(Ok(row)) => yield row,
                    Some(Err(error)) => {
                        drop(rows);
                        self.unanswered = false;
                        Err(error)?;
                        unreachable!("an error ends the stream");
                    }
                    None => break,
                }
            }
            drop(rows);
            self.unanswered = false;
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(self.answer(|connection| connection.fetch_optional(query)))
    }

    fn prepare_with<'e>(
        self,
        statement: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(self.answer(move |connection| connection.prepare_with(statement, parameters)))
    }
}

impl<'c> Executor<'c> for &'c Reader {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> Rows<'e>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(try_stream! {
            let mut statements = self.statements().await?;
            let mut rows = statements.fetch_many(query);
            while let Some(row) = rows.next().await {
                yield row?;
            }
        })
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<AnyRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        Box::pin(async move {
            let mut statements = self.statements().await?;
            statements.fetch_optional(query).await
        })
    }

    fn prepare_with<'e>(
        self,
        statement: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, Result<AnyStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        Box::pin(async move {
            let mut statements = self.statements().await?;
            statements.prepare_with(statement, parameters).await
        })
    }
}

/// As a socket would say it: then it is clear to everybody that nothing is known of what became of the statement.
fn unanswered() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time").into()
}
