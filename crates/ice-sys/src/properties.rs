//! Handles on property sets.

use cxx::SharedPtr;

use crate::Entry;
use crate::bridge::ffi;
use crate::failure::Failure;
use crate::logger;

/// A set of properties. Cloning counts a reference: both see what either sets.
#[derive(Clone)]
pub struct Properties(pub(crate) SharedPtr<ffi::Properties>);

impl Properties {
    /// Reads `--Ice.Config=FILE` and what that names, then every `--Name=value`.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read, or a line of it.
    pub fn new(arguments: Vec<String>) -> Result<Self, Failure> {
        logger::install_for_process();
        Ok(Self(ffi::properties_new(arguments)?))
    }

    /// An independent copy.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn copy(&self) -> Result<Self, Failure> {
        Ok(Self(ffi::properties_copy(&self.0)?))
    }

    /// The value; empty where there is none.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn get(&self, key: &str) -> Result<String, Failure> {
        Ok(ffi::properties_get(&self.0, key)?)
    }

    /// The value as a list, with Ice's rules of separating and quoting.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn list(&self, key: &str) -> Result<Vec<String>, Failure> {
        Ok(ffi::properties_list(&self.0, key)?)
    }

    /// All whose names begin with `prefix`.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn for_prefix(&self, prefix: &str) -> Result<Vec<Entry>, Failure> {
        Ok(ffi::properties_for_prefix(&self.0, prefix)?)
    }

    /// Sets a value; an empty one removes the property.
    ///
    /// # Errors
    ///
    /// `InitializationException` for an empty name.
    pub fn set(&self, key: &str, value: &str) -> Result<(), Failure> {
        Ok(ffi::properties_set(&self.0, key, value)?)
    }
}
