use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

use super::reply::{Dispatch, Reply};
use super::{Request, Servant};
use crate::error::Error;

/// A servant whose methods may block; see [`Servant::blocking`].
///
/// Its methods run on tokio's threads for blocking work. What runs there cannot be ended from outside: an adapter that is
/// destroyed does not wait for it, and its result is thrown away; a tokio runtime does wait for it as it
/// ends.
#[derive(Clone, Debug)]
pub struct Blocking<S> {
    servant: S,
    threads: Arc<Semaphore>,
}

impl<S> Blocking<S> {
    pub(super) fn new(servant: S, threads: NonZeroUsize) -> Self {
        let threads = threads.get().min(Semaphore::MAX_PERMITS);
        Self {
            servant,
            threads: Arc::new(Semaphore::new(threads)),
        }
    }
}

impl<S: Servant> Servant for Blocking<S> {
    super::forward!(servant: types, order, backlog);

    fn handle(&self, request: Request<'_>) -> Dispatch {
        let dispatch = self.servant.handle(request);
        let threads = Arc::clone(&self.threads);
        Box::pin(async move {
            let runtime = Handle::current();
            let permit = threads.acquire_owned().await;
            let work = AbortOnDropHandle::new(runtime.clone().spawn_blocking(move || {
                // Held for as long as the thread is in use, also where nobody waits for it any more.
                let _permit = permit;
                runtime.block_on(dispatch)
            }));
            work.await.unwrap_or_else(|error| {
                Reply::failed(Error::unknown(if error.is_panic() {
                    "the servant panicked"
                } else {
                    "the server is shutting down"
                }))
            })
        })
    }
}
