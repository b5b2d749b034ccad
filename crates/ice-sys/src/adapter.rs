//! Handles on object adapters.

use cxx::SharedPtr;

use crate::Name;
use crate::bridge::ffi;
use crate::dispatch::{Dispatch, ServantBox};
use crate::failure::Failure;
use crate::proxy::{Proxy, non_null};

/// An adapter. Cloning counts a reference.
#[derive(Clone)]
pub struct Adapter(pub(crate) SharedPtr<ffi::ObjectAdapter>);

impl Adapter {
    /// Adds a servant under an identity and a facet (empty for the default one).
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException`, `IllegalIdentityException`, `ObjectAdapterDeactivatedException`.
    pub fn add(
        &self,
        servant: Box<dyn Dispatch>,
        identity: &Name,
        facet: &str,
    ) -> Result<Proxy, Failure> {
        let proxy = ffi::adapter_add(&self.0, Box::new(ServantBox::new(servant)), identity, facet)?;
        non_null(proxy).ok_or_else(|| Failure::unknown_local("Ice returned a null proxy"))
    }

    /// Removes a servant.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException` where there is none.
    pub fn remove(&self, identity: &Name, facet: &str) -> Result<(), Failure> {
        Ok(ffi::adapter_remove(&self.0, identity, facet)?)
    }

    /// A proxy for an object of this adapter, which need not exist.
    ///
    /// # Errors
    ///
    /// `IllegalIdentityException` for an empty name.
    pub fn proxy(&self, identity: &Name) -> Result<Proxy, Failure> {
        non_null(ffi::adapter_proxy(&self.0, identity)?)
            .ok_or_else(|| Failure::unknown_local("Ice returned a null proxy"))
    }

    /// The endpoints in their string form: those that it listens on, or those that stand in its proxies.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn endpoints(&self, published: bool) -> Result<Vec<String>, Failure> {
        Ok(ffi::adapter_endpoints(&self.0, published)?)
    }

    /// The name that it was made with.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn name(&self) -> Result<String, Failure> {
        Ok(ffi::adapter_name(&self.0)?)
    }

    /// Lets requests in.
    ///
    /// # Errors
    ///
    /// Where a locator does not accept it, or it is deactivated already.
    pub fn activate(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_activate(&self.0)?)
    }

    /// Lets no further request in. Does not block.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn deactivate(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_deactivate(&self.0)?)
    }

    /// Deactivates it, and frees its name and its servants. Blocks until every running dispatch is answered.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn destroy(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_destroy(&self.0)?)
    }
}
