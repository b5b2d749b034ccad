//! Servants: what answers for an object.

mod backlog;
mod blob;
mod blocking;
mod deferred;
mod dispatches;
mod host;
mod interceptor;
mod locator;
mod object;
mod reply;
mod request;
mod serving;
mod waiting;

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

pub use backlog::Backlog;
pub use blob::{Blob, BlobServant, WithBlob};
pub use blocking::Blocking;
pub(crate) use dispatches::Dispatches;
pub(crate) use host::Host;
pub use interceptor::{Intercepted, Interceptor, Next};
pub(crate) use locator::LocatorServant;
pub use locator::{Located, ServantLocator};
pub use object::{Object, TypeIds, WithObject};
pub use reply::{
    Dispatch, DispatchError, EncodableException, Outcome, Reply, UserException,
    operation_not_exist, refuse,
};
pub use request::Request;
pub use serving::{Concurrent, WithBacklog};

/// What answers for one object or many. Generated code implements it: `HelloServant` for whoever implements
/// the trait `Hello`. The methods here make another servant of one, with other habits:
///
/// ```
/// # use std::num::NonZeroUsize;
/// # use ice::{Adapter, Backlog, Error, Identity, Servant};
/// # fn add(adapter: &Adapter, reports: impl Servant, threads: NonZeroUsize) -> Result<(), Error> {
/// // Its methods block: they run on threads of their own.
/// let reports = reports.blocking(threads).with_backlog(Backlog::of_requests(100));
/// adapter.add(reports, Identity::new("reports"))?;
/// # Ok(())
/// # }
/// ```
///
/// The operations of every object (`ice_ping`, `ice_id`, `ice_ids` and `ice_isA`) are answered from the type ids
/// given here, unless [`Servant::with_object`] says otherwise.
///
/// # Order and waiting
///
/// A request is dispatched on a thread of Ice up to the first point where its servant waits, and continued on
/// the tokio runtime from there. So a servant that waits holds up nobody else, and may have any number of
/// requests under way.
///
/// The oneway requests of one connection reach a servant in the order in which they were sent, and one begins
/// when that before it has ended, as a user of Ice expects; requests with an answer and those of other connections
/// do not wait for them. A servant that wants them all at once says so by [`Servant::concurrent`].
/// With more than one thread in its pool, an adapter needs `NAME.ThreadPool.Serialize=1` for the order of one
/// connection to be kept up to here. Requests with an answer begin in their order as well, and may overtake each other
/// from where the servant waits.
///
/// How much may wait is bounded: see [`Backlog`].
///
/// # Blocking
///
/// A servant that blocks its thread, instead of waiting, holds up all other requests of its adapter: add it
/// with [`Servant::blocking`], or give the adapter threads of its own (`NAME.ThreadPool.Size`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no servant",
    label = "not a servant",
    note = "wrap what implements the Slice interface `Hello` (the trait of that name): `HelloServant::new(...)`"
)]
pub trait Servant: Send + Sync + 'static {
    /// The type ids of all interfaces that it has, sorted; `::Ice::Object` is one.
    fn type_ids(&self) -> &'static [&'static str];

    /// The type id of the most derived interface.
    fn type_id(&self) -> &'static str;

    /// Answers a request for one of the operations of its interfaces; generated code. No more than the
    /// parameters are read before the future is polled.
    #[doc(hidden)]
    fn dispatch(&self, request: Request<'_>) -> Dispatch;

    /// Answers any request.
    #[doc(hidden)]
    fn handle(&self, request: Request<'_>) -> Dispatch {
        object::answer(TypeIds::of(self), &request).unwrap_or_else(|| self.dispatch(request))
    }

    /// What its requests wait for.
    #[doc(hidden)]
    fn order(&self) -> Order {
        Order::Connection
    }

    /// How many may wait.
    #[doc(hidden)]
    fn backlog(&self) -> Backlog {
        Backlog::default()
    }

    /// The locator, where it is no more than one for servants.
    #[doc(hidden)]
    fn locator(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    /// The adapter that it locates servants for has ended.
    #[doc(hidden)]
    fn deactivated(&self, _category: &str) {}

    /// The same servant, with `object` to answer `ice_ping`, `ice_id`, `ice_ids` and `ice_isA`.
    #[must_use]
    fn with_object<O: Object>(self, object: O) -> WithObject<Self, O>
    where
        Self: Sized,
    {
        WithObject::new(self, object)
    }

    /// The same servant, with `blob` to answer these operations: those of which the Slice definition cannot be carried, for
    /// example.
    #[must_use]
    fn with_blob<B: Blob>(self, operations: &'static [&'static str], blob: B) -> WithBlob<Self, B>
    where
        Self: Sized,
    {
        WithBlob::new(self, operations, blob)
    }

    /// The same servant behind `interceptor`, which sees every request first.
    #[must_use]
    fn intercepted_by<I: Interceptor>(self, interceptor: I) -> Intercepted<Self, I>
    where
        Self: Sized,
    {
        Intercepted::new(self, interceptor)
    }

    /// The same servant, whose methods may block: they run on threads for such work, at most so many at a time.
    #[must_use]
    fn blocking(self, threads: NonZeroUsize) -> Blocking<Self>
    where
        Self: Sized,
    {
        Blocking::new(self, threads)
    }

    /// The same servant, for which a oneway request does not wait until that before it has ended.
    #[must_use]
    fn concurrent(self) -> Concurrent<Self>
    where
        Self: Sized,
    {
        Concurrent::new(self)
    }

    /// The same servant, with another bound for what may wait.
    #[must_use]
    fn with_backlog(self, backlog: Backlog) -> WithBacklog<Self>
    where
        Self: Sized,
    {
        WithBacklog::new(self, backlog)
    }
}

impl fmt::Debug for dyn Servant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "servant of {}", self.type_id())
    }
}

/// What a oneway request waits for.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one before it of the same connection.
    Connection,
    /// Nothing.
    None,
}

/// The methods in which a servant that was made of another is the same as that.
macro_rules! forward {
    ($servant:ident: $($method:ident),*) => {
        $($crate::servant::forward!(@ $method $servant);)*
    };
    (@ types $servant:ident) => {
        fn type_ids(&self) -> &'static [&'static str] {
            self.$servant.type_ids()
        }

        fn type_id(&self) -> &'static str {
            self.$servant.type_id()
        }

        fn dispatch(&self, request: $crate::servant::Request<'_>) -> $crate::servant::Dispatch {
            self.handle(request)
        }
    };
    (@ handle $servant:ident) => {
        fn handle(&self, request: $crate::servant::Request<'_>) -> $crate::servant::Dispatch {
            self.$servant.handle(request)
        }
    };
    (@ order $servant:ident) => {
        fn order(&self) -> $crate::servant::Order {
            self.$servant.order()
        }
    };
    (@ backlog $servant:ident) => {
        fn backlog(&self) -> $crate::servant::Backlog {
            self.$servant.backlog()
        }
    };
}
use forward;
