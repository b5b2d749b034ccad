//! Where adapters come from.

use super::Communicator;
use crate::adapter::Adapter;
use crate::error::{Error, ErrorKind};
use crate::proxy::ObjectPrx;

impl Communicator {
    /// An adapter that takes its endpoints from the properties `NAME.Endpoints` and so on. With an empty name it has
    /// none, and serves connections that this side has opened.
    ///
    /// # Errors
    ///
    /// `Socket` where an endpoint cannot be opened, for one because its port is in use; `AlreadyRegistered` where the name is
    /// taken; `Initialization` where the adapter has no properties.
    pub fn create_adapter(&self, name: &str) -> Result<Adapter, Error> {
        let adapter = self.inner.sys.adapter(name).map_err(|failure| {
            let endpoints = self.inner.properties.get(&format!("{name}.Endpoints"));
            let error = adapter_error(failure, name, endpoints.as_deref());
            match error.kind() {
                ErrorKind::Initialization if endpoints.is_none() => error.with_hint(&format!(
                    "set {name}.Endpoints, or use create_adapter_with_endpoints"
                )),
                _ => error,
            }
        })?;
        Ok(Adapter::new(adapter, self.inner.dispatches.child()))
    }

    /// An adapter with these endpoints: `tcp -h 127.0.0.1 -p 0`, for example.
    ///
    /// # Errors
    ///
    /// As [`Communicator::create_adapter`]; `EndpointParse` where these are no endpoints.
    pub fn create_adapter_with_endpoints(
        &self,
        name: &str,
        endpoints: &str,
    ) -> Result<Adapter, Error> {
        let adapter = self
            .inner
            .sys
            .adapter_with_endpoints(name, endpoints)
            .map_err(|failure| adapter_error(failure, name, Some(endpoints)))?;
        Ok(Adapter::new(adapter, self.inner.dispatches.child()))
    }

    /// An adapter whose objects are called by way of a router (Glacier2, for one), which is asked where that is. The router
    /// calls them over the connection that this side opens to it. An empty name is replaced by a UUID.
    ///
    /// The future may be dropped; the adapter is made all the same, and its name taken.
    ///
    /// # Errors
    ///
    /// `AlreadyRegistered` where the name is taken, or the router has an adapter of this communicator already; and where the
    /// router cannot be reached.
    pub async fn create_adapter_with_router(
        &self,
        name: &str,
        router: &ObjectPrx,
    ) -> Result<Adapter, Error> {
        let (called, router) = (name.to_owned(), router.sys.clone());
        let adapter = self
            .blocking(move |sys| ice_sys::Adapter::with_router(sys, &called, &router))
            .await?
            .map_err(|failure| adapter_error(failure, name, None))?;
        Ok(Adapter::new(adapter, self.inner.dispatches.child()))
    }
}

/// Why an adapter could not be made, with its endpoints: a port in use is named by them alone.
fn adapter_error(failure: ice_sys::Failure, name: &str, endpoints: Option<&str>) -> Error {
    let endpoints = endpoints.map_or_else(String::new, |endpoints| format!(" at `{endpoints}`"));
    Error::from(failure).about(format!("adapter {name}{endpoints}"))
}
