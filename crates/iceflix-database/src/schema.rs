//! The steps that bring a database to the schema of this version.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, SqlSafeStr};

use crate::Engine;

/// The schema of one service, as the steps that lead to it.
///
/// A step that was released is never changed: databases remember the digest of each step they took and
/// refuse to be opened by a program that knows it differently.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// What the tables hold, in a word of lower-case letters: `films`. Several schemas may share one database, and each
    /// remembers its steps in a table of this name, `schema_of_films`.
    pub name: &'static str,
    /// The steps, oldest first.
    pub steps: &'static [Step],
}

/// One step of a [`Schema`], taken whole or not at all.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The number of the step: 1, 2, 3, ...
    pub version: i64,
    /// What the step brings, in a word or two.
    pub name: &'static str,
    /// The statements of the step in SQLite's dialect.
    pub sqlite: &'static str,
    /// The same in PostgreSQL's.
    pub postgres: &'static str,
}

impl Schema {
    /// Takes over what an SQLite file of before this program knew PostgreSQL remembers of its steps, in a table that had
    /// the same name whatever the schema.
    pub(crate) async fn adopt(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        const BEFORE: &str = "_sqlx_migrations";
        let tables = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE name IN ($1, $2)")
            .bind(BEFORE)
            .bind(self.table())
            .fetch_all(&mut *connection)
            .await?;
        let tables: Vec<String> = tables;
        if tables == [BEFORE] {
            let rename = format!("ALTER TABLE {BEFORE} RENAME TO {}", self.table());
            sqlx::query(AssertSqlSafe(rename))
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// Takes the steps that the database of `connection` has not taken yet.
    pub(crate) async fn apply(
        &self,
        engine: Engine,
        connection: &mut AnyConnection,
    ) -> Result<(), sqlx::migrate::MigrateError> {
        let steps = self.steps.iter().map(|step| {
            let statements = match engine {
                Engine::Sqlite => step.sqlite,
                Engine::Postgres => step.postgres,
            };
            Migration::new(
                step.version,
                Cow::Borrowed(step.name),
                MigrationType::Simple,
                AssertSqlSafe(statements).into_sql_str(),
                false,
            )
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        migrator.dangerous_set_table_name(self.table());
        // Whoever calls holds a lock for the whole of it.
        migrator.set_locking(false);
        // `run` would do, but the compiler cannot see that its future is `Send`.
        migrator.run_direct(None, connection, false).await
    }

    /// The table that remembers the steps.
    pub(crate) fn table(&self) -> String {
        format!("schema_of_{}", self.name)
    }
}
