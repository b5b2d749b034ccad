//! SDP documents (RFC 8866): a title in the words that players read.

mod describe;

pub(crate) use describe::{for_push, for_rtsp};
