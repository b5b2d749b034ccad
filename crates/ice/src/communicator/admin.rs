//! What can be asked and told of a communicator from outside and within: its admin object, its metrics, its implicit context.

use std::sync::Arc;

use super::Communicator;
use crate::adapter::Adapter;
use crate::context::ImplicitContext;
use crate::error::Error;
use crate::identity::Identity;
use crate::metrics::Metrics;
use crate::proxy::ObjectPrx;
use crate::servant::{Host, Servant};

impl Communicator {
    /// The implicit context; `None` unless the property `Ice.ImplicitContext` is `Shared` or `PerThread`.
    #[must_use]
    pub fn implicit_context(&self) -> Option<ImplicitContext> {
        let context = ice_sys::ImplicitContext::of(&self.inner.sys);
        context.ok().flatten().map(ImplicitContext::new)
    }

    /// The metrics of this communicator; `None` unless the property `Ice.Admin.Enabled` is 1 (which needs no endpoints) or
    /// `Ice.Admin.Endpoints` is set, and where `Ice.Admin.Facets` leaves them out.
    #[must_use]
    pub fn metrics(&self) -> Option<Metrics> {
        let metrics = ice_sys::Metrics::of_communicator(&self.inner.sys);
        metrics.ok().flatten().map(Metrics::new)
    }

    /// The admin object; `None` unless properties ask for one (`Ice.Admin.Endpoints` with `Ice.Admin.InstanceName`, or
    /// with `Ice.Admin.ServerId` and a locator). It comes with the communicator, unless `Ice.Admin.DelayCreation` is
    /// set: then this makes it.
    ///
    /// # Errors
    ///
    /// Where its adapter cannot be made, or the locator cannot be told of it.
    pub async fn admin(&self) -> Result<Option<ObjectPrx>, Error> {
        let admin = self.blocking(ice_sys::Communicator::admin).await??;
        Ok(admin.map(ObjectPrx::new))
    }

    /// Makes the admin object in an adapter of yours, with facets for the process, its logger, its properties and its
    /// metrics: whoever reaches it can read all of those and shut this process down.
    ///
    /// # Errors
    ///
    /// `Initialization` where it is there already, and where the property `Ice.Admin.Enabled` is not 1.
    pub async fn create_admin(
        &self,
        adapter: &Adapter,
        identity: impl Into<Identity>,
    ) -> Result<Option<ObjectPrx>, Error> {
        let (adapter, identity) = (adapter.sys().clone(), identity.into().to_sys());
        let admin = self
            .blocking(move |sys| sys.create_admin(&adapter, &identity))
            .await??;
        Ok(admin.map(ObjectPrx::new))
    }

    /// The names of the facets that the admin object has, or would have.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyed`.
    pub fn admin_facets(&self) -> Result<Vec<String>, Error> {
        Ok(self.inner.sys.admin_facets()?)
    }

    /// Adds a facet to the admin object.
    ///
    /// # Errors
    ///
    /// `AlreadyRegistered` where it has one of this name.
    pub fn add_admin_facet(&self, servant: impl Servant, facet: &str) -> Result<(), Error> {
        let host = Host::new(Arc::new(servant), self.inner.dispatches.child());
        let added = ice_sys::Servant::new(Arc::new(host))
            .and_then(|servant| self.inner.sys.add_admin_facet(&servant, facet));
        added.map_err(|failure| Error::from(failure).about(format!("admin facet {facet}")))
    }

    /// Removes a facet of the admin object, one of Ice's own perhaps.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where it has none of this name.
    pub fn remove_admin_facet(&self, facet: &str) -> Result<(), Error> {
        let removed = self.inner.sys.remove_admin_facet(facet);
        removed.map_err(|failure| Error::from(failure).about(format!("admin facet {facet}")))
    }
}
