//! Object adapters: where objects are, and where their callers find them.

mod categories;
mod life;
mod publishing;
mod servants;

use std::fmt;

use crate::error::Error;
use crate::servant::Dispatches;

/// An object adapter: endpoints, and the objects that answer there. Cloning counts a reference.
///
/// It takes requests from [`Adapter::activate`] on: until then their callers wait, and nothing is said about it.
/// It ends with [`Adapter::destroy`], or with its communicator.
///
/// What its name stands for in the properties is documented by Ice: `NAME.Endpoints`, `NAME.PublishedEndpoints`,
/// `NAME.AdapterId`, `NAME.ReplicaGroupId`, `NAME.Locator`, `NAME.Router`, `NAME.ThreadPool.Size` and others.
#[derive(Clone)]
pub struct Adapter {
    sys: ice_sys::Adapter,
    dispatches: Dispatches,
}

impl Adapter {
    pub(crate) fn new(sys: ice_sys::Adapter, dispatches: Dispatches) -> Self {
        Self { sys, dispatches }
    }

    pub(crate) fn sys(&self) -> &ice_sys::Adapter {
        &self.sys
    }

    /// The name that it was made with; a UUID where that was empty and it has endpoints.
    #[must_use]
    pub fn name(&self) -> String {
        self.sys.name().unwrap_or_default()
    }

    /// The error, with the adapter that it befell.
    fn place(&self, failure: ice_sys::Failure) -> Error {
        Error::from(failure).about(self.title())
    }

    /// The error, with the thing in the adapter that it befell.
    fn place_of(&self, failure: ice_sys::Failure, what: &dyn fmt::Display) -> Error {
        let error = Error::from(failure);
        let title = self.title();
        // Ice says of some errors what they befell, and of others not.
        if error.reason().contains(&what.to_string()) {
            return error.about(title);
        }
        error.about(format!("{what} in {title}"))
    }

    fn title(&self) -> String {
        match self.name() {
            name if name.is_empty() => "an adapter without a name".to_owned(),
            name => format!("adapter {name}"),
        }
    }

    /// Does work that blocks where it holds nobody up.
    async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ice_sys::Adapter) -> Result<T, ice_sys::Failure> + Send + 'static,
    ) -> Result<T, Error> {
        let sys = self.sys.clone();
        let done = self.dispatches.blocking(move || work(&sys)).await?;
        done.map_err(|failure| self.place(failure))
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adapter")
            .field("name", &self.name())
            .field("endpoints", &self.endpoints())
            .finish()
    }
}

/// Whether both are the same adapter.
impl PartialEq for Adapter {
    fn eq(&self, other: &Self) -> bool {
        self.sys.is_same(&other.sys)
    }
}

impl Eq for Adapter {}
