//! What the service stores, and the rules for it; nothing here speaks to the network.
//!
//! [`Catalog`] is the database: titles and their tags ([`title`], [`tag`]), edits, and searches that ignore
//! letter case (`fold`). All titles are in memory too (`index`), in step with the database (`mirror`), so that no search
//! reads it. [`Holders`] is memory alone: which providers have a title, newest first.

mod catalog;
mod clock;
mod edit;
mod error;
mod fold;
mod holders;
mod index;
mod mirror;
mod row;
mod schema;
mod search;
pub mod tag;
pub mod title;

pub use catalog::{Catalog, Discovered, MOST_TITLES};
pub use clock::Clock;
pub use error::Error;
pub use holders::{Holders, LONGEST_PROVIDER_ID};
#[cfg(feature = "sample")]
pub(crate) use schema::SCHEMA;
pub use search::{Found, MOST_FOUND};
