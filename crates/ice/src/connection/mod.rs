//! Connections: who is at the other end, when it ends, and how idle ones are watched.

mod listeners;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::adapter::Adapter;
use crate::error::Error;
use crate::identity::Identity;
use crate::proxy::ObjectPrx;

/// A connection, shared by all proxies with the same endpoint. Cloning counts a reference.
#[derive(Clone)]
pub struct Connection {
    sys: ice_sys::Connection,
}

/// How a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Close {
    /// At once, without a word to the peer; calls under way fail at both ends.
    Forcefully,
    /// The peer is told; calls under way from this side fail.
    Gracefully,
}

/// When an idle connection is closed (`Ice.ACM.Close`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcmClose {
    /// Never.
    Off = 0,
    /// When nothing was heard and no call is under way.
    OnIdle = 1,
    /// When nothing was heard and a call is under way.
    OnInvocation = 2,
    /// When nothing was heard.
    OnInvocationAndIdle = 3,
    /// When nothing was heard, without a word to the peer.
    OnIdleForceful = 4,
}

/// When heartbeats are sent (`Ice.ACM.Heartbeat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcmHeartbeat {
    /// Never.
    Off = 0,
    /// While a request of the peer is being answered.
    OnDispatch = 1,
    /// While nothing else is sent.
    OnIdle = 2,
    /// Always.
    Always = 3,
}

/// Active connection management of one connection; `None` leaves what the properties say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acm {
    /// How long nothing may be heard; whole seconds, at most 65,535.
    pub timeout: Option<Duration>,
    /// What happens then.
    pub close: Option<AcmClose>,
    /// How the peer is kept from thinking so of this side.
    pub heartbeat: Option<AcmHeartbeat>,
}

impl Acm {
    /// A time-out with these rules.
    #[must_use]
    pub fn new(timeout: Duration, close: AcmClose, heartbeat: AcmHeartbeat) -> Self {
        Self {
            timeout: Some(timeout),
            close: Some(close),
            heartbeat: Some(heartbeat),
        }
    }
}

impl Connection {
    pub(crate) fn new(sys: ice_sys::Connection) -> Self {
        Self { sys }
    }

    /// The address of the peer; `None` where the connection is closed, or has none.
    ///
    /// An IPv4 address is given as such, also where it came in on an IPv6 socket.
    #[must_use]
    pub fn remote_address(&self) -> Option<SocketAddr> {
        let (address, port) = self.sys.remote_address().ok()?;
        // A link-local address names its interface after a percent sign.
        let address = address.split('%').next()?;
        Some(SocketAddr::new(
            address.parse::<IpAddr>().ok()?.to_canonical(),
            port,
        ))
    }

    /// Has `callback` called once the connection is closed, with the reason; soon if it is closed already.
    ///
    /// It is called on a thread of Ice and must not block. It is kept as long as the connection lives; where
    /// interest may end before, [`Connection::closed`] is better.
    pub fn on_close(&self, callback: impl FnOnce(Error) + Send + 'static) {
        listeners::add(&self.sys, Box::new(callback));
    }

    /// Waits until the connection is closed: the reason. Dropping the future ends the interest in it.
    pub fn closed(&self) -> impl Future<Output = Error> + Send + 'static {
        listeners::closed(self.sys.clone())
    }

    /// Closes the connection. Proxies make a new one when they need it.
    pub fn close(&self, how: Close) {
        let how = match how {
            Close::Forcefully => ice_sys::Close::Forcefully,
            Close::Gracefully => ice_sys::Close::Gracefully,
        };
        // What is closed already needs no closing.
        let _ = self.sys.close(how);
    }

    /// Changes how this connection is watched while it is idle.
    ///
    /// # Errors
    ///
    /// Where the connection is closed.
    pub fn set_acm(&self, acm: Acm) -> Result<(), Error> {
        let seconds = acm
            .timeout
            .map(|timeout| u16::try_from(timeout.as_secs()).unwrap_or(u16::MAX));
        let close = acm.close.map(|close| close as u8);
        Ok(self.sys.set_acm(
            seconds,
            close,
            acm.heartbeat.map(|heartbeat| heartbeat as u8),
        )?)
    }

    /// A proxy for an object of the peer that calls over this very connection, whoever opened it.
    ///
    /// # Errors
    ///
    /// `IllegalIdentity` for an empty name.
    pub fn create_proxy(&self, identity: &Identity) -> Result<ObjectPrx, Error> {
        Ok(ObjectPrx::new(self.sys.proxy(&identity.to_sys())?))
    }

    /// Lets the peer call the objects of this adapter over the connection.
    ///
    /// # Errors
    ///
    /// Where the connection is closed or the adapter deactivated.
    pub fn set_adapter(&self, adapter: &Adapter) -> Result<(), Error> {
        Ok(self.sys.set_adapter(adapter.sys())?)
    }
}

/// Both ends, or that it is closed.
impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.sys.to_text().unwrap_or_default();
        f.write_str(&text.lines().collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({self})")
    }
}

impl PartialEq for Connection {
    /// Whether both are the same connection.
    fn eq(&self, other: &Self) -> bool {
        self.sys.key() == other.sys.key()
    }
}

impl Eq for Connection {}
