use std::sync::Arc;

use super::reply::{Dispatch, DispatchError, Reply};
use super::{Request, Servant};
use crate::current::Current;

/// Sees every request for a servant before that does, and its answer before the caller does: who may call what, how long
/// it took, what went wrong.
///
/// ```
/// # use ice::{Current, DispatchError, Error, Interceptor, Next, Reply};
/// struct MembersOnly;
///
/// impl Interceptor for MembersOnly {
///     async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
///         if !current.context().contains_key("member") {
///             return Err(Error::unknown("members only").into());
///         }
///         let reply = next.run().await;
///         println!("{}: {:?}", current.operation(), reply.outcome());
///         Ok(reply)
///     }
/// }
/// ```
pub trait Interceptor: Send + Sync + 'static {
    /// One request. [`Next::run`] forwards it to the servant; without that the servant never hears of it.
    ///
    /// # Errors
    ///
    /// What the caller is to see instead of the servant's answer.
    fn intercept(
        &self,
        current: &Current,
        next: Next,
    ) -> impl Future<Output = Result<Reply, DispatchError>> + Send;
}

impl<I: Interceptor> Interceptor for Arc<I> {
    fn intercept(
        &self,
        current: &Current,
        next: Next,
    ) -> impl Future<Output = Result<Reply, DispatchError>> + Send {
        I::intercept(self, current, next)
    }
}

/// The servant's part of a request.
pub struct Next {
    dispatch: Dispatch,
}

impl Next {
    /// Has the servant answer. Dropping the future ends its work at the point where it waits.
    pub async fn run(self) -> Reply {
        self.dispatch.await
    }
}

impl std::fmt::Debug for Next {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Next")
    }
}

/// A servant behind an interceptor; see [`Servant::intercepted_by`].
#[derive(Clone, Debug)]
pub struct Intercepted<S, I> {
    servant: S,
    interceptor: Arc<I>,
}

impl<S, I> Intercepted<S, I> {
    pub(super) fn new(servant: S, interceptor: I) -> Self {
        Self {
            servant,
            interceptor: Arc::new(interceptor),
        }
    }
}

impl<S: Servant, I: Interceptor> Servant for Intercepted<S, I> {
    super::forward!(servant: types, order, backlog);

    fn handle(&self, request: Request<'_>) -> Dispatch {
        let (interceptor, current) = (Arc::clone(&self.interceptor), request.shared_current());
        let next = Next {
            dispatch: self.servant.handle(request),
        };
        Box::pin(async move {
            let result = interceptor.intercept(&current, next).await;
            result.unwrap_or_else(|error| Reply::of_error(&current, error))
        })
    }
}
