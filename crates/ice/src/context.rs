//! The implicit context: what goes with every request of a communicator.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Error;

/// What goes with every request of a communicator, besides the context of the proxy (which wins where both have a
/// key). There is one where the property `Ice.ImplicitContext` is set.
///
/// `Ice.ImplicitContext=Shared` is what fits an asynchronous program: one context, the same for all. With `PerThread` each
/// thread has one of its own, and a call takes that of the thread on which its method is called (that is, where the
/// future is made; where it is polled does not matter). A task of a runtime with many threads goes on, after each `await`, on
/// any of them: there it would find what another task has left. So `PerThread` is for current-thread runtimes and
/// for code without an `await` between setting and calling; else `with_context` on a proxy says what belongs to a call.
#[derive(Clone)]
pub struct ImplicitContext {
    sys: ice_sys::ImplicitContext,
}

impl ImplicitContext {
    pub(crate) fn new(sys: ice_sys::ImplicitContext) -> Self {
        Self { sys }
    }

    /// All of it.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, String> {
        let entries = self.sys.all().unwrap_or_default();
        entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect()
    }

    /// Replaces all of it.
    ///
    /// # Errors
    ///
    /// `UnknownLocal` for want of memory alone.
    pub fn replace(&self, context: &BTreeMap<String, String>) -> Result<(), Error> {
        let entries = context.iter().map(|(key, value)| ice_sys::Entry {
            key: key.clone(),
            value: value.clone(),
        });
        Ok(self.sys.replace(&entries.collect())?)
    }

    /// The value of a key; `None` where it is not there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        let value = self.sys.get(key).ok()?;
        (!value.is_empty() || self.contains(key)).then_some(value)
    }

    /// Whether there is such a key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.sys.contains(key).unwrap_or(false)
    }

    /// Sets the value of a key: the one before; `None` where there was none.
    ///
    /// # Errors
    ///
    /// `UnknownLocal` for want of memory alone.
    pub fn put(&self, key: &str, value: &str) -> Result<Option<String>, Error> {
        let there = self.contains(key);
        let before = self.sys.put(key, value)?;
        Ok((!before.is_empty() || there).then_some(before))
    }

    /// Removes a key: its value; `None` where it was not there.
    pub fn remove(&self, key: &str) -> Option<String> {
        let there = self.contains(key);
        let value = self.sys.remove(key).ok()?;
        (!value.is_empty() || there).then_some(value)
    }
}

impl fmt::Debug for ImplicitContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ImplicitContext").field(&self.all()).finish()
    }
}
