//! What keeps the service from starting.

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
    #[error("{source} (IceFlix.Streaming.Rtsp.Endpoint)")]
    Rtsp {
        /// Why it did not start.
        source: iceflix_rtsp::Error,
    },
    /// The operating system refused to deliver SIGUSR1, by which a rescan is
    /// asked for.
    #[error("cannot wait for SIGUSR1: {0}")]
    Signal(#[source] std::io::Error),
}

impl From<iceflix_service::settings::Error> for Error {
    fn from(error: iceflix_service::settings::Error) -> Self {
        Self::Service(error.into())
    }
}
