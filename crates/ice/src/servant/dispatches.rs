use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind};

/// Where dispatches that wait go on, and what ends them. Cloning counts a reference.
#[derive(Clone)]
pub(crate) struct Dispatches(Arc<Inner>);

struct Inner {
    runtime: Handle,
    ended: CancellationToken,
}

impl Dispatches {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self::with(runtime, CancellationToken::new())
    }

    fn with(runtime: Handle, ended: CancellationToken) -> Self {
        Self(Arc::new(Inner { runtime, ended }))
    }

    /// Those of one adapter, which end with the others or before.
    pub(crate) fn child(&self) -> Self {
        Self::with(self.0.runtime.clone(), self.0.ended.child_token())
    }

    /// Drops every dispatch that waits still: its caller is told that it was not answered.
    pub(crate) fn end(&self) {
        self.0.ended.cancel();
    }

    /// Does work that blocks on a thread for such work, where it holds nobody up. It goes on where the future is dropped.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.runtime().spawn_blocking(work).await;
        // Only a runtime that ends does not run it to its end.
        done.map_err(|_| {
            Error::new(
                ErrorKind::OperationInterrupted,
                "the tokio runtime has ended",
            )
        })
    }

    /// Does `end`, which blocks until every dispatch is answered; those that are not after a time of grace are dropped.
    ///
    /// The future may be dropped; the work goes on.
    pub(crate) async fn end_within(&self, grace: Duration, end: impl FnOnce() + Send + 'static) {
        let runtime = self.runtime();
        let mut ending = runtime.spawn_blocking(end);
        let dispatches = self.clone();
        // A task, so that dispatches end in time even where nobody waits for this future any more.
        let ended = runtime.spawn(async move {
            if tokio::time::timeout(grace, &mut ending).await.is_err() {
                dispatches.end();
                let _ = ending.await;
            }
        });
        // It fails where the tokio runtime ends before, and then nothing is left to wait for.
        let _ = ended.await;
    }

    pub(crate) fn ended(&self) -> &CancellationToken {
        &self.0.ended
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }
}
