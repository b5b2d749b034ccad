//! What ends once it is sent: flushed batches and heartbeats.

use std::sync::Arc;

use crate::bridge::ffi;

use crate::communicator::Communicator;
use crate::completion::{Answer, Completion};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::proxy::Proxy;

/// Whether a batch is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compress {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It is where a request of it went through a proxy that compresses.
    BasedOnProxy,
}

impl Proxy {
    /// Sends what this proxy has collected. How that ends goes to `waiting`, within this function perhaps.
    ///
    /// # Errors
    ///
    /// Where it cannot even be tried; `waiting` is answered as well then.
    pub fn flush(&self, waiting: Arc<dyn Answer>) -> Result<(), Failure> {
        Ok(ffi::proxy_flush(&self.0, Completion::boxed(waiting))?)
    }
}

impl Connection {
    /// Sends what fixed proxies of this connection have collected. How that ends goes to `waiting`.
    ///
    /// # Errors
    ///
    /// As [`Proxy::flush`].
    pub fn flush(&self, compress: Compress, waiting: Arc<dyn Answer>) -> Result<(), Failure> {
        let completion = Completion::boxed(waiting);
        Ok(ffi::connection_flush(&self.0, compress as u8, completion)?)
    }

    /// Sends a heartbeat. How that ends goes to `waiting`.
    ///
    /// # Errors
    ///
    /// As [`Proxy::flush`].
    pub fn heartbeat(&self, waiting: Arc<dyn Answer>) -> Result<(), Failure> {
        Ok(ffi::connection_heartbeat(
            &self.0,
            Completion::boxed(waiting),
        )?)
    }
}

impl Communicator {
    /// Sends what fixed proxies of all connections have collected. How that ends goes to `waiting`.
    ///
    /// # Errors
    ///
    /// As [`Proxy::flush`].
    pub fn flush(&self, compress: Compress, waiting: Arc<dyn Answer>) -> Result<(), Failure> {
        let completion = Completion::boxed(waiting);
        Ok(ffi::communicator_flush(
            &self.0,
            compress as u8,
            completion,
        )?)
    }
}
