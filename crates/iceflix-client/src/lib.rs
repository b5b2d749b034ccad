//! The viewer's way, as a library: connect, log in, find, watch; and the
//! commands on top of it.
//!
//! A viewer knows one proxy, that of Main, and gets everything else from
//! there. Nothing here speaks to the broker, and no password is kept: only its
//! hash, in memory, for as long as a session renews its token.

pub mod cli;
pub mod find;
pub mod password;
pub mod player;

mod error;
mod session;
mod stream;
mod viewer;

pub use error::Error;
pub use session::Session;
pub use stream::Stream;
pub use viewer::Viewer;

/// Where Main is unless the viewer says otherwise.
pub const DEFAULT_MAIN: &str = "Main:tcp -h 127.0.0.1 -p 9095";
