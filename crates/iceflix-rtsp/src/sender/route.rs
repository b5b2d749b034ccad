//! How a stream's packets get to its viewer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::rtp::Framing;
use crate::rtsp::Outbox;

/// The way of all tracks of a stream.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// By UDP from the thread's ports; the address that packets shall come from, where the ports
    /// are bound to all.
    Datagram(Option<IpAddr>),
    /// In between the answers of the viewer's RTSP connection.
    Interleaved(Arc<Outbox>),
}

/// Where one track goes on that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The viewer's ports.
    Ports {
        /// Where RTP goes.
        rtp: SocketAddr,
        /// Where RTCP goes.
        rtcp: SocketAddr,
    },
    /// The channels of the interleaved connection.
    Channels {
        /// The channel of RTP.
        rtp: u8,
        /// The channel of RTCP.
        rtcp: u8,
    },
}

impl Route {
    pub(super) fn framing(&self) -> Framing {
        match self {
            Self::Datagram(_) => Framing::Datagram,
            Self::Interleaved(_) => Framing::Interleaved,
        }
    }
}

impl Place {
    /// The channels of RTP and RTCP; without a meaning for ports.
    pub(super) fn channels(&self) -> (u8, u8) {
        match *self {
            Self::Ports { .. } => (0, 0),
            Self::Channels { rtp, rtcp } => (rtp, rtcp),
        }
    }
}
