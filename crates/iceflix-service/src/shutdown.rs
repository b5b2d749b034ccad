//! When to stop: one signal that every task of a process can wait for.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A promise to stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// One that only [`Shutdown::begin`] fires.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that SIGTERM and SIGINT fire as well. A second signal is ignored:
    /// stopping has a bound of its own.
    ///
    /// # Errors
    ///
    /// Where the operating system refuses to deliver signals.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn on_signals() -> std::io::Result<Self> {
        let shutdown = Self::new();
        let (mut term, mut int) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let firing = shutdown.clone();
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    Some(()) = term.recv() => "SIGTERM",
                    Some(()) = int.recv() => "SIGINT",
                    else => return,
                };
                tracing::info!(signal = name, "stopping");
                firing.begin();
            }
        });
        Ok(shutdown)
    }

    /// Fires it. Any number of times.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Whether it has been fired.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns when it is fired. May be cancelled.
    pub async fn begun(&self) {
        self.0.cancelled().await;
    }

    /// Runs a future until it ends or the shutdown begins, whichever is first;
    /// `None` where the future was dropped.
    pub async fn unless_begun<F: Future>(&self, future: F) -> Option<F::Output> {
        self.0.run_until_cancelled(future).await
    }
}
