//! The other services: who is there, and how to call one of them.

pub mod round;

mod admission;
mod announcements;
mod candidates;
mod change;
mod failure;
mod in_turn;
mod proof;
mod proxy;
mod table;

pub use announcements::{Departures, Registry};
pub use candidates::{Candidate, Candidates, Known};
pub use change::{Change, Event, Kind};
pub use failure::{Failure, is_unreachable};
pub use in_turn::InTurn;
