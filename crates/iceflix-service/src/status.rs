//! What a service tells of itself: how it is, and how much it holds.
//!
//! One look at that serves everybody who asks, be it over Ice ([`FACET`]) or
//! over HTTP: it is remembered for half a second, so that whoever asks often
//! costs no more than who asks twice a second. What is told are counts and the
//! names of what is wrong; names of users, tokens and titles are not.

mod look;
mod servant;

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use icestorm::State;
use tokio::sync::watch;

pub use look::Look;
pub(crate) use servant::Teller;

use crate::{Shutdown, peers::Registry};
use look::{Sources, source};

/// The facet of `ServiceStatus`, under the identity of every service.
pub const FACET: &str = "status";

/// The problem of a service that hears no events.
pub const BROKER: &str = "broker";

/// How long a look is good for.
const REMEMBERED: Duration = Duration::from_millis(500);

/// What a service tells of itself. Clones share it.
#[derive(Clone)]
pub struct Status(Arc<Shared>);

struct Shared {
    kind: &'static str,
    id: String,
    started: Instant,
    peers: Registry,
    shutdown: Shutdown,
    serving: AtomicBool,
    broker: OnceLock<watch::Receiver<State>>,
    sources: Mutex<Sources>,
    last: tokio::sync::Mutex<Option<Arc<Look>>>,
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("kind", &self.0.kind)
            .field("id", &self.0.id)
            .finish_non_exhaustive()
    }
}

impl Status {
    /// Of a service that was started now and does not serve yet.
    pub(crate) fn new(kind: &'static str, id: &str, peers: Registry, shutdown: Shutdown) -> Self {
        Self(Arc::new(Shared {
            kind,
            id: id.to_owned(),
            started: Instant::now(),
            peers,
            shutdown,
            serving: AtomicBool::new(false),
            broker: OnceLock::new(),
            sources: Mutex::default(),
            last: tokio::sync::Mutex::default(),
        }))
    }

    /// Has `what` counted at every look. A count that fails, or takes longer
    /// than half a second, is left out of that look.
    pub fn holds<F, E>(&self, what: &'static str, count: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<u64, E>> + Send + 'static,
        E: fmt::Display,
    {
        self.sources().holdings.push((what, source(count)));
    }

    /// Has this checked at every look: while it fails, or takes longer than
    /// half a second, the service is not ready. The error goes to the log and
    /// to whoever may see the health of the service, so it must hold no secret.
    /// Takes the place of what was checked under this name before.
    pub fn check<F, E>(&self, what: &'static str, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: fmt::Display,
    {
        let mut sources = self.sources();
        sources.checks.retain(|(other, _)| *other != what);
        sources.checks.push((what, source(check)));
    }

    /// How the service is. May be cancelled.
    pub async fn look(&self) -> Arc<Look> {
        let mut last = self.0.last.lock().await;
        if let Some(look) = &*last
            && look.taken.elapsed() < REMEMBERED
        {
            return Arc::clone(look);
        }
        let (holdings, checks) = {
            let sources = self.sources();
            (sources.holdings.clone(), sources.checks.clone())
        };
        let mut look = Look::take(holdings, checks).await;
        if !self.0.serving.load(Ordering::Relaxed) {
            look.failing
                .push(("start", "it is still starting".to_owned()));
        } else if self.0.shutdown.has_begun() {
            look.failing.push(("stop", "it is stopping".to_owned()));
        }
        look.tell_what_changed(last.as_deref());
        let look = Arc::new(look);
        *last = Some(Arc::clone(&look));
        look
    }

    /// Whether events are heard from the broker.
    pub fn subscribed(&self) -> bool {
        let broker = self.0.broker.get();
        broker.is_some_and(|state| state.borrow().subscribed)
    }

    /// The kind of the service: `main`, `authentication`, `catalog` or
    /// `streaming`.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// The service answers from now on, and hears events where this says so.
    pub(crate) fn serving(&self, broker: watch::Receiver<State>) {
        let _ = self.0.broker.set(broker);
        self.0.serving.store(true, Ordering::Relaxed);
    }

    fn sources(&self) -> std::sync::MutexGuard<'_, Sources> {
        // What a panicking holder leaves behind is whole: each change is one call.
        self.0
            .sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
