//! What the tests stand on: a real broker on free ports, sample films, real
//! processes. Everything that is started here ends when its value is dropped,
//! and when the test itself is killed.
//!
//! A helper of a test has nobody to report an error to: what goes wrong here
//! panics, with all that is known about it.

#![allow(
    clippy::unwrap_used,
    reason = "a failure here is a failure of the test"
)]

pub mod broker;
pub mod film;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "load")]
pub mod peer;
pub mod platform;
pub mod port;
pub mod postgres;
pub mod process;
pub mod screen;
#[cfg(feature = "load")]
pub mod twins;
pub mod usage;

pub use broker::Broker;
pub use platform::Platform;
pub use postgres::Postgres;
pub use process::Process;
pub use screen::Screen;
#[cfg(feature = "load")]
pub use twins::Twins;
