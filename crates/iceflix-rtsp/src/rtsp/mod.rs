//! RTSP (RFC 2326): from the bytes of a connection to what a stream is told.

mod answer;
mod connection;
mod dispatch;
mod login;
mod machine;
mod outbox;
pub mod parse;
pub(crate) mod path;
mod patience;
mod play;
pub(crate) mod range;
mod scale;
mod session;
mod setup;
mod strangers;
mod transport;

pub(crate) use connection::{refuse, serve};
pub(crate) use login::ADMISSIONS;
pub(crate) use outbox::{OnceFlushed, Outbox};
pub(crate) use session::Word;
pub(crate) use strangers::Strangers;
