//! What can be asked of a proxy's options, and changed in a copy of it.

use crate::Entry;
use crate::bridge::options::ffi;
use crate::communicator::Communicator;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::proxy::{Proxy, changed, non_null, or_null};

pub use ffi::ProxyOptions;

// Errors: everything here fails with what the runtime raises. The functions that make a changed copy do with
// `FixedProxyException` where the proxy is fixed and has no such option.
#[allow(clippy::missing_errors_doc)]
impl Proxy {
    /// All that is set for it.
    pub fn options(&self) -> Result<ProxyOptions, Failure> {
        Ok(ffi::proxy_options(&self.0)?)
    }

    /// The locator that finds its endpoints.
    pub fn locator(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::proxy_locator(&self.0)?))
    }

    /// The router that its requests go through.
    pub fn router(&self) -> Result<Option<Proxy>, Failure> {
        Ok(non_null(ffi::proxy_router(&self.0)?))
    }

    /// The same proxy, with its endpoints asked of a locator by the id of their adapter.
    pub fn with_adapter_id(&self, id: &str) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_adapter_id(&self.0, id)?)
    }

    /// The same proxy with another locator, or none.
    pub fn with_locator(&self, locator: Option<&Proxy>) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_locator(&self.0, &or_null(locator))?)
    }

    /// The same proxy with another router, or none.
    pub fn with_router(&self, router: Option<&Proxy>) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_router(&self.0, &or_null(router))?)
    }

    /// The same proxy with another time, in seconds, for which what a locator said is believed; -1 for ever.
    pub fn with_locator_cache_timeout(&self, seconds: i32) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_locator_cache_timeout(&self.0, seconds)?)
    }

    /// The same proxy with another time-out, in milliseconds, in all of its endpoints; -1 for none.
    pub fn with_timeout(&self, milliseconds: i32) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_timeout(&self.0, milliseconds)?)
    }

    /// The same proxy, with requests compressed or not.
    pub fn with_compress(&self, compress: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_compress(&self.0, compress)?)
    }

    /// The same proxy, with secure endpoints tried first or last.
    pub fn with_prefer_secure(&self, prefer: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_prefer_secure(&self.0, prefer)?)
    }

    /// The same proxy, with endpoints tried in their order, or at random.
    pub fn with_endpoint_order(&self, ordered: bool) -> Result<Proxy, Failure> {
        changed(ffi::proxy_with_endpoint_order(&self.0, ordered)?)
    }

    /// The same object, called over this connection alone.
    pub fn fixed(&self, connection: &Connection) -> Result<Proxy, Failure> {
        changed(ffi::proxy_fixed(&self.0, &connection.0)?)
    }
}

impl Communicator {
    /// The properties that say, below this name, what the proxy is.
    ///
    /// # Errors
    ///
    /// `FixedProxyException` where it is bound to a connection.
    pub fn proxy_to_property(&self, proxy: &Proxy, key: &str) -> Result<Vec<Entry>, Failure> {
        Ok(ffi::proxy_to_property(&self.0, &proxy.0, key)?)
    }
}
