//! Handles on object adapters.

use cxx::SharedPtr;

use crate::Name;
use crate::bridge::adapter::ffi;
use crate::bridge::ffi as bridge;
use crate::communicator::Communicator;
use crate::dispatch::Servant;
use crate::failure::Failure;
use crate::proxy::{Proxy, non_null};

/// An adapter. Cloning counts a reference.
#[derive(Clone)]
pub struct Adapter(pub(crate) SharedPtr<ffi::ObjectAdapter>);

/// What a proxy that an adapter makes knows of the way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// What the configuration of the adapter says.
    Default,
    /// The endpoints.
    Direct,
    /// The adapter's id, which a locator knows the endpoints of.
    Indirect,
}

fn found(servant: SharedPtr<ffi::Object>) -> Option<Servant> {
    (!servant.is_null()).then_some(Servant(servant))
}

fn facets(facets: Vec<ffi::Facet>) -> impl Iterator<Item = (String, Servant)> {
    facets
        .into_iter()
        .map(|facet| (facet.name, Servant(facet.servant)))
}

fn made(proxy: SharedPtr<ffi::ObjectPrx>) -> Result<Proxy, Failure> {
    non_null(proxy).ok_or_else(|| Failure::unknown_local("Ice returned a null proxy"))
}

impl Adapter {
    /// An adapter whose objects are called by way of a router. Blocks while that is asked for its endpoints.
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException` where the name is taken, or the router has an adapter; where the router does not answer.
    pub fn with_router(
        communicator: &Communicator,
        name: &str,
        router: &Proxy,
    ) -> Result<Self, Failure> {
        let adapter = ffi::adapter_with_router(&communicator.0, name, &router.0)?;
        Ok(Self(adapter))
    }
}

/// The servants. A facet is empty for the default one.
impl Adapter {
    /// Adds a servant under an identity and a facet.
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException`, `IllegalIdentityException`, `ObjectAdapterDeactivatedException`.
    pub fn add(&self, servant: &Servant, identity: &Name, facet: &str) -> Result<Proxy, Failure> {
        made(ffi::adapter_add(&self.0, &servant.0, identity, facet)?)
    }

    /// Adds a servant for every identity of a category that has none; of an empty category: of any.
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException`, `ObjectAdapterDeactivatedException`.
    pub fn add_default(&self, servant: &Servant, category: &str) -> Result<(), Failure> {
        Ok(ffi::adapter_add_default(&self.0, &servant.0, category)?)
    }

    /// Removes a servant, and gives it back.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException` where there is none.
    pub fn remove(&self, identity: &Name, facet: &str) -> Result<Servant, Failure> {
        Ok(Servant(ffi::adapter_remove(&self.0, identity, facet)?))
    }

    /// Removes all facets of an object, and gives them back with their names.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException` where there is none.
    pub fn remove_all(
        &self,
        identity: &Name,
    ) -> Result<impl Iterator<Item = (String, Servant)> + use<>, Failure> {
        Ok(facets(ffi::adapter_remove_all(&self.0, identity)?))
    }

    /// Removes the default servant of a category, and gives it back.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException` where there is none.
    pub fn remove_default(&self, category: &str) -> Result<Servant, Failure> {
        Ok(Servant(ffi::adapter_remove_default(&self.0, category)?))
    }

