//! Those who answer for whole categories: default servants and servant locators.

use std::sync::Arc;

use super::Adapter;
use super::servants::{not_ours, servant_in};
use crate::error::Error;
use crate::servant::{LocatorServant, Servant, ServantLocator};

/// Default servants.
impl Adapter {
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
