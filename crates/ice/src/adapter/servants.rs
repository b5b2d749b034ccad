//! Its objects, and those who answer for them.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Adapter;
use crate::error::{Error, ErrorKind};
use crate::identity::Identity;
use crate::proxy::{ObjectPrx, Prx as _};
use crate::servant::{Host, LocatorServant, Servant, ServantLocator};

/// Objects and facets. A request is answered by the servant that was added for its identity and facet; by a default servant, that
/// of the category or of the empty one, where there is none; and last by whom a servant locator finds, likewise.
impl Adapter {
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
        let proxy = self
            .host(servant)
            .and_then(|host| self.sys.add(&host, &identity.to_sys(), facet))
            .map_err(|failure| self.place_of(failure, &identity))?;
        Ok(ObjectPrx::new(proxy))
    }

    /// Adds a servant that answers for every identity of a category, and every facet, that was not added; of the empty
    /// category: for those of any category that has no default servant of its own.
    ///
    /// # Errors
    ///
    /// `AlreadyRegistered` where the category has a default servant, `ObjectAdapterDeactivated` where the adapter has
    /// ended.
    pub fn add_default_servant(&self, servant: impl Servant, category: &str) -> Result<(), Error> {
        self.add_shared_default_servant(Arc::new(servant), category)
    }

    /// As [`Adapter::add_default_servant`], with one that answers for others, too.
    ///
    /// # Errors
    ///
    /// As [`Adapter::add_default_servant`].
    pub fn add_shared_default_servant(
        &self,
        servant: Arc<dyn Servant>,
        category: &str,
    ) -> Result<(), Error> {
        self.host(servant)
            .and_then(|host| self.sys.add_default(&host, category))
            .map_err(|failure| self.place_of(failure, &Category(category)))
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

    /// Removes the default servant of a category. Returns it.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is none.
    pub fn remove_default_servant(&self, category: &str) -> Result<Arc<dyn Servant>, Error> {
        let host = self
            .sys
            .remove_default(category)
            .map_err(|failure| self.place_of(failure, &Category(category)))?;
        servant_in(&host).ok_or_else(not_ours)
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
    pub fn find_by_proxy(&self, proxy: &ObjectPrx) -> Result<Option<Arc<dyn Servant>>, Error> {
        let host = self
            .sys
            .find_by_proxy(&proxy.sys)
            .map_err(|failure| self.place_of(failure, &proxy.identity()))?;
        Ok(host.as_ref().and_then(servant_in))
    }

    /// The default servant of this very category.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn find_default_servant(&self, category: &str) -> Result<Option<Arc<dyn Servant>>, Error> {
        let host = self
            .sys
            .find_default(category)
            .map_err(|failure| self.place_of(failure, &Category(category)))?;
        Ok(host.as_ref().and_then(servant_in))
    }

    fn host(&self, servant: Arc<dyn Servant>) -> Result<ice_sys::Servant, ice_sys::Failure> {
        ice_sys::Servant::new(Arc::new(Host::new(servant, self.dispatches.clone())))
    }
}

/// Servant locators.
impl Adapter {
    /// Has a locator find the servants of a category: of the empty one, those of any category that has no locator of its
    /// own.
    ///
    /// # Errors
    ///
    /// `AlreadyRegistered` where the category has a locator, `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn add_servant_locator(
        &self,
        locator: impl ServantLocator,
        category: &str,
    ) -> Result<(), Error> {
        self.host(Arc::new(LocatorServant::new(locator)))
            .and_then(|host| self.sys.add_locator(&host, category))
            .map_err(|failure| self.place_of(failure, &Category(category)))
    }

    /// Removes the locator of a category. Its [`deactivate`](ServantLocator::deactivate) is not called any more.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is none.
    pub fn remove_servant_locator(&self, category: &str) -> Result<(), Error> {
        self.sys
            .remove_locator(category)
            .map_err(|failure| self.place_of(failure, &Category(category)))
    }

    /// The locator of this very category; `None` where there is none, or where it is of another type.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended.
    pub fn find_servant_locator<L: ServantLocator>(
        &self,
        category: &str,
    ) -> Result<Option<Arc<L>>, Error> {
        let host = self
            .sys
            .find_locator(category)
            .map_err(|failure| self.place_of(failure, &Category(category)))?;
        let locator = host
            .as_ref()
            .and_then(servant_in)
            .and_then(|servant| servant.locator());
        Ok(locator.and_then(|locator| locator.downcast().ok()))
    }
}

/// A category, as errors name it.
struct Category<'a>(&'a str);

impl std::fmt::Display for Category<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "category `{}`", self.0)
    }
}

/// What was added, and not made by the runtime itself.
fn servant_in(host: &ice_sys::Servant) -> Option<Arc<dyn Servant>> {
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

fn not_ours() -> Error {
    Error::new(
        ErrorKind::IllegalServant,
        "the runtime itself answers for this object",
    )
}
