//! Endpoints: where an object is reached, and by which transport.

use std::fmt;
use std::time::Duration;

use crate::encoding::EncodingVersion;

/// An endpoint of a proxy, an adapter or a connection.
///
/// [`fmt::Display`] gives its string form, `tcp -h 127.0.0.1 -p 10000 -t 60000`, which [`crate::Prx::with_endpoints`] reads
/// (several with colons between them); [`Endpoint::info`] says what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    text: String,
    info: EndpointInfo,
}

/// What an endpoint stands for: its transport, and those that that is built upon, in one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EndpointInfo {
    /// How it is reached.
    pub transport: Transport,
    /// Whether requests travel as datagrams.
    pub datagram: bool,
    /// Whether they are encrypted.
    pub secure: bool,
    /// Whether they are compressed.
    pub compress: bool,
    /// How long connecting, sending and closing may take; `None` for as long as it likes, and for datagrams.
    pub timeout: Option<Duration>,
    /// Host and port; `None` where the transport knows none.
    pub address: Option<EndpointAddress>,
    /// What there is for datagrams beyond the address.
    pub multicast: Option<Multicast>,
    /// The resource of a WebSocket: `/` and more.
    pub resource: Option<String>,
    /// What was read of a transport that this process does not know.
    pub opaque: Option<OpaqueEndpoint>,
}

/// How an endpoint is reached: the number that stands for it in encoded proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// `tcp`.
    Tcp,
    /// `ssl`.
    Ssl,
    /// `udp`.
    Udp,
    /// `ws`.
    Ws,
    /// `wss`.
    Wss,
    /// `bt`, Bluetooth.
    Bt,
    /// `bts`, Bluetooth with TLS.
    Bts,
    /// Any other.
    Other(i16),
}

impl Transport {
    fn from_wire(number: i16) -> Self {
        match number {
            1 => Self::Tcp,
            2 => Self::Ssl,
            3 => Self::Udp,
            4 => Self::Ws,
            5 => Self::Wss,
            6 => Self::Bt,
            7 => Self::Bts,
            other => Self::Other(other),
        }
    }

    /// The number that stands for it in encoded proxies.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Tcp => 1,
            Self::Ssl => 2,
            Self::Udp => 3,
            Self::Ws => 4,
            Self::Wss => 5,
            Self::Bt => 6,
            Self::Bts => 7,
            Self::Other(number) => number,
        }
    }
}

/// Host and port of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EndpointAddress {
    /// A name or an address; empty for all that this host has.
    pub host: String,
    /// The port; 0 where the system is to choose one.
    pub port: u16,
    /// The address that connections are made from; empty for any.
    pub source_address: String,
}

/// How datagrams to a group are sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Multicast {
    /// The network interface; empty for the one that the system chooses.
    pub interface: String,
    /// How many hops they go; `None` for what the system has set.
    pub ttl: Option<u8>,
}

/// An endpoint in its encoded form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OpaqueEndpoint {
    /// The encoding of the bytes; `None` where it is none of those that are known.
    pub encoding: Option<EncodingVersion>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Endpoint {
    pub(crate) fn from_sys(facts: ice_sys::EndpointFacts) -> Self {
        let port = |port: i32| u16::try_from(port).unwrap_or(0);
        Self {
            info: EndpointInfo {
                transport: Transport::from_wire(facts.transport),
                datagram: facts.datagram,
                secure: facts.secure,
                compress: facts.compress,
                timeout: u64::try_from(facts.timeout).ok().map(Duration::from_millis),
                address: facts.addressed.then(|| EndpointAddress {
                    host: facts.host,
                    port: port(facts.port),
                    source_address: facts.source_address,
                }),
                multicast: facts.udp.then(|| Multicast {
                    interface: facts.multicast_interface,
                    ttl: u8::try_from(facts.multicast_hops).ok(),
                }),
                resource: facts.websocket.then_some(facts.resource),
                opaque: facts.opaque.then(|| OpaqueEndpoint {
                    encoding: EncodingVersion::from_wire(
                        facts.encoding_major,
                        facts.encoding_minor,
                    )
                    .ok(),
                    bytes: facts.bytes,
                }),
            },
            text: facts.text,
        }
    }

    pub(crate) fn all(
        found: Result<Vec<ice_sys::EndpointFacts>, ice_sys::Failure>,
    ) -> Vec<Endpoint> {
        let found = found.unwrap_or_default();
        found.into_iter().map(Self::from_sys).collect()
    }

    /// What it stands for.
    #[must_use]
    pub fn info(&self) -> &EndpointInfo {
        &self.info
    }
}

/// The string form.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether it has this string form.
impl PartialEq<str> for Endpoint {
    fn eq(&self, text: &str) -> bool {
        self.text == text
    }
}

/// Whether it has this string form.
impl PartialEq<&str> for Endpoint {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}
