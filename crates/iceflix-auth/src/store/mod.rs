//! What the service stores, and the rules for it; nothing here speaks to the network.
//!
//! A login goes one way: the name and the hash are read ([`user`]), a renewal is recognised
//! (`renewal`), those who come with the same credentials at the same time are joined (`joint`), anybody else waits for a
//! turn (`pace`), pays the slow hash (`password`), and is given a token ([`Tokens`]). Its end is noticed in `ends`, by the
//! time of the `timeline`. Users are edited by [`Users`], also from other processes.

pub mod clock;
mod ends;
mod error;
mod joint;
mod live;
mod login;
mod pace;
mod password;
mod renewal;
mod schema;
mod timeline;
pub mod token;
mod tokens;
pub mod user;
mod users;

pub use clock::Clock;
pub use error::Error;
pub use login::{Config, Counts, Refusal, Store};
pub use pace::Rules;
pub use tokens::Tokens;
pub use users::{User, Users};
