//! Its objects and their facets.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Adapter;
use crate::error::{Error, ErrorKind};
use crate::identity::Identity;
use crate::proxy::{ObjectPrx, Prx};
use crate::servant::{Host, Servant};

/// Objects and facets. A request is answered by the servant that was added for its identity and facet; by a default servant, that
/// of the category or of the empty one, where there is none; and last by whom a servant locator finds, likewise.
impl Adapter {
    /// Adds an object: from now on the servant answers for this identity. Returns a proxy for it.
    ///
    /// The identity is `Identity::new("hello")`, or `"category/hello".parse()?`.
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
        let proxy = self
            .host(servant)
            .and_then(|host| self.sys.add(&host, &identity.to_sys(), facet))
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(ObjectPrx::new(proxy))
    }

    /// Removes an object: later requests are answered with `ObjectNotExist`, those under way go on. Returns its servant.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such object.
    pub fn remove(&self, identity: impl Into<Identity>) -> Result<Arc<dyn Servant>, Error> {
        self.remove_facet(identity, "")
    }

    /// Removes a facet of an object. Returns its servant.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such facet.
    pub fn remove_facet(
        &self,
        identity: impl Into<Identity>,
        facet: &str,
    ) -> Result<Arc<dyn Servant>, Error> {
        let identity = identity.into();
        let host = self
            .sys
            .remove(&identity.to_sys(), facet)
            .map_err(|failure| self.place_of(failure, &identity))?;
        servant_in(&host).ok_or_else(not_ours)
    }

    /// Removes all facets of an object. Returns their servants by the names of the facets.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such object.
    pub fn remove_all_facets(
        &self,
        identity: impl Into<Identity>,
    ) -> Result<BTreeMap<String, Arc<dyn Servant>>, Error> {
        let identity = identity.into();
        let removed = self
            .sys
            .remove_all(&identity.to_sys())
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(servants_in(removed))
    }

    /// The servant that answers for an object, a default one perhaps.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended, `IllegalIdentity` where the identity has no name.
    pub fn find(&self, identity: impl Into<Identity>) -> Result<Option<Arc<dyn Servant>>, Error> {
        self.find_facet(identity, "")
    }

    /// The servant that answers for a facet of an object, a default one perhaps.
    ///
    /// # Errors
    ///
    /// As [`Adapter::find`].
    pub fn find_facet(
        &self,
        identity: impl Into<Identity>,
        facet: &str,
    ) -> Result<Option<Arc<dyn Servant>>, Error> {
        let identity = identity.into();
        let host = self
            .sys
            .find(&identity.to_sys(), facet)
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(host.as_ref().and_then(servant_in))
    }

    /// The servants that were added for an object, by the names of their facets; none for an object that is not there.
    ///
    /// # Errors
    ///
    /// As [`Adapter::find`].
    pub fn find_all_facets(
        &self,
        identity: impl Into<Identity>,
    ) -> Result<BTreeMap<String, Arc<dyn Servant>>, Error> {
        let identity = identity.into();
        let found = self
            .sys
            .find_all(&identity.to_sys())
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(servants_in(found))
    }

    /// The servant that answers for identity and facet of a proxy, wherever that points to.
    ///
    /// # Errors
    ///
    /// As [`Adapter::find`].
    pub fn find_by_proxy(&self, proxy: &impl Prx) -> Result<Option<Arc<dyn Servant>>, Error> {
        let host = self
            .sys
            .find_by_proxy(&proxy.as_object().sys)
            .map_err(|failure| self.place_of(failure, &proxy.identity()))?;
        Ok(host.as_ref().and_then(servant_in))
    }

    pub(super) fn host(
        &self,
        servant: Arc<dyn Servant>,
    ) -> Result<ice_sys::Servant, ice_sys::Failure> {
        ice_sys::Servant::new(Arc::new(Host::new(servant, self.dispatches.clone())))
    }
}

/// What was added, and not made by the runtime itself.
pub(super) fn servant_in(host: &ice_sys::Servant) -> Option<Arc<dyn Servant>> {
    let host: Arc<dyn Any + Send + Sync> = host.dispatch()?;
    let host: Arc<Host> = host.downcast().ok()?;
    Some(Arc::clone(host.servant()))
}

fn servants_in(
    hosts: impl Iterator<Item = (String, ice_sys::Servant)>,
) -> BTreeMap<String, Arc<dyn Servant>> {
    hosts
        .filter_map(|(facet, host)| Some((facet, servant_in(&host)?)))
        .collect()
}

pub(super) fn not_ours() -> Error {
    Error::new(
        ErrorKind::IllegalServant,
        "the runtime itself answers for this object",
    )
}
