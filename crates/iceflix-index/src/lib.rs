//! The packet index of a film: what goes out on the wire, and where in the file it lies.
//!
//! A film is compiled once into a sequence of RTP packets. Of each packet the index keeps what a
//! sender must know (when, which track, time stamp, marker) and where the payload's bytes are: a
//! few of them in the index itself, nearly all in the film's own file. Sending is then a walk along
//! this sequence, without any knowledge of containers and codecs.
//!
//! This crate is the seam between the side that makes an index and the side that sends from it. It
//! must never know GStreamer, Ice, or the network.
//!
//! # On disk
//!
//! One title is one directory:
//!
//! | file | what it holds |
//! | --- | --- |
//! | `title.json` | the [`Title`], and the lengths of the other files |
//! | `packets` | the packets of all tracks, merged in the order of sending; about 6 bytes a packet |
//! | `seek` | entries of one size, one for each random access point |
//! | `side` | payload that the film's file does not hold as it is; only where there is some |
//!
//! The directory takes its name only when it is complete ([`Writer::finish`]), so a reader never
//! meets half an index, unless it is handed one to read while it grows ([`Writer::share`]): a film
//! can be played as soon as its first seconds are indexed. What is read is treated as hostile all the same: it is checked record by
//! record, and whatever is wrong is [`Error::Damaged`].

mod cursor;
mod error;
mod growth;
mod index;
mod packet;
mod record;
mod seek;
mod store;
mod sweep;
mod title;
mod varint;
mod writer;

pub use cursor::Cursor;
pub use error::Error;
pub use index::Index;
pub use packet::{MAX_PAYLOAD, MAX_PIECES, Packet, Piece};
pub use seek::SeekPoint;
pub use sweep::sweep;
pub use title::{Kind, MAX_TRACKS, Title, Track};
pub use writer::Writer;
