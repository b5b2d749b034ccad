//! A small schema in two versions, and what tests do with it.

use iceflix_database::{Edit, Schema, Step};

const FILMS: Step = Step {
    version: 1,
    name: "films",
    sqlite: "CREATE TABLE films (name TEXT PRIMARY KEY)",
    postgres: "CREATE TABLE films (name TEXT PRIMARY KEY)",
};
const YEARS: Step = Step {
    version: 2,
    name: "years",
    sqlite: "ALTER TABLE films ADD COLUMN year BIGINT NOT NULL DEFAULT 0",
    postgres: "ALTER TABLE films ADD COLUMN year BIGINT NOT NULL DEFAULT 0",
};

pub(crate) const OLD: Schema = Schema {
    name: "films",
    steps: &[FILMS],
};
pub(crate) const NEW: Schema = Schema {
    name: "films",
    steps: &[FILMS, YEARS],
};

pub(crate) async fn insert(edit: &mut Edit, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO films (name) VALUES ($1)")
        .bind(name.to_owned())
        .execute(&mut **edit)
        .await
        .map(drop)
}
