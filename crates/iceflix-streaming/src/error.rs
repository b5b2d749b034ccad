//! What keeps the service from starting.

use std::net::SocketAddr;

/// Why the Streaming service cannot start. Each says what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What any service may meet: a wrong property, a port in use.
    #[error(transparent)]
    Service(#[from] iceflix_service::Error),
    /// The directory of films.
    #[error(transparent)]
    Library(#[from] crate::library::Error),
    /// The RTSP server.
    #[error("{source} ({property})")]
    Rtsp {
        /// The property that it is about.
        property: &'static str,
        /// Why it did not start.
        source: iceflix_rtsp::Error,
    },
    /// The operating system refused to deliver SIGUSR1, by which a rescan is
    /// asked for.
    #[error("cannot wait for SIGUSR1: {0}")]
    Signal(#[source] std::io::Error),
}

impl Error {
    /// Why the RTSP server did not start, whose endpoint without TLS that is.
    pub(crate) fn rtsp(source: iceflix_rtsp::Error, open: SocketAddr) -> Self {
        let property = match &source {
            iceflix_rtsp::Error::Certificate { .. } => {
                "IceFlix.Streaming.Rtsps.Certificate and IceFlix.Streaming.Rtsps.Key"
            }
            iceflix_rtsp::Error::Bind { endpoint, .. } if *endpoint != open => {
                "IceFlix.Streaming.Rtsps.Endpoint"
            }
            _ => "IceFlix.Streaming.Rtsp.Endpoint",
        };
        Self::Rtsp { property, source }
    }
}

impl From<iceflix_service::settings::Error> for Error {
    fn from(error: iceflix_service::settings::Error) -> Self {
        Self::Service(error.into())
    }
}