    /// The servant that answers for an identity and a facet, a default one among them.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn find(&self, identity: &Name, facet: &str) -> Result<Option<Servant>, Failure> {
        Ok(found(ffi::adapter_find(&self.0, identity, facet)?))
    }

    /// All facets of an object with their names.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn find_all(
        &self,
        identity: &Name,
    ) -> Result<impl Iterator<Item = (String, Servant)> + use<>, Failure> {
        Ok(facets(ffi::adapter_find_all(&self.0, identity)?))
    }

    /// The default servant of a category.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn find_default(&self, category: &str) -> Result<Option<Servant>, Failure> {
        Ok(found(ffi::adapter_find_default(&self.0, category)?))
    }

    /// The servant that answers for identity and facet of a proxy.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn find_by_proxy(&self, proxy: &Proxy) -> Result<Option<Servant>, Failure> {
        Ok(found(ffi::adapter_find_by_proxy(&self.0, &proxy.0)?))
    }

    /// Has a servant asked for every request of a category that no other servant answers: a locator, which finds the
    /// servant proper. It is told when the adapter ends.
    ///
    /// # Errors
    ///
    /// `AlreadyRegisteredException`, `ObjectAdapterDeactivatedException`.
    pub fn add_locator(&self, servant: &Servant, category: &str) -> Result<(), Failure> {
        let locator = bridge::make_locator(&servant.0)?;
        Ok(ffi::adapter_add_locator(&self.0, &locator, category)?)
    }

    /// Removes the locator of a category, which is not told.
    ///
    /// # Errors
    ///
    /// `NotRegisteredException` where there is none.
    pub fn remove_locator(&self, category: &str) -> Result<(), Failure> {
        ffi::adapter_remove_locator(&self.0, category)?;
        Ok(())
    }

    /// What was added as the locator of a category.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn find_locator(&self, category: &str) -> Result<Option<Servant>, Failure> {
        let locator = ffi::adapter_find_locator(&self.0, category)?;
        match locator.as_ref() {
            Some(locator) => Ok(found(bridge::servant_of_locator(locator)?)),
            None => Ok(None),
        }
    }
}

/// Its proxies, and where it is found.
impl Adapter {
    /// A proxy for an object of this adapter, which need not exist.
    ///
    /// # Errors
    ///
    /// `IllegalIdentityException` for an empty name.
    pub fn proxy(&self, identity: &Name, kind: ProxyKind) -> Result<Proxy, Failure> {
        made(ffi::adapter_proxy(&self.0, identity, kind as u8)?)
    }

    /// Sets the endpoints of its proxies, given as in a proxy's string form. Blocks where a locator is told.
    ///
    /// # Errors
    ///
    /// `EndpointParseException` where they are none; where the locator does not take them.
    pub fn set_published_endpoints(&self, endpoints: &str) -> Result<(), Failure> {
        Ok(ffi::adapter_set_published_endpoints(&self.0, endpoints)?)
    }

    /// Reads the endpoints of its proxies from the properties and the network interfaces again. Blocks where a
    /// locator is told.
    ///
    /// # Errors
    ///
    /// Where the locator does not take them.
    pub fn refresh_published_endpoints(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_refresh_published_endpoints(&self.0)?)
    }

    /// The locator that knows its endpoints by its id.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn locator(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::adapter_locator(&self.0)?))
    }

    /// Sets the locator, or takes it away.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivatedException`.
    pub fn set_locator(&self, locator: Option<&Proxy>) -> Result<(), Failure> {
        let locator = locator.map_or_else(SharedPtr::null, |locator| locator.0.clone());
        Ok(ffi::adapter_set_locator(&self.0, &locator)?)
    }
}

/// Its life.
impl Adapter {
    /// Whether both are the same adapter.
    #[must_use]
    pub fn is_same(&self, other: &Adapter) -> bool {
        self.0.as_ptr() == other.0.as_ptr()
    }

    /// The name that it was made with.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn name(&self) -> Result<String, Failure> {
        Ok(ffi::adapter_name(&self.0)?)
    }

    /// Lets requests in. Blocks where a locator is told.
    ///
    /// # Errors
    ///
    /// Where a locator does not accept it, or it is deactivated already.
    pub fn activate(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_activate(&self.0)?)
    }

    /// Reads no further request until it is activated again. Does not block.
    ///
    /// # Errors
    ///
    /// Where it is deactivated already.
    pub fn hold(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_hold(&self.0)?)
    }

    /// Blocks until every dispatch from before [`Adapter::hold`] is answered.
    ///
    /// # Errors
    ///
    /// Where it is deactivated already.
    pub fn wait_for_hold(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_wait_for_hold(&self.0)?)
    }

    /// Lets no further request in. Blocks where a locator is told.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn deactivate(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_deactivate(&self.0)?)
    }

    /// Blocks until it is deactivated, and every dispatch is answered.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn wait_for_deactivate(&self) -> Result<(), Failure> {
        Ok(ffi::adapter_wait_for_deactivate(&self.0)?)
    }

    /// Whether it lets no further request in.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        ffi::adapter_is_deactivated(&self.0).unwrap_or(true)
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
