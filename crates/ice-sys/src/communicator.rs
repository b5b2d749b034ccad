//! Handles on communicators.

use cxx::SharedPtr;

use crate::adapter::Adapter;
use crate::bridge::ffi;
use crate::dispatch::Servant;
use crate::failure::Failure;
use crate::proxy::{Proxy, non_null, or_null};
use crate::{Name, Properties};

/// A communicator. Cloning counts a reference; the threads of the runtime end with [`Communicator::destroy`] alone.
#[derive(Clone)]
pub struct Communicator(pub(crate) SharedPtr<ffi::Communicator>);

impl Communicator {
    /// A communicator with these properties.
    ///
    /// # Errors
    ///
    /// Where a property has a bad value or a plug-in cannot be loaded.
    pub fn new(properties: &Properties) -> Result<Self, Failure> {
        Ok(Self(ffi::communicator_new(&properties.0)?))
    }

    /// Ends all. Blocks until every running dispatch is answered.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn destroy(&self) -> Result<(), Failure> {
        Ok(ffi::communicator_destroy(&self.0)?)
    }

    /// Lets no new request in. Does not block.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn shutdown(&self) -> Result<(), Failure> {
        Ok(ffi::communicator_shutdown(&self.0)?)
    }

    /// Blocks until it is shut down, and every dispatch answered.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn wait_for_shutdown(&self) -> Result<(), Failure> {
        Ok(ffi::communicator_wait_for_shutdown(&self.0)?)
    }

    /// Whether it is shut down.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn is_shutdown(&self) -> Result<bool, Failure> {
        Ok(ffi::communicator_is_shutdown(&self.0)?)
    }

    /// The proxy of this string; `None` for an empty one.
    ///
    /// # Errors
    ///
    /// Where the string is no proxy.
    pub fn proxy(&self, text: &str) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::communicator_proxy(&self.0, text)?))
    }

    /// The proxy of this property and those below it; `None` where it is not set.
    ///
    /// # Errors
    ///
    /// Where its value is no proxy.
    pub fn proxy_from_property(&self, key: &str) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::communicator_proxy_from_property(
            &self.0, key,
        )?))
    }

    /// An adapter that takes its endpoints from properties; an empty name makes one without endpoints.
    ///
    /// # Errors
    ///
    /// Where the endpoints cannot be opened.
    pub fn adapter(&self, name: &str) -> Result<Adapter, Failure> {
        Ok(Adapter(ffi::communicator_adapter(&self.0, name)?))
    }

    /// An adapter with these endpoints.
    ///
    /// # Errors
    ///
    /// Where the endpoints cannot be opened.
    pub fn adapter_with_endpoints(&self, name: &str, endpoints: &str) -> Result<Adapter, Failure> {
        Ok(Adapter(ffi::communicator_adapter_with_endpoints(
            &self.0, name, endpoints,
        )?))
    }

    /// The locator of proxies that have no other.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyedException`.
    pub fn default_locator(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::communicator_default_locator(&self.0)?))
    }

    /// Sets the locator of proxies that are made from now on.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyedException`.
    pub fn set_default_locator(&self, locator: Option<&Proxy>) -> Result<(), Failure> {
        let locator = or_null(locator);
        Ok(ffi::communicator_set_default_locator(&self.0, &locator)?)
    }

    /// The router of proxies that have no other.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyedException`.
    pub fn default_router(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::communicator_default_router(&self.0)?))
    }

    /// Sets the router of proxies that are made from now on.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyedException`.
    pub fn set_default_router(&self, router: Option<&Proxy>) -> Result<(), Failure> {
        let router = or_null(router);
        Ok(ffi::communicator_set_default_router(&self.0, &router)?)
    }

    /// The admin object, made now where properties ask for one and it is not there; `None` where they do not. With a
    /// locator this asks that over the network, and blocks.
    ///
    /// # Errors
    ///
    /// Where its adapter cannot be made.
    pub fn admin(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::communicator_admin(&self.0)?))
    }

    /// Makes the admin object, in this adapter. Blocks as [`Communicator::admin`] does.
    ///
    /// # Errors
    ///
    /// `InitializationException` where it is there already.
    pub fn create_admin(
        &self,
        adapter: &Adapter,
        identity: &Name,
    ) -> Result<Option<Proxy>, Failure> {
        let admin = ffi::communicator_create_admin(&self.0, &adapter.0, identity)?;
        Ok(non_null(admin))
    }

    /// The facets of the admin object.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyedException`.
    pub fn admin_facets(&self) -> Result<Vec<String>, Failure> {
        Ok(ffi::communicator_admin_facets(&self.0)?)
    }

    /// Adds a facet to the admin object.
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException`.
    pub fn add_admin_facet(&self, servant: &Servant, facet: &str) -> Result<(), Failure> {
        Ok(ffi::communicator_add_admin_facet(
            &self.0, &servant.0, facet,
        )?)
    }

    /// Removes a facet of the admin object.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException`.
    pub fn remove_admin_facet(&self, facet: &str) -> Result<(), Failure> {
        Ok(ffi::communicator_remove_admin_facet(&self.0, facet)?)
    }

    /// Reads a proxy from the front of encoded bytes: `None` is the null proxy; and how many bytes it took.
    ///
    /// # Errors
    ///
    /// Where the bytes are no proxy.
    pub fn read_proxy(
        &self,
        encoding_minor: u8,
        bytes: &[u8],
    ) -> Result<(Option<Proxy>, usize), Failure> {
        let read = ffi::proxy_read(&self.0, encoding_minor, bytes)?;
        Ok((non_null(read.proxy), read.taken))
    }
}

/// The string form of an identity. `mode` says what becomes of characters that are not printable ASCII: 0 they
/// stay, 1 they are escaped, 2 they are escaped as before Ice 3.7.
///
/// # Errors
///
/// As every function of the runtime.
pub fn identity_to_string(identity: &Name, mode: u8) -> Result<String, Failure> {
    Ok(ffi::identity_to_string(identity, mode)?)
}

/// The identity of a string.
///
/// # Errors
///
/// `IdentityParseException` where it is none.
pub fn identity_from_string(text: &str) -> Result<Name, Failure> {
    Ok(ffi::identity_from_string(text)?)
}
