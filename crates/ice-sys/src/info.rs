//! What endpoints and connections are.

use crate::adapter::Adapter;
use crate::bridge::info::ffi;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::proxy::Proxy;

pub use ffi::{CertificateFacts, ConnectionFacts, EndpointFacts};

impl Proxy {
    /// The endpoints.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn endpoints(&self) -> Result<Vec<EndpointFacts>, Failure> {
        Ok(ffi::proxy_endpoints(&self.0)?)
    }
}

impl Adapter {
    /// The endpoints: those that it listens on, or those that stand in its proxies.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn endpoints(&self, published: bool) -> Result<Vec<EndpointFacts>, Failure> {
        Ok(ffi::adapter_endpoints(&self.0, published)?)
    }
}

impl Connection {
    /// The endpoint that it was made from.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn endpoint(&self) -> Result<EndpointFacts, Failure> {
        Ok(ffi::connection_endpoint(&self.0)?)
    }

    /// Its addresses, and whatever else its transport knows of it.
    ///
    /// # Errors
    ///
    /// Where the connection is closed: with the reason of that.
    pub fn info(&self) -> Result<ConnectionFacts, Failure> {
        Ok(ffi::connection_info(&self.0)?)
    }
}
