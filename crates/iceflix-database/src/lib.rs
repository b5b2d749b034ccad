//! Opens a service's database, an SQLite file or a database on a PostgreSQL server, and answers for it: where it
//! lies, that a file is private, that its schema is current, what a commit promises, that nothing waits for ever,
//! and errors that name the database and say what to do.
//!
//! It must never know what the tables mean: the schema and every statement belong to the service
//! whose data it is. Statements are written once, in the SQL that SQLite and PostgreSQL share, and go
//! through sqlx's `Any` driver.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use iceflix_database::{Database, Durability, Location, Schema, Step};
//!
//! const SCHEMA: Schema = Schema {
//!     name: "films",
//!     steps: &[Step {
//!         version: 1,
//!         name: "films",
//!         sqlite: "CREATE TABLE films (id TEXT PRIMARY KEY)",
//!         postgres: "CREATE TABLE films (id TEXT COLLATE \"C\" PRIMARY KEY)",
//!     }],
//! };
//! let location: Location = "films.sqlite".parse()?;
//! let films = Database::open(&location, &SCHEMA, Durability::Disk).await?;
//!
//! let mut edit = films.write().await?;
//! sqlx::query("INSERT INTO films (id) VALUES ($1)")
//!     .bind("ab12")
//!     .execute(&mut *edit)
//!     .await
//!     .map_err(films.failed("adding a film"))?;
//! films.commit(edit).await?;
//! # Ok(())
//! # }
//! ```

mod connect;
mod database;
mod error;
mod location;
mod postgres;
mod reach;
mod schema;
mod sqlite;
mod statements;

pub use database::{Database, Durability};
pub use error::{Error, Kind};
pub use location::{Engine, Location, Unusable};
pub use schema::{Schema, Step};
pub use statements::{Edit, Reader, Statements};
