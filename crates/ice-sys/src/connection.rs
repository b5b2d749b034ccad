//! Handles on connections.

use cxx::SharedPtr;

use crate::Name;
use crate::adapter::Adapter;
use crate::bridge::ffi;
use crate::failure::Failure;
use crate::guard::{Guarded, contain};
use crate::proxy::{Proxy, non_null};

/// A connection. Cloning counts a reference.
#[derive(Clone)]
pub struct Connection(pub(crate) SharedPtr<ffi::Connection>);

/// How a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// At once; calls under way fail.
    Forcefully,
    /// The peer is told; calls under way on this side fail.
    Gracefully,
    /// As before, once calls under way have their answers.
    GracefullyWithWait,
}

/// What sort of connection it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectionTraits {
    /// The peer has opened it.
    pub incoming: bool,
    /// It carries datagrams.
    pub datagram: bool,
}

/// Who waits for a connection.
pub trait Connect: Send + 'static {
    /// Called once, on a thread of Ice perhaps: `None` where calls need no connection (they stay within the process).
    /// It must not block.
    fn connected(self, connection: Result<Option<Connection>, Failure>);
}

type OnConnected = Box<dyn FnOnce(Result<Option<Connection>, Failure>) + Send>;

pub(crate) struct ConnectionSlot(Guarded<OnConnected>);

impl ConnectionSlot {
    pub(crate) fn new(waiting: impl Connect) -> Self {
        Self(Guarded::new(Box::new(|result| waiting.connected(result))))
    }

    fn fill(&mut self, result: Result<Option<Connection>, Failure>) {
        if let Some(waiting) = self.0.take() {
            contain(move || waiting(result));
        }
    }
}

pub(crate) fn connected(slot: &mut ConnectionSlot, connection: SharedPtr<ffi::Connection>) {
    slot.fill(Ok(Connection::non_null(connection)));
}

pub(crate) fn not_connected(slot: &mut ConnectionSlot, type_id: &[u8], reason: &[u8]) {
    slot.fill(Err(Failure::from_wire(type_id, reason)));
}

/// What is called when a connection closes.
pub(crate) struct CloseListener(Guarded<Box<dyn FnOnce(Failure) + Send>>);

pub(crate) fn closed(listener: &mut CloseListener, type_id: &[u8], reason: &[u8]) {
    if let Some(callback) = listener.0.take() {
        contain(move || callback(Failure::from_wire(type_id, reason)));
    }
}

/// What is called when the peer sends a heartbeat.
pub(crate) struct HeartbeatListener(Guarded<Box<dyn Fn() + Send + Sync>>);

pub(crate) fn heartbeat(listener: &HeartbeatListener) {
    if let Some(callback) = listener.0.get() {
        contain(callback);
    }
}

impl Connection {
    pub(crate) fn non_null(connection: SharedPtr<ffi::Connection>) -> Option<Self> {
        (!connection.is_null()).then_some(Self(connection))
    }

