//! Handles on proxies.

use cxx::SharedPtr;

use crate::bridge::ffi;
use crate::communicator::Communicator;
use crate::connection::{Connect, Connection, ConnectionSlot};
use crate::failure::Failure;
use crate::{Entry, Name};

/// A non-null proxy. Cloning counts a reference.
#[derive(Clone)]
pub struct Proxy(pub(crate) SharedPtr<ffi::ObjectPrx>);

/// How requests through a proxy travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With an answer.
    Twoway,
    /// Over a connection, without an answer.
    Oneway,
    /// As a datagram.
    Datagram,
    /// As `Oneway`, collected until it is flushed.
    BatchOneway,
    /// As `Datagram`, collected until it is flushed.
    BatchDatagram,
}

/// What every call needs to know of its proxy.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// Calls have an answer.
    pub twoway: bool,
    /// Minor version of the encoding, of which the major version is 1.
    pub encoding_minor: u8,
}

/// Collects the bytes that C++ writes.
pub(crate) struct ByteSink(Vec<u8>);

pub(crate) fn append(sink: &mut ByteSink, bytes: &[u8]) {
    sink.0.extend_from_slice(bytes);
}

/// `None` for a null pointer.
pub(crate) fn non_null(proxy: SharedPtr<ffi::ObjectPrx>) -> Option<Proxy> {
    (!proxy.is_null()).then_some(Proxy(proxy))
}

/// A null pointer for `None`.
pub(crate) fn or_null(proxy: Option<&Proxy>) -> SharedPtr<ffi::ObjectPrx> {
    proxy.map_or_else(SharedPtr::null, |proxy| proxy.0.clone())
}

pub(crate) fn changed(proxy: SharedPtr<ffi::ObjectPrx>) -> Result<Proxy, Failure> {
    non_null(proxy).ok_or_else(|| Failure::unknown_local("Ice returned a null proxy"))
}

impl Proxy {
    /// The string form.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    #[allow(clippy::inherent_to_string)]
    pub fn to_text(&self) -> Result<String, Failure> {
        Ok(ffi::proxy_to_string(&self.0)?)
    }

    /// Whether both have the same identity, facet, options and endpoints.
    #[must_use]
    pub fn same(&self, other: &Proxy) -> bool {
        ffi::proxy_equals(&self.0, &other.0).unwrap_or(false)
    }

    /// A number that is the same for proxies that are the same.
    #[must_use]
    pub fn hash_value(&self) -> u32 {
        ffi::proxy_hash(&self.0).unwrap_or(0)
    }

    /// What a call needs to know.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn traits(&self) -> Result<Traits, Failure> {
        let bits = ffi::proxy_traits(&self.0)?;
        Ok(Traits {
            twoway: bits & 1 != 0,
            encoding_minor: u8::from(bits & 2 == 0),
        })
    }

    /// The identity of the object.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn identity(&self) -> Result<Name, Failure> {
        Ok(ffi::proxy_identity(&self.0)?)
    }

    /// The facet; empty for the default one.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn facet(&self) -> Result<String, Failure> {
        Ok(ffi::proxy_facet(&self.0)?)
    }

    /// The context that goes with every request.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn context(&self) -> Result<Vec<Entry>, Failure> {
        Ok(ffi::proxy_context(&self.0)?)
    }

    /// The same proxy for another identity.
    ///
    /// # Errors
    ///
    /// `IllegalIdentityException` for an empty name.
    pub fn with_identity(&self, identity: &Name) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_identity(&self.0, identity)?)
    }

    /// The same proxy for another facet.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_facet(&self, facet: &str) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_facet(&self.0, facet)?)
    }

    /// The same proxy with this context.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_context(&self, context: &Vec<Entry>) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_context(&self.0, context)?)
    }

    /// The same proxy with these endpoints, given as in a proxy's string form.
    ///
    /// # Errors
    ///
    /// `EndpointParseException` where they are none.
    pub fn with_endpoints(&self, endpoints: &str) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_endpoints(&self.0, endpoints)?)
    }

    /// The same proxy with this invocation time-out; -1 for none.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_invocation_timeout(&self, milliseconds: i32) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_invocation_timeout(&self.0, milliseconds)?)
    }

    /// The same proxy with a connection of its own: proxies share one only where this is the same.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_connection_id(&self, id: &str) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_connection_id(&self.0, id)?)
    }

    /// The same proxy with encoding 1.`minor`.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_encoding(&self, minor: u8) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_encoding(&self.0, minor)?)
    }

    /// The same proxy with another mode.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_mode(&self, mode: Mode) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_mode(&self.0, mode as u8)?)
    }

    /// The same proxy for secure endpoints alone, or for all.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_secure(&self, secure: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_secure(&self.0, secure)?)
    }

    /// The same proxy, with calls to objects of its own communicator cut short, or not.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_collocation_optimized(&self, optimized: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_collocation_optimized(&self.0, optimized)?)
    }

    /// The same proxy, with its connection kept for later calls, or chosen anew for each.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn with_connection_cached(&self, cached: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_connection_cached(&self.0, cached)?)
    }

    /// The encoded form, as it stands within a message.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn write(&self, encoding_minor: u8) -> Result<Vec<u8>, Failure> {
        let mut sink = ByteSink(Vec::new());
        ffi::proxy_write(&self.0, encoding_minor, &mut sink)?;
        Ok(sink.0)
    }

    /// The communicator that the proxy belongs to.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn communicator(&self) -> Result<Communicator, Failure> {
        Ok(Communicator(ffi::proxy_communicator(&self.0)?))
    }

    /// Makes the connection, if there is none yet. How that ends goes to `waiting`, within this function perhaps.
    ///
    /// # Errors
    ///
    /// Where it cannot even be tried; `waiting` is dropped unanswered then.
    pub fn connect(&self, waiting: impl Connect) -> Result<(), Failure> {
        Ok(ffi::proxy_connect(
            &self.0,
            Box::new(ConnectionSlot::new(waiting)),
        )?)
    }

    /// The connection that is in use, if there is one.
    ///
    /// # Errors
    ///
    /// `CollocationOptimizationException` where calls stay within the process.
    pub fn cached_connection(&self) -> Result<Option<Connection>, Failure> {
        Ok(Connection::non_null(ffi::proxy_cached_connection(&self.0)?))
    }
}
