//! What is known of a connection.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// What is known of a connection: of its transport and of those that that is built upon, in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionInfo {
    /// Whether the peer made it.
    pub incoming: bool,
    /// The name of the adapter that it came in by; empty where it was made here.
    pub adapter_name: String,
    /// The connection id of the proxies that share it.
    pub connection_id: String,
    /// The address of this side; `None` where the transport has none.
    pub local_address: Option<SocketAddr>,
    /// The address of the peer; `None` where the transport has none, or datagrams come from anybody.
    pub remote_address: Option<SocketAddr>,
    /// The size of the receive buffer, in bytes; 0 where it is not known.
    pub receive_buffer: usize,
    /// The size of the send buffer, in bytes; 0 where it is not known.
    pub send_buffer: usize,
    /// The group whose datagrams are received here.
    pub multicast: Option<SocketAddr>,
    /// The headers of the HTTP request that made a WebSocket, or of the answer to it.
    pub headers: Option<BTreeMap<String, String>>,
    /// What TLS knows of the peer; `None` without TLS.
    pub tls: Option<TlsInfo>,
}

/// What TLS knows of the peer of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The name of the cipher.
    pub cipher: String,
    /// The certificates of the peer, its own first; none where it showed none.
    pub certificates: Vec<Certificate>,
    /// Whether they were verified.
    pub verified: bool,
}

/// An X.509 certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// The whole of it, as PEM.
    pub pem: String,
    /// Whom it names: a distinguished name, `CN=client,OU=viewers`.
    pub subject: String,
    /// Who signed it: a distinguished name.
    pub issuer: String,
    /// Its serial number.
    pub serial: String,
}

/// An IPv4 address is given as such, also where it came in on an IPv6 socket. `None` where there is no address.
pub(super) fn socket_address(address: &str, port: i32) -> Option<SocketAddr> {
    // A link-local address names its interface after a percent sign.
    let address = address.split('%').next()?;
    Some(SocketAddr::new(
        address.parse::<IpAddr>().ok()?.to_canonical(),
        u16::try_from(port).ok()?,
    ))
}

impl ConnectionInfo {
    pub(super) fn from_sys(facts: ice_sys::ConnectionFacts) -> Self {
        let size = |size: i32| usize::try_from(size).unwrap_or(0);
        let headers = facts.headers.into_iter();
        let certificates = facts.certificates.into_iter();
        Self {
            incoming: facts.incoming,
            adapter_name: facts.adapter_name,
            connection_id: facts.connection_id,
            local_address: socket_address(&facts.local_address, facts.local_port),
            remote_address: socket_address(&facts.remote_address, facts.remote_port),
            receive_buffer: size(facts.receive_buffer),
            send_buffer: size(facts.send_buffer),
            multicast: socket_address(&facts.multicast_address, facts.multicast_port),
            headers: facts
                .websocket
                .then(|| headers.map(|header| (header.key, header.value)).collect()),
            tls: facts.tls.then(|| TlsInfo {
                cipher: facts.cipher,
                verified: facts.verified,
                certificates: certificates
                    .map(|certificate| Certificate {
                        pem: certificate.pem,
                        subject: certificate.subject,
                        issuer: certificate.issuer,
                        serial: certificate.serial,
                    })
                    .collect(),
            }),
        }
    }
}
