//! RTP (RFC 3550): what goes on the wire for one track, and many packets laid out to go at once.

mod batch;
mod track;

pub(crate) use batch::{Batch, Framing, Span, Stream};
pub(crate) use track::{HEADER, Outgoing};
