//! What an administrator sees of a stream. Nothing in it is a secret by which
//! it could be watched or ended.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A stream, or the offer of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Names it among those of its service.
    pub number: u64,
    /// The media id.
    pub media: String,
    /// The film's name, where it is still there.
    pub name: Option<String>,
    /// Whose the token was with which the stream was opened; `None` where no
    /// Authentication service could say.
    pub user: Option<String>,
    /// Where it was opened from; `None` for the service's own process.
    pub address: Option<IpAddr>,
    /// For how long there has been this stream, in seconds.
    pub seconds: u64,
    /// Whether its token has died, and a new one is waited for.
    pub in_grace: bool,
    /// How the film goes out.
    pub way: Way,
}

/// How a film goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Not yet: nobody has asked how to get it.
    Offered,
    /// To RTSP players, this many.
    Rtsp {
        /// From their SETUP to their end.
        sessions: usize,
    },
    /// By RTP to a port that the viewer named.
    Push,
}
