//! Opens a service's database and answers for it: where it lies, that it is private, that its schema is
//! current, what a commit promises, and errors that name the database and say what to do.
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
//!     steps: &[Step {
//!         version: 1,
//!         name: "films",
//!         sqlite: "CREATE TABLE films (id TEXT PRIMARY KEY)",
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

mod database;
mod error;
mod location;
mod schema;
mod sqlite;

pub use database::{Database, Durability, Edit};
pub use error::{Error, Kind};
pub use location::{Location, Unusable};
pub use schema::{Schema, Step};