    /// Both ends in words.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn to_text(&self) -> Result<String, Failure> {
        Ok(ffi::connection_to_string(&self.0)?)
    }

    /// Address and port of the peer; an empty address where the transport has none.
    ///
    /// # Errors
    ///
    /// Where the connection is closed: with the reason of that.
    pub fn remote_address(&self) -> Result<(String, u16), Failure> {
        let mut port = 0;
        let address = ffi::connection_remote_address(&self.0, &mut port)?;
        Ok((address, port))
    }

    /// A number that no other living connection has.
    #[must_use]
    pub fn key(&self) -> usize {
        ffi::connection_key(&self.0)
    }

    /// What sort of connection it is.
    ///
    /// # Errors
    ///
    /// Where the connection is closed: with the reason of that.
    pub fn traits(&self) -> Result<ConnectionTraits, Failure> {
        let bits = ffi::connection_traits(&self.0)?;
        Ok(ConnectionTraits {
            incoming: bits & 1 != 0,
            datagram: bits & 2 != 0,
        })
    }

    /// Has `callback` called on a thread of Ice once the connection is closed, soon if it is already. A connection
    /// has room for one: a later callback replaces it.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn set_close_callback(
        &self,
        callback: Box<dyn FnOnce(Failure) + Send>,
    ) -> Result<(), Failure> {
        Ok(ffi::connection_on_close(
            &self.0,
            Box::new(CloseListener(Guarded::new(callback))),
        )?)
    }

    /// Closes it. `GracefullyWithWait` blocks.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn close(&self, how: Close) -> Result<(), Failure> {
        Ok(ffi::connection_close(&self.0, how as u8)?)
    }

    /// Why it is closed; `None` where it is not.
    #[must_use]
    pub fn error(&self) -> Option<Failure> {
        ffi::connection_error(&self.0).err().map(Failure::from)
    }

    /// The active connection management: seconds, when it closes, when it sends heartbeats (as numbers of `Ice.ACM`).
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn acm(&self) -> Result<(i32, i32, i32), Failure> {
        match ffi::connection_acm(&self.0)?[..] {
            [timeout, close, heartbeat] => Ok((timeout, close, heartbeat)),
            _ => Err(Failure::unknown_local("the bridge gave no three numbers")),
        }
    }

    /// Has `callback` called on a thread of Ice at each heartbeat of the peer, in the place of an earlier one; `None` ends
    /// that. It must not block.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn set_heartbeat_callback(
        &self,
        callback: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> Result<(), Failure> {
        match callback {
            Some(callback) => {
                let listener = HeartbeatListener(Guarded::new(callback));
                ffi::connection_on_heartbeat(&self.0, Box::new(listener))?;
            }
            None => ffi::connection_ignore_heartbeats(&self.0)?,
        }
        Ok(())
    }

    /// The name of its transport.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn transport(&self) -> Result<String, Failure> {
        Ok(ffi::connection_transport(&self.0)?)
    }

    /// Its time-out in milliseconds; -1 for none.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn timeout(&self) -> Result<i32, Failure> {
        Ok(ffi::connection_timeout(&self.0)?)
    }

    /// Asks the system for buffers of these sizes, in bytes.
    ///
    /// # Errors
    ///
    /// Where the connection is closed, or the system says no.
    pub fn set_buffer_sizes(&self, receive: i32, send: i32) -> Result<(), Failure> {
        Ok(ffi::connection_set_buffer_sizes(&self.0, receive, send)?)
    }

    /// The adapter whose objects the peer may call.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn adapter(&self) -> Result<Option<Adapter>, Failure> {
        let adapter = ffi::connection_adapter(&self.0)?;
        Ok((!adapter.is_null()).then_some(Adapter(adapter)))
    }

    /// Changes the active connection management: seconds of the time-out, when to close, when to send
    /// heartbeats (as numbers of `Ice.ACM`); `None` leaves what is.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn set_acm(
        &self,
        timeout: Option<u16>,
        close: Option<u8>,
        heartbeat: Option<u8>,
    ) -> Result<(), Failure> {
        let number = |value: Option<u8>| {
            value
                .and_then(|value| i8::try_from(value).ok())
                .unwrap_or(-1)
        };
        Ok(ffi::connection_set_acm(
            &self.0,
            timeout.map_or(-1, i32::from),
            number(close),
            number(heartbeat),
        )?)
    }

    /// A proxy for an object of the peer that calls over this very connection.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn proxy(&self, identity: &Name) -> Result<Proxy, Failure> {
        non_null(ffi::connection_proxy(&self.0, identity)?)
            .ok_or_else(|| Failure::unknown_local("Ice returned a null proxy"))
    }

    /// Lets the peer call objects of this adapter over the connection, or of none.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn set_adapter(&self, adapter: Option<&Adapter>) -> Result<(), Failure> {
        let adapter = adapter.map_or_else(SharedPtr::null, |adapter| adapter.0.clone());
        Ok(ffi::connection_set_adapter(&self.0, &adapter)?)
    }
}
