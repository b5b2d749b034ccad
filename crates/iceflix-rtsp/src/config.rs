//! What can be set about a server.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::Admission;

/// How a [`Server`](crate::Server) listens, and what it bounds.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where RTSP is spoken; port 0 takes a free one. RTP leaves from the same address, so a
    /// wildcard address serves viewers on every interface and a loopback address serves this
    /// machine alone. Default: `127.0.0.1:8554`.
    pub endpoint: SocketAddr,
    /// Where RTSP is spoken over TLS, too. Default: nowhere.
    pub secure: Option<Secure>,
    /// The silence after which a viewer counts as gone; players are told it in the `Session` header
    /// and get a quarter more. A request, an RTCP report, and over TCP the fact that data still
    /// flows, end the silence. Default: 60 s (RFC 2326, 12.37).
    pub session_timeout: Duration,
    /// How long a request may take from its first byte to its last, and a new connection to its
    /// first request. Default: 10 s.
    pub request_timeout: Duration,
    /// RTSP connections at once. For one more, one that has not yet asked for a film is closed; if
    /// there is none, the newcomer is told 503. Default: 4,096.
    pub max_connections: usize,
    /// Sessions of one mount at once: a player that reconnects, or a second one that looks into the
    /// stream, must not wait for the first to time out. Default: 4.
    pub max_sessions: usize,
    /// Threads that send. Default: one for each processor.
    pub sender_threads: usize,
    /// How far a TCP viewer who reads too slowly may fall behind before the stream skips ahead to
    /// the next keyframe. Default: 5 s.
    pub max_lag: Duration,
    /// How long a viewer's machine may go on reporting its RTP port as unreachable before the
    /// stream ends. A pushed stream has twice as long at its beginning: its viewer opens the port
    /// after the SDP has arrived. Default: 5 s.
    pub unreachable_grace: Duration,
    /// Who decides on viewers that log in to films by their names, at `/media/NAME`. Default: there
    /// are no such films.
    pub admission: Option<Arc<dyn Admission>>,
}

/// Where RTSP is spoken over TLS, and what players are shown there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secure {
    /// Where; port 0 takes a free one, 8322 is the port of `rtsps`.
    pub endpoint: SocketAddr,
    /// A PEM file with the chain of certificates, the server's own first. Both files are read again
    /// when they have changed; the connections that are there go on.
    pub certificate: PathBuf,
    /// A PEM file with the private key.
    pub key: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            endpoint: SocketAddr::from((Ipv4Addr::LOCALHOST, 8554)),
            secure: None,
            session_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(10),
            max_connections: 4_096,
            max_sessions: 4,
            sender_threads: available_parallelism().map_or(1, NonZero::get),
            max_lag: Duration::from_secs(5),
            unreachable_grace: Duration::from_secs(5),
            admission: None,
        }
    }
}

impl Config {
    /// The silence that really ends a session: what players are told, and a quarter more for those
    /// that wake up only when the time has run out.
    pub(crate) fn enforced_timeout(&self) -> Duration {
        self.session_timeout + self.session_timeout / 4
    }
}
