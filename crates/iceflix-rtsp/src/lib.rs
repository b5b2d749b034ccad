//! An index becomes packets on the wire: RTSP, SDP, RTP, RTCP, and the threads that send.
//!
//! A [`Server`] answers RTSP players and sends the films that are [mounted](Server::mount) under
//! secret paths, by UDP or interleaved with the RTSP connection; it also [pushes](Server::push) a
//! film to a viewer who has nothing but an SDP document. What a film is, it knows from a packet
//! index ([`iceflix_index`]): the payload goes from the film's file to the wire as it is.
//!
//! This crate must never know GStreamer, containers, codecs, Ice, or who may watch what: whoever
//! holds the path may, and of other viewers an [`Admission`] decides.
//!
//! # From top to bottom
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`rtsp`] | requests and answers, sessions, the connection's life |
//! | `sdp` | how a title is described |
//! | `sender` | which packet is due when, and the threads that wait for it |
//! | `rtp`, `rtcp` | what the packets look like |
//! | `tls` | the certificate, and what it encrypts |

mod admission;
mod config;
mod error;
mod event;
mod mount;
mod pulse;
mod push;
mod random;
mod rtcp;
mod rtp;
pub mod rtsp;
mod sdp;
mod sender;
mod server;
mod statistics;
mod tls;

pub use admission::{Admission, Claim, MAX_TOKEN, Pass, Refusal, Renewal, Token};
pub use config::{Config, Secure};
pub use error::Error;
pub use event::{End, Event, Events};
pub use mount::Mount;
pub use push::Push;
pub use server::Server;
pub use statistics::Statistics;

/// The cause of an error that is another crate's.
type Sourced = Box<dyn std::error::Error + Send + Sync>;
