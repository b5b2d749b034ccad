//! The sender: a few threads that walk along indexes and put packets on the wire when they are due.
//!
//! A stream is no thread, no pipeline and no socket of its own, but a position in an index
//! ([`Stream`]) that belongs to one of the threads ([`lane`]). A thread sleeps until the earliest
//! packet of all its streams is due, and polls nothing.
//!
//! # One pair of UDP ports for all viewers of a thread
//!
//! The alternative, a connected pair for each track, hands every report and every ICMP error to the
//! right stream for free, and costs four descriptors and four port numbers a viewer; thousands of
//! viewers then want thousands of ports in a firewall. With one shared pair a UDP viewer costs no
//! descriptor beside its RTSP connection. The price is paid here: receivers' reports are told apart
//! by their source address, and ICMP errors come by way of the error queue (`IP_RECVERR`), which
//! tells whom the lost packet was for.

mod disk;
mod ending;
mod held;
mod lane;
mod pool;
mod route;
mod stream;
mod timeline;
mod udp;
mod worker;

#[cfg(test)]
mod tests;

pub(crate) use lane::{Cued, From, Lane, Notice, Ticket};
pub(crate) use pool::Pool;
pub(crate) use route::{Place, Route};
pub(crate) use stream::{Leg, NORMAL, Opening};
