//! What the service stores, and the rules for it; nothing here speaks to the network.
//!
//! [`Catalog`] is the database: titles and their tags ([`title`], [`tag`]), edits, and searches that ignore
//! letter case (`fold`). [`Holders`] is memory: which providers have a title, newest first.

mod catalog;
mod edit;
mod error;
mod fold;
mod holders;
mod schema;
mod search;
pub mod tag;
pub mod title;

pub use catalog::Catalog;
pub use error::Error;
pub use holders::{Holders, LONGEST_PROVIDER_ID};
pub use search::{Found, MOST_FOUND};
