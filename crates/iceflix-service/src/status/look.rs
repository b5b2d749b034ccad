//! One look at a service: everything is counted and checked at the same time.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, join, join_all};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::log::shown;

/// How long a count or a check may take.
const WITHIN: Duration = Duration::from_millis(500);

/// Where a count or a verdict comes from.
pub(super) type Source<T> = Arc<dyn Fn() -> BoxFuture<'static, Result<T, String>> + Send + Sync>;

/// What is looked at, by its name.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) holdings: Vec<(&'static str, Source<u64>)>,
    pub(super) checks: Vec<(&'static str, Source<()>)>,
}

/// Makes a source of a closure, whatever its error.
pub(super) fn source<T, F, E>(ask: impl Fn() -> F + Send + Sync + 'static) -> Source<T>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    E: fmt::Display,
{
    Arc::new(move || {
        let asked = ask();
        Box::pin(async move { asked.await.map_err(|error| shown(&error)) })
    })
}

/// How a service was at one moment.
#[derive(Clone, Debug)]
pub struct Look {
    /// The moment.
    pub taken: Instant,
    /// How much it held, of what could be counted.
    pub holds: Vec<(&'static str, u64)>,
    /// What kept it from its work, and why; nothing where it was ready.
    pub failing: Vec<(&'static str, String)>,
}

impl Look {
    /// Whether the service could do its work.
    pub fn is_ready(&self) -> bool {
        self.failing.is_empty()
    }

    /// Counts and checks. Takes little more than half a second at the most.
    pub(super) async fn take(
        holdings: Vec<(&'static str, Source<u64>)>,
        checks: Vec<(&'static str, Source<()>)>,
    ) -> Self {
        let holdings = holdings
            .into_iter()
            .map(|(what, count)| async move { (what, within(count()).await) });
        let checks = checks
            .into_iter()
            .map(|(what, check)| async move { (what, within(check()).await) });
        let (holdings, checks) = join(join_all(holdings), join_all(checks)).await;
        Self {
            taken: Instant::now(),
            holds: holdings
                .into_iter()
                .filter_map(|(what, count)| Some((what, count.ok()?)))
                .collect(),
            failing: checks
                .into_iter()
                .filter_map(|(what, verdict)| Some((what, verdict.err()?)))
                .collect(),
        }
    }

    /// A line in the log for what is wrong now and was not before, and for
    /// what is right again.
    pub(super) fn tell_what_changed(&self, before: Option<&Self>) {
        let before = before.map_or(&[][..], |look| &look.failing);
        let lacks = |list: &[(&str, String)], what| list.iter().all(|(other, _)| *other != what);
        for (check, reason) in self.failing.iter().filter(|(what, _)| lacks(before, *what)) {
            match *check {
                // Those are told where they happen.
                "start" | "stop" => {}
                check => warn!(check, %reason, "not ready"),
            }
        }
        for (check, _) in before
            .iter()
            .filter(|(what, _)| lacks(&self.failing, *what))
        {
            match *check {
                "start" | "stop" => {}
                check => info!(check, "well again"),
            }
        }
    }
}

async fn within<T>(asked: BoxFuture<'static, Result<T, String>>) -> Result<T, String> {
    timeout(WITHIN, asked)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {WITHIN:?}")))
}
