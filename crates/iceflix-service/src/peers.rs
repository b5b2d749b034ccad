//! The other services: who is there, and how to call one of them.

pub mod round;

mod announcements;
mod candidates;
pub(crate) mod complaint;
mod failure;
mod proof;
mod proxy;
mod table;

pub use announcements::{Departures, Registry};
pub use candidates::{Candidate, Candidates, Change, Event, InTurn, Kind, Known};
pub use failure::{Failure, is_unreachable};
