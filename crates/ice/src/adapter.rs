use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::identity::Identity;
use crate::proxy::ObjectPrx;
use crate::servant::{Dispatches, Host, Servant};

/// An object adapter: endpoints, and the objects that answer there. Cloning counts a reference.
///
/// It takes requests from [`Adapter::activate`] on. It ends with [`Adapter::deactivate`], or with its communicator.
#[derive(Clone)]
pub struct Adapter {
    sys: ice_sys::Adapter,
    dispatches: Dispatches,
}

impl Adapter {
    pub(crate) fn new(sys: ice_sys::Adapter, dispatches: Dispatches) -> Self {
        Self { sys, dispatches }
    }

    pub(crate) fn sys(&self) -> &ice_sys::Adapter {
        &self.sys
    }

    /// The name that it was made with.
    #[must_use]
    pub fn name(&self) -> String {
        self.sys.name().unwrap_or_default()
    }

    /// Adds an object: from now on the servant answers for this identity. Returns a proxy for it.
    ///
    /// # Errors
    ///
    /// `AlreadyRegistered` where the identity has a servant, `IllegalIdentity` where it has no name,
    /// `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn add(
        &self,
        servant: impl Servant,
        identity: impl Into<Identity>,
    ) -> Result<ObjectPrx, Error> {
        self.add_shared(Arc::new(servant), identity, "")
    }

    /// Adds an object under a new UUID. Returns a proxy for it.
    ///
    /// # Errors
    ///
    /// As [`Adapter::add`].
    pub fn add_with_uuid(&self, servant: impl Servant) -> Result<ObjectPrx, Error> {
        self.add(servant, Identity::new(uuid::Uuid::new_v4().to_string()))
    }

    /// Adds a facet to an object: a further interface under the same identity.
    ///
    /// # Errors
    ///
    /// As [`Adapter::add`].
    pub fn add_facet(
        &self,
        servant: impl Servant,
        identity: impl Into<Identity>,
        facet: &str,
    ) -> Result<ObjectPrx, Error> {
        self.add_shared(Arc::new(servant), identity, facet)
    }

    /// Adds a servant that answers for other objects, too; `facet` is empty for the default one.
    ///
    /// # Errors
    ///
    /// As [`Adapter::add`].
    pub fn add_shared(
        &self,
        servant: Arc<dyn Servant>,
        identity: impl Into<Identity>,
        facet: &str,
    ) -> Result<ObjectPrx, Error> {
        let identity = identity.into();
        let host = Host::new(servant, self.dispatches.clone());
        let proxy = self
            .sys
            .add(Box::new(host), &identity.to_sys(), facet)
            .map_err(|failure| self.place(failure, &identity))?;
        Ok(ObjectPrx::new(proxy))
    }

    /// Removes an object: later requests are answered with `ObjectNotExist`, those under way go on.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such object.
    pub fn remove(&self, identity: impl Into<Identity>) -> Result<(), Error> {
        self.remove_facet(identity, "")
    }

    /// Removes a facet of an object.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such facet.
    pub fn remove_facet(&self, identity: impl Into<Identity>, facet: &str) -> Result<(), Error> {
        let identity = identity.into();
        self.sys
            .remove(&identity.to_sys(), facet)
            .map_err(|failure| self.place(failure, &identity))
    }

    /// A proxy for an object of this adapter, which need not be there yet.
    ///
    /// # Errors
    ///
    /// `IllegalIdentity` where the identity has no name, `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn create_proxy(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        let identity = identity.into();
        let proxy = self
            .sys
            .proxy(&identity.to_sys())
            .map_err(|failure| self.place(failure, &identity))?;
        Ok(ObjectPrx::new(proxy))
    }

    /// The endpoints that it listens on, in their string form, with the ports that the system chose.
    #[must_use]
    pub fn endpoints(&self) -> Vec<String> {
        self.sys.endpoints(false).unwrap_or_default()
    }

    /// The endpoints that stand in its proxies, in their string form.
    #[must_use]
    pub fn published_endpoints(&self) -> Vec<String> {
        self.sys.endpoints(true).unwrap_or_default()
    }

    /// Begins to take requests.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where it has ended; and where a locator does not accept it. With a locator this asks that
    /// over the network, and blocks until the answer is there.
    pub fn activate(&self) -> Result<(), Error> {
        self.sys
            .activate()
            .map_err(|failure| Error::from(failure).about(format!("adapter {}", self.name())))
    }

    /// Ends it: no further request comes in, those that wait are dropped, its endpoints and its name are free again.
    ///
    /// Callers whose requests are dropped see `UnknownException`. The future may be dropped; the work goes on.
    pub async fn deactivate(&self) {
        let sys = self.sys.clone();
        // What the runtime raises here is that there is nothing left to end.
        let _ = sys.deactivate();
        self.dispatches.end();
        let _ = self
            .dispatches
            .runtime()
            .spawn_blocking(move || sys.destroy())
            .await;
    }

    fn place(&self, failure: ice_sys::Failure, what: &dyn fmt::Display) -> Error {
        Error::from(failure).about(format!("{what} in adapter {}", self.name()))
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter")
            .field("name", &self.name())
            .field("endpoints", &self.endpoints())
            .finish()
    }
}
