//! From the first request to the last.

use std::time::Duration;

use super::Adapter;
use crate::error::Error;

impl Adapter {
    /// Begins to take requests, or goes on with it after [`Adapter::hold`].
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where it has ended; and where a locator does not accept it. With a locator this asks that
    /// over the network, and blocks until the answer is there: see [`Adapter::activate_async`].
    pub fn activate(&self) -> Result<(), Error> {
        self.sys.activate().map_err(|failure| self.place(failure))
    }

    /// As [`Adapter::activate`], waiting for the answer of the locator. Dropping the future does not undo it.
    ///
    /// # Errors
    ///
    /// As [`Adapter::activate`].
    pub async fn activate_async(&self) -> Result<(), Error> {
        self.block(ice_sys::Adapter::activate).await
    }

    /// Takes no further requests for now: they are not read, and wait at their senders. Those under way go on.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where it has ended.
    pub fn hold(&self) -> Result<(), Error> {
        self.sys.hold().map_err(|failure| self.place(failure))
    }

    /// Waits until the requests that were under way at [`Adapter::hold`] are answered. The future may be dropped.
    ///
    /// A servant that waits for this in an operation of its own waits for itself.
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where it has ended.
    pub async fn wait_for_hold(&self) -> Result<(), Error> {
        self.block(ice_sys::Adapter::wait_for_hold).await
    }

    /// Takes no further requests, for good, and closes its endpoints. Requests under way go on: a servant may
    /// call this in an operation. Where there is a locator, that is told over the network first.
    ///
    /// Its objects and its name are given up by [`Adapter::destroy`]. Deactivating it again does nothing.
    pub async fn deactivate(&self) {
        // What the runtime raises here is that there is nothing left to end.
        if self.locator().is_none() {
            let _ = self.sys.deactivate();
        } else {
            let _ = self.block(ice_sys::Adapter::deactivate).await;
        }
    }

    /// Waits until the adapter is deactivated, by whomever, and all requests under way are answered. This is where a
    /// server may wait for its end. The future may be dropped.
    ///
    /// A servant that waits for this in an operation of its own waits for itself.
    pub async fn wait_for_deactivate(&self) {
        // What the runtime raises here is that there is nothing left to wait for.
        let _ = self.block(ice_sys::Adapter::wait_for_deactivate).await;
    }

    /// Whether it was deactivated.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.sys.is_deactivated()
    }

    /// Deactivates it, and gives up its objects and its name. Requests under way have half a second to end; those that
    /// wait still are dropped then, and their callers see `UnknownException`.
    ///
    /// The future may be dropped; the work goes on.
    pub async fn destroy(&self) {
        self.destroy_within(crate::communicator::DISPATCH_GRACE)
            .await;
    }

    /// As [`Adapter::destroy`], with another time for requests to end in.
    pub async fn destroy_within(&self, grace: Duration) {
        self.dispatches
            .end_within(grace, {
                let sys = self.sys.clone();
                move || {
                    // What the runtime raises here is that there is nothing left to end.
                    let _ = sys.destroy();
                }
            })
            .await;
    }
}
