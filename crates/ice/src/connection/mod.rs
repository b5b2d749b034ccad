//! Connections: who is at the other end, when it ends, and how idle ones are watched.

mod info;
mod listeners;

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

pub use info::{Certificate, ConnectionInfo, TlsInfo};

use crate::adapter::Adapter;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::identity::Identity;
use crate::proxy::ObjectPrx;
use crate::sent::{CompressBatch, Sending};

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

impl AcmClose {
    fn from_wire(number: i32) -> Option<Self> {
        [
            Self::Off,
            Self::OnIdle,
            Self::OnInvocation,
            Self::OnInvocationAndIdle,
            Self::OnIdleForceful,
        ]
        .into_iter()
        .find(|close| *close as i32 == number)
    }
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

impl AcmHeartbeat {
    fn from_wire(number: i32) -> Option<Self> {
        [Self::Off, Self::OnDispatch, Self::OnIdle, Self::Always]
            .into_iter()
            .find(|heartbeat| *heartbeat as i32 == number)
    }
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

    pub(crate) fn sys(&self) -> &ice_sys::Connection {
        &self.sys
    }

    /// What is known of it: both addresses, the certificates of the peer, and more.
    ///
    /// # Errors
    ///
    /// What ended the connection, where it has ended.
    pub fn info(&self) -> Result<ConnectionInfo, Error> {
        Ok(ConnectionInfo::from_sys(self.sys.info()?))
    }

    /// The address of the peer; `None` where the connection is closed, or has none.
    ///
    /// An IPv4 address is given as such, also where it came in on an IPv6 socket.
    #[must_use]
    pub fn remote_address(&self) -> Option<SocketAddr> {
        let (address, port) = self.sys.remote_address().ok()?;
        info::socket_address(&address, i32::from(port))
    }

    /// The endpoint that it was made from.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::from_sys(self.sys.endpoint().unwrap_or_default())
    }

    /// The name of its transport: `tcp`, `ssl`, `udp`, `ws`, `wss`.
    #[must_use]
    pub fn transport(&self) -> String {
        self.sys.transport().unwrap_or_default()
    }

    /// How long connecting, sending and closing may take; `None` for as long as it likes.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        let milliseconds = u64::try_from(self.sys.timeout().unwrap_or(-1)).ok();
        milliseconds.map(Duration::from_millis)
    }

    /// Asks the system for buffers of these sizes, in bytes. What it gives may be more or less: [`Connection::info`] tells.
    ///
    /// # Errors
    ///
    /// What ended the connection, where it has ended; `Socket` where the system says no.
    pub fn set_buffer_sizes(&self, receive: usize, send: usize) -> Result<(), Error> {
        let size = |size: usize| i32::try_from(size).unwrap_or(i32::MAX);
        Ok(self.sys.set_buffer_sizes(size(receive), size(send))?)
    }

    /// What ended the connection; `None` while it lives.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        self.sys.error().map(Error::from)
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

    /// As [`Connection::close`] with [`Close::Gracefully`], once all calls under way from this side have their answers.
    ///
    /// A thread waits for that: the future may be dropped, and the connection is closed all the same.
    ///
    /// # Errors
    ///
    /// `Syscall` where the system has no thread left to wait in.
    pub fn close_with_wait(
        &self,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static + use<> {
        let sys = self.sys.clone();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let waiting = std::thread::Builder::new()
            .name("ice-close".to_owned())
            .spawn(move || {
                // What is closed already needs no closing; and nobody may wait any more.
                let _ = sys.close(ice_sys::Close::GracefullyWithWait);
                let _ = sender.send(());
            });
        async move {
            waiting.map_err(|error| Error::new(ErrorKind::Syscall, error.to_string()))?;
            // It fails where the thread has ended, and then nothing is left to wait for.
            let _ = receiver.await;
            Ok(())
        }
    }

    /// Sends what fixed proxies of this connection have collected; over when it is sent.
    ///
    /// It begins at once; the future may be dropped, and it is sent all the same.
    ///
    /// # Errors
    ///
    /// Where the connection is closed.
    pub fn flush_batch_requests(
        &self,
        compress: CompressBatch,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static + use<> {
        Sending::start(|waiting| self.sys.flush(compress.to_sys(), waiting)).end()
    }

    /// Sends a heartbeat: the peer hears from this side without a request. Over when it is sent.
    ///
    /// # Errors
    ///
    /// Where the connection is closed.
    pub fn heartbeat(&self) -> impl Future<Output = Result<(), Error>> + Send + 'static + use<> {
        Sending::start(|waiting| self.sys.heartbeat(waiting)).end()
    }

    /// Has `callback` called at each heartbeat of the peer, in the place of an earlier callback.
    ///
    /// It is called on a thread of Ice and must not block. It is kept until the connection ends, or until
    /// [`Connection::ignore_heartbeats`].
    pub fn on_heartbeat(&self, callback: impl Fn() + Send + Sync + 'static) {
        // What is closed has no heartbeats.
        let _ = self.sys.set_heartbeat_callback(Some(Box::new(callback)));
    }

    /// Ends what [`Connection::on_heartbeat`] has begun.
    pub fn ignore_heartbeats(&self) {
        let _ = self.sys.set_heartbeat_callback(None);
    }

    /// How this connection is watched while it is idle: all of it, where it lives.
    #[must_use]
    pub fn acm(&self) -> Acm {
        let Ok((timeout, close, heartbeat)) = self.sys.acm() else {
            return Acm::default();
        };
        Acm {
            timeout: u64::try_from(timeout).ok().map(Duration::from_secs),
            close: AcmClose::from_wire(close),
            heartbeat: AcmHeartbeat::from_wire(heartbeat),
        }
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
    pub fn create_proxy(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        Ok(ObjectPrx::new(self.sys.proxy(&identity.into().to_sys())?))
    }

    /// Lets the peer call the objects of this adapter over the connection, or those of none.
    ///
    /// # Errors
    ///
    /// Where the connection is closed or the adapter deactivated.
    pub fn set_adapter<'a>(&self, adapter: impl Into<Option<&'a Adapter>>) -> Result<(), Error> {
        Ok(self.sys.set_adapter(adapter.into().map(Adapter::sys))?)
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
