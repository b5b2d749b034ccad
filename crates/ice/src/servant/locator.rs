use std::any::Any;
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::deferred::Contained;
use super::reply::{Dispatch, DispatchError, Reply, refuse};
use super::{Request, Servant};
use crate::current::Current;
use crate::error::{Error, ErrorKind};

/// Finds the servant of each request, for objects that are too many, or too short-lived, to be added to an adapter.
///
/// It is asked where an adapter has neither the object nor a default servant for it: that of the category first, that
/// of the empty category then (see [`Adapter::add_servant_locator`](crate::Adapter::add_servant_locator)). Its oneway requests of one
/// connection are answered in order, whichever servants they are for.
///
/// ```
/// # use std::sync::Arc;
/// # use ice::{Current, DispatchError, Located, Servant, ServantLocator};
/// # struct Rows;
/// # impl Rows { async fn load(&self, _: &str) -> Option<(Arc<dyn Servant>, u32)> { None } async fn store(&self, _: u32) {} }
/// struct Database(Rows);
///
/// impl ServantLocator for Database {
///     type Cookie = u32;
///
///     async fn locate(&self, current: &Current) -> Result<Option<Located<u32>>, DispatchError> {
///         let row = self.0.load(&current.identity().name).await;
///         Ok(row.map(|(servant, row)| Located::new(servant, row)))
///     }
///
///     async fn finished(
///         &self,
///         _: &Current,
///         _: Arc<dyn Servant>,
///         row: u32,
///     ) -> Result<(), DispatchError> {
///         self.0.store(row).await;
///         Ok(())
///     }
/// }
/// ```
pub trait ServantLocator: Send + Sync + 'static {
    /// What is remembered of a request from [`locate`](Self::locate) to [`finished`](Self::finished); `()` where nothing is. It is
    /// dropped where the request is ended before, with its adapter.
    type Cookie: Send + 'static;

    /// The servant for a request; `None` where there is no such object.
    ///
    /// Where it waits, the parameters of the request are copied.
    ///
    /// # Errors
    ///
    /// What the caller is to see: an exception of Slice or an error of Ice.
    fn locate(
        &self,
        current: &Current,
    ) -> impl Future<Output = Result<Option<Located<Self::Cookie>>, DispatchError>> + Send;

    /// The servant has answered, and the answer goes out when this is done.
    ///
    /// # Errors
    ///
    /// What the caller is to see instead of the servant's answer.
    fn finished(
        &self,
        current: &Current,
        servant: Arc<dyn Servant>,
        cookie: Self::Cookie,
    ) -> impl Future<Output = Result<(), DispatchError>> + Send {
        let _ = (current, servant, cookie);
        async { Ok(()) }
    }

    /// The adapter has ended. It must not block. Not called for a locator that was removed before.
    fn deactivate(&self, category: &str) {
        let _ = category;
    }
}

impl<L: ServantLocator> ServantLocator for Arc<L> {
    type Cookie = L::Cookie;

    fn locate(
        &self,
        current: &Current,
    ) -> impl Future<Output = Result<Option<Located<Self::Cookie>>, DispatchError>> + Send {
        L::locate(self, current)
    }

    fn finished(
        &self,
        current: &Current,
        servant: Arc<dyn Servant>,
        cookie: Self::Cookie,
    ) -> impl Future<Output = Result<(), DispatchError>> + Send {
        L::finished(self, current, servant, cookie)
    }

    fn deactivate(&self, category: &str) {
        L::deactivate(self, category);
    }
}

/// What a servant locator has found.
pub struct Located<C> {
    servant: Arc<dyn Servant>,
    cookie: C,
}

impl<C> Located<C> {
    /// A servant, and what is to be remembered of the request.
    #[must_use]
    pub fn new(servant: Arc<dyn Servant>, cookie: C) -> Self {
        Self { servant, cookie }
    }
}

impl<C: std::fmt::Debug> std::fmt::Debug for Located<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Located")
            .field("servant", &self.servant.type_id())
            .field("cookie", &self.cookie)
            .finish()
    }
}

/// The servant that stands for all that a locator finds.
pub(crate) struct LocatorServant<L> {
    locator: Arc<L>,
}

impl<L: ServantLocator> LocatorServant<L> {
    pub(crate) fn new(locator: L) -> Self {
        Self {
            locator: Arc::new(locator),
        }
    }
}

impl<L: ServantLocator> Servant for LocatorServant<L> {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Object"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        self.handle(request)
    }

    fn handle(&self, request: Request<'_>) -> Dispatch {
        let (locator, current) = (Arc::clone(&self.locator), request.shared_current());
        let mut locating = Box::pin({
            let locator = Arc::clone(&locator);
            async move {
                let located = locator.locate(&current).await;
                (located, current)
            }
        });
        // Mostly it is found at once, and the parameters need no copy.
        let mut context = Context::from_waker(Waker::noop());
        match locating.as_mut().poll(&mut context) {
            Poll::Ready((located, current)) => serve(locator, located, current, request),
            Poll::Pending => {
                let request = request.into_owned();
                Box::pin(async move {
                    let (located, current) = locating.await;
                    serve(locator, located, current, request).await
                })
            }
        }
    }

    fn locator(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        Some(Arc::clone(&self.locator) as Arc<dyn Any + Send + Sync>)
    }

    fn deactivated(&self, category: &str) {
        self.locator.deactivate(category);
    }
}

fn serve<L: ServantLocator>(
    locator: Arc<L>,
    located: Result<Option<Located<L::Cookie>>, DispatchError>,
    current: Current,
    request: Request<'_>,
) -> Dispatch {
    let Located { servant, cookie } = match located {
        Ok(Some(located)) => located,
        Ok(None) => return refuse(nothing_there(&current)),
        Err(error) => return Box::pin(ready(Reply::of_error(&current, error))),
    };
    // The locator hears of the end, also where the servant panics.
    let begun = catch_unwind(AssertUnwindSafe(|| servant.handle(request)));
    let dispatch = begun.unwrap_or_else(|_| refuse(Error::unknown("the servant panicked")));
    Box::pin(async move {
        let reply = Contained(dispatch).await;
        match locator.finished(&current, servant, cookie).await {
            Ok(()) => reply,
            Err(error) => Reply::of_error(&current, error),
        }
    })
}

/// An object of which another facet was added exists, and lacks the facet alone.
fn nothing_there(current: &Current) -> Error {
    let has_facets = current
        .adapter()
        .find_all_facets(current.identity())
        .is_ok_and(|facets| !facets.is_empty());
    Error::new(
        if has_facets {
            ErrorKind::FacetNotExist
        } else {
            ErrorKind::ObjectNotExist
        },
        "",
    )
}
