//! What can go wrong, in words for whoever reads the log.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Why a server could not start, or a stream could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint cannot be listened on.
    #[error("cannot listen for RTSP on {endpoint}{}", bind_advice(source))]
    Bind {
        /// The endpoint of the configuration.
        endpoint: SocketAddr,
        /// Why the system refused.
        source: io::Error,
    },
    /// The certificate for RTSP over TLS, or its key, is of no use.
    #[error("cannot use the {what} {} for RTSP over TLS", path.display())]
    Certificate {
        /// Which of the two files: "certificate" or "private key".
        what: &'static str,
        /// The file of the configuration.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The sender threads could not get what they need.
    #[error("cannot {what} for the RTP sender")]
    Sender {
        /// What was tried, as a verb and its object: "open a pair of UDP ports".
        what: &'static str,
        /// Why the system refused.
        source: io::Error,
    },
    /// A port that no stream can be pushed to.
    #[error(
        "RTP cannot be pushed to port {port}: the stream takes the ports {port} to {last}, and 65535 is the highest"
    )]
    Port {
        /// The port that was asked for.
        port: u16,
        /// The last port that the stream would take.
        last: u32,
    },
    /// The viewer cannot be reached from the address that the server is bound to.
    #[error(
        "{to} cannot be reached from the RTSP endpoint's address {from}: set the endpoint to an address that viewers can reach"
    )]
    Unreachable {
        /// The viewer.
        to: IpAddr,
        /// The server's own address.
        from: IpAddr,
        /// What the system said, if it was asked.
        source: Option<io::Error>,
    },
    /// The title's index cannot be read.
    #[error("the index of the title cannot be read")]
    Index(#[from] iceflix_index::Error),
    /// The index is still being made, and has not come as far as the viewer wants to be.
    #[error("the film is not indexed up to {} s yet: it can be played from an earlier moment, or from there a little later", moment.as_secs())]
    NotIndexed {
        /// The moment of the film.
        moment: Duration,
    },
    /// The disk of the film or its index does not answer.
    #[error("the disk that the film or its index lies on does not answer")]
    Disk,
    /// The film's payload cannot be read.
    #[error("the film cannot be read at byte {offset}{}", read_advice(source))]
    Film {
        /// The position in the film's file (or the index's side file), in bytes.
        offset: u64,
        /// Why it could not be read.
        source: io::Error,
    },
    /// The server is stopping, so that nothing new can begin.
    #[error("the RTSP server is shutting down")]
    Stopped,
}

impl Error {
    /// The error and all its causes, on one line.
    pub(crate) fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// What to do about it, where there is something to do; the system's own words follow as the cause.
fn bind_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            ": another program has this port; stop it or choose another endpoint"
        }
        io::ErrorKind::AddrNotAvailable => {
            ": this machine has no such address; choose one of its own, or 0.0.0.0 for all"
        }
        io::ErrorKind::PermissionDenied => ": ports below 1024 are reserved; choose a higher one",
        _ => "",
    }
}

fn read_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ": the file was cut short while it was played",
        _ => "",
    }
}
