/// How the calls of a proxy travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvocationMode {
    /// With an answer.
    #[default]
    Twoway,
    /// Over a connection, without an answer.
    Oneway,
    /// As a datagram.
    Datagram,
    /// As `Oneway`, collected until the proxy is flushed.
    BatchOneway,
    /// As `Datagram`, collected until the proxy is flushed.
    BatchDatagram,
}

/// In what order a proxy tries its endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointSelection {
    /// At random, which spreads clients over servers.
    #[default]
    Random,
    /// In the order in which they stand in the proxy.
    Ordered,
}
