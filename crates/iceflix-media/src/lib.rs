//! A film file becomes something that can be streamed.
//!
//! [`probe`] says what a file holds and whether it can be served; [`compile`] makes the packet
//! index that a streaming server sends from; [`MediaId`] is the name of a file's bytes; [`samples`]
//! makes three short films for those who have none at hand. GStreamer does the demultiplexing and
//! the payloading, once a file: when a viewer comes, it is not needed any more.
//!
//! All functions here block, for as long as a file takes. Callers run them on threads of their own,
//! as many at a time as they have processors for, and end them early with a [`Cancel`].
//!
//! This crate must never know Ice, the network, or who asks.
//!
//! # How a file is compiled
//!
//! ```text
//!  source element ── demultiplexer ─┬─ payloader ─────────── collected as units ─┐
//!  (remembers which memory          ├─ parser ── payloader ─ collected as units ─┼─ merged by time ── index
//!   came from which offset)         ├─ decoder ── encoder ── payloader ─ ...     │
//!                                   └─ left out, with a reason                   ┘
//! ```
//!
//! Demultiplexers and payloaders hand on parts of the memory that they were given. What the packets
//! are made of can therefore be found again in the file by its address: nearly all of a film is
//! never copied, neither here nor into the index. What is new for another container or codec is a
//! line in a table: `container` (how a file is recognised, what takes it apart) and `format` (what
//! puts a codec into packets, and what has to stand before that). A few payloaders are our own
//! (`packetise`); what a demultiplexer does not say of a track is seen in the first of it (`tracks`,
//! `format`).

mod cancel;
mod compile;
mod container;
mod demux;
mod error;
mod film;
mod format;
mod hash;
mod packetise;
mod plugins;
mod probe;
pub mod samples;
mod source;
mod tracks;

pub use cancel::{Cancel, Progress};
pub use compile::{Begun, compile, compile_growing};
pub use error::Error;
pub use hash::{InvalidMediaId, MediaId, hash};
pub use plugins::init;
pub use probe::{Found, Probe, Way, probe};
