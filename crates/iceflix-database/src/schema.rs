//! The steps that bring a database to the schema of this version.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, SqlSafeStr};

/// The schema of one service, as the steps that lead to it.
///
/// A step that was released is never changed: databases remember the digest of each step they took and
/// refuse to be opened by a program that knows it differently.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
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
}

impl Schema {
    /// Takes the steps that the database of `connection` has not taken yet.
    pub(crate) async fn apply(
        &self,
        connection: &mut AnyConnection,
    ) -> Result<(), sqlx::migrate::MigrateError> {
        let steps = self.steps.iter().map(|step| {
            Migration::new(
                step.version,
                Cow::Borrowed(step.name),
                MigrationType::Simple,
                AssertSqlSafe(step.sqlite).into_sql_str(),
                false,
            )
        });
        // `run` would do, but the compiler cannot see that its future is `Send`.
        Migrator::with_migrations(steps.collect())
            .run_direct(None, connection, false)
            .await
    }
}
