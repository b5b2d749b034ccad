//! When to stop: one signal that every task of a process can wait for.

use std::sync::{Arc, OnceLock};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A promise to stop. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    begun: CancellationToken,
    signal: Arc<OnceLock<SignalKind>>,
}

impl Shutdown {
    /// One that only [`Shutdown::begin`] fires.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that SIGTERM and SIGINT fire as well, and so does SIGHUP, the end of
    /// the terminal, unless the process was started to outlive that (`nohup`).
    /// A second signal is ignored: stopping has a bound of its own.
    ///
    /// From now on SIGUSR1 ends nothing, whether anybody listens to it or not:
    /// an administrator may send it to every service alike.
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
        let mut kinds = vec![
            (SignalKind::terminate(), "SIGTERM"),
            (SignalKind::interrupt(), "SIGINT"),
        ];
        if !is_ignored(SignalKind::hangup()) {
            kinds.push((SignalKind::hangup(), "SIGHUP"));
        }
        for (kind, name) in kinds {
            let mut signals = signal(kind)?;
            let firing = shutdown.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    tracing::debug!(signal = name, "told to stop");
                    firing.signal.get_or_init(|| kind);
                    firing.begin();
                }
            });
        }
        // Once anybody has listened, the system's own answer, which is death, is gone for good.
        drop(signal(SignalKind::user_defined1())?);
        Ok(shutdown)
    }

    /// Fires it. Any number of times.
    pub fn begin(&self) {
        self.begun.cancel();
    }

    /// Whether it has been fired.
    pub fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// The exit status of a command that it has cut short, as shells report it:
    /// 128 and the number of the first signal, SIGINT where there was none.
    pub fn exit_status(&self) -> u8 {
        let signal = self.signal.get().copied();
        let number = signal.unwrap_or(SignalKind::interrupt()).as_raw_value();
        u8::try_from(128 + number).unwrap_or(u8::MAX)
    }

    /// Returns when it is fired. May be cancelled.
    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Runs a future until it ends or the shutdown begins, whichever is first;
    /// `None` where the future was dropped.
    pub async fn unless_begun<F: Future>(&self, future: F) -> Option<F::Output> {
        self.begun.run_until_cancelled(future).await
    }
}

/// Whether this process was started with a signal ignored. Where the system
/// does not tell, it was not.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    ignored & (1 << (kind.as_raw_value() - 1)) != 0
}
