//! Servants: what answers for an object.

mod builtin;
mod host;
mod reply;
mod request;

pub(crate) use host::{Dispatches, Host};
pub use reply::{
    Dispatch, EncodableException, Reply, ReplyError, UserException, operation_not_exist, refuse,
};
pub use request::Request;

/// What answers for one object or many. Generated code implements it: `HelloServant` for whoever implements
/// the trait `Hello`.
///
/// The runtime answers `ice_ping`, `ice_id`, `ice_ids` and `ice_isA` from the type ids given here.
///
/// # Order and waiting
///
/// A request is dispatched on a thread of Ice up to the first point where its servant waits, and continued on
/// the tokio runtime from there. So the requests of one connection reach servants that never wait in the
/// order in which they were sent; a servant that waits and needs the order keeps a queue. A servant that
/// blocks its thread holds up all other requests of the adapter: work that blocks belongs into
/// `tokio::task::spawn_blocking`, or the adapter has threads of its own (`NAME.ThreadPool.Size`).
pub trait Servant: Send + Sync + 'static {
    /// The type ids of all interfaces that it has, sorted; `::Ice::Object` is one.
    fn type_ids(&self) -> &'static [&'static str];

    /// The type id of the most derived interface.
    fn type_id(&self) -> &'static str;

    /// Answers one request; generated code.
    #[doc(hidden)]
    fn dispatch(&self, request: Request<'_>) -> Dispatch;
}
