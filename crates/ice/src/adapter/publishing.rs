//! Where callers find its objects: proxies, endpoints, locators.

use super::Adapter;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::identity::Identity;
use crate::proxy::ObjectPrx;

impl Adapter {
    /// A proxy for an object of this adapter, which need not be there yet. It names the replica group, the adapter id or the
    /// endpoints, whichever of them is configured first.
    ///
    /// # Errors
    ///
    /// `IllegalIdentity` where the identity has no name, `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn create_proxy(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        self.proxy(identity.into(), ice_sys::ProxyKind::Default)
    }

    /// A proxy that names the endpoints of this adapter, whatever else is configured.
    ///
    /// # Errors
    ///
    /// As [`Adapter::create_proxy`].
    pub fn create_direct_proxy(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        self.proxy(identity.into(), ice_sys::ProxyKind::Direct)
    }

    /// A proxy that names the id of this adapter, whose endpoints a locator knows, and not the replica group.
    ///
    /// # Errors
    ///
    /// As [`Adapter::create_proxy`].
    pub fn create_indirect_proxy(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        self.proxy(identity.into(), ice_sys::ProxyKind::Indirect)
    }

    fn proxy(&self, identity: Identity, kind: ice_sys::ProxyKind) -> Result<ObjectPrx, Error> {
        let proxy = self
            .sys
            .proxy(&identity.to_sys(), kind)
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(ObjectPrx::new(proxy))
    }

    /// The endpoints that it listens on, with the ports that the system chose.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        Endpoint::all(self.sys.endpoints(false))
    }

    /// The endpoints that stand in its proxies.
    #[must_use]
    pub fn published_endpoints(&self) -> Vec<Endpoint> {
        Endpoint::all(self.sys.endpoints(true))
    }

    /// Sets the endpoints of its proxies, given as in a proxy's string form: `tcp -h host -p 10000:ssl -p 10001`. A locator is
    /// told. Dropping the future does not undo it.
    ///
    /// # Errors
    ///
    /// `EndpointParse` where they are none, `ObjectAdapterDeactivated` where the adapter has ended; and where the locator
    /// does not take them.
    pub async fn set_published_endpoints(&self, endpoints: &str) -> Result<(), Error> {
        let endpoints = endpoints.to_owned();
        self.block(move |sys| sys.set_published_endpoints(&endpoints))
            .await
    }

    /// Reads the endpoints of its proxies from the properties, the network interfaces and the router again. A locator is told.
    /// Dropping the future does not undo it.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended; and where the locator does not take them.
    pub async fn refresh_published_endpoints(&self) -> Result<(), Error> {
        self.block(ice_sys::Adapter::refresh_published_endpoints)
            .await
    }

    /// The locator that knows the endpoints of this adapter by its id, where there is one (`NAME.Locator`,
    /// `Ice.Default.Locator`).
    #[must_use]
    pub fn locator(&self) -> Option<ObjectPrx> {
        self.sys.locator().ok().flatten().map(ObjectPrx::new)
    }

    /// Sets the locator, or takes it away. It is told of the adapter at the next [`Adapter::activate`].
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn set_locator<'a>(&self, locator: impl Into<Option<&'a ObjectPrx>>) -> Result<(), Error> {
        let locator = locator.into().map(|locator| &locator.sys);
        self.sys
            .set_locator(locator)
            .map_err(|failure| self.place(failure))
    }
}
