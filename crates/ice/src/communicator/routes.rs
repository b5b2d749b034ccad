//! The way to objects elsewhere: default locator and router.

use super::Communicator;
use crate::error::Error;
use crate::proxy::ObjectPrx;

impl Communicator {
    /// The locator of proxies that have no other: what the property `Ice.Default.Locator` says, or what was set since.
    #[must_use]
    pub fn default_locator(&self) -> Option<ObjectPrx> {
        let locator = self.inner.sys.default_locator();
        locator.ok().flatten().map(ObjectPrx::new)
    }

    /// Sets the locator of proxies and adapters that are made from now on.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyed`.
    pub fn set_default_locator<'a>(
        &self,
        locator: impl Into<Option<&'a ObjectPrx>>,
    ) -> Result<(), Error> {
        let locator = locator.into().map(|locator| &locator.sys);
        Ok(self.inner.sys.set_default_locator(locator)?)
    }

    /// The router of proxies that have no other: what the property `Ice.Default.Router` says, or what was set since.
    #[must_use]
    pub fn default_router(&self) -> Option<ObjectPrx> {
        let router = self.inner.sys.default_router();
        router.ok().flatten().map(ObjectPrx::new)
    }

    /// Sets the router of proxies that are made from now on.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyed`.
    pub fn set_default_router<'a>(
        &self,
        router: impl Into<Option<&'a ObjectPrx>>,
    ) -> Result<(), Error> {
        let router = router.into().map(|router| &router.sys);
        Ok(self.inner.sys.set_default_router(router)?)
    }
}
