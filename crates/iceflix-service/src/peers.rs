//! The other services: who is there, and how to call one of them.

mod announcements;
mod candidates;
mod table;

pub use announcements::{Departures, Registry};
pub use candidates::{Candidates, Change, Event, Kind};
