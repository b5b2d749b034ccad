//! What every IceFlix service is made of: properties, logs, shutdown,
//! announcements, the table of the other services, failover, token checks,
//! what it tells of itself.
//!
//! A service crate brings its servant and its rules; everything that two of
//! them would have in common is here. It knows nothing of users, titles or
//! films.

pub mod log;
pub mod metrics;
pub mod peers;
pub mod settings;
pub mod status;
pub mod token;

mod announcer;
mod listener;
mod service;
mod shutdown;
mod waiting;

pub use announcer::Announcement;
pub use service::{Error, Role, Service, topic};
pub use settings::Settings;
pub use shutdown::Shutdown;
