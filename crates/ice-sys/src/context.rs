//! The implicit context of a communicator.

use cxx::SharedPtr;

use crate::Entry;
use crate::bridge::context::ffi;
use crate::communicator::Communicator;
use crate::failure::Failure;

/// What goes with every request of a communicator. Cloning counts a reference.
#[derive(Clone)]
pub struct ImplicitContext(SharedPtr<ffi::ImplicitContext>);

// Errors: `NotRegisteredException` for a key that is not there, and else for want of memory alone.
#[allow(clippy::missing_errors_doc)]
impl ImplicitContext {
    /// That of a communicator; `None` where its properties ask for none.
    pub fn of(communicator: &Communicator) -> Result<Option<Self>, Failure> {
        let context = ffi::communicator_context(&communicator.0)?;
        Ok((!context.is_null()).then_some(Self(context)))
    }

    /// All entries.
    pub fn all(&self) -> Result<Vec<Entry>, Failure> {
        Ok(ffi::context_all(&self.0)?)
    }

    /// Replaces all entries.
    pub fn replace(&self, entries: &Vec<Entry>) -> Result<(), Failure> {
        Ok(ffi::context_replace(&self.0, entries)?)
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &str) -> Result<bool, Failure> {
        Ok(ffi::context_contains(&self.0, key)?)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Result<String, Failure> {
        Ok(ffi::context_get(&self.0, key)?)
    }

    /// Sets a value: the one before, empty where there was none.
    pub fn put(&self, key: &str, value: &str) -> Result<String, Failure> {
        Ok(ffi::context_put(&self.0, key, value)?)
    }

    /// Removes a key: its value.
    pub fn remove(&self, key: &str) -> Result<String, Failure> {
        Ok(ffi::context_remove(&self.0, key)?)
    }
}
