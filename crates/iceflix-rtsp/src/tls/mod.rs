//! RTSP over TLS (`rtsps`): the certificate, and what becomes of bytes between a player and a
//! connection.

mod certificate;
mod channel;

pub(crate) use certificate::Certificate;
pub(crate) use channel::Channel;
