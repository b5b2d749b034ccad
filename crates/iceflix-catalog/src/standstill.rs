//! Notices that the process did not run for a while, because somebody stopped it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

/// How often it is seen to run.
const TICK: Duration = Duration::from_millis(250);

/// A gap this long is a standstill: whoever called before it has given up, unless told otherwise, and asked another
/// service instead (`Ice.Default.InvocationTimeout`).
const GAP: Duration = Duration::from_millis(1_500);

/// How long what arrived during a standstill may take to be read after it.
const AFTERMATH: Duration = Duration::from_millis(500);

/// When the process was last seen to run, and to run again.
#[derive(Debug)]
pub(crate) struct Standstill(Mutex<Seen>);

#[derive(Debug)]
struct Seen {
    last: Instant,
    ended: Option<Instant>,
}

impl Standstill {
    /// It runs now.
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(Seen {
            last: now,
            ended: None,
        }))
    }

    /// Sees that the process runs, for ever.
    pub(crate) async fn watch(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.look(Instant::now());
        }
    }

    /// Whether a request that is being read now may be one that came before a standstill, and whose caller has gone
    /// elsewhere.
    pub(crate) fn just_ended(&self) -> bool {
        self.just_ended_at(Instant::now())
    }

    fn just_ended_at(&self, now: Instant) -> bool {
        self.look(now);
        let ended = self.lock().ended;
        ended.is_some_and(|ended| now.saturating_duration_since(ended) < AFTERMATH)
    }

    fn look(&self, now: Instant) {
        let mut seen = self.lock();
        if now.saturating_duration_since(seen.last) > GAP {
            seen.ended = Some(now);
        }
        seen.last = seen.last.max(now);
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_remembered_for_a_moment_whoever_sees_it_first() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let standstill = Standstill::new(start);
        assert!(!standstill.just_ended_at(after(250)));
        assert!(!standstill.just_ended_at(after(1_500)));
        assert!(standstill.just_ended_at(after(4_000)));
        assert!(standstill.just_ended_at(after(4_400)));
        assert!(!standstill.just_ended_at(after(4_600)));
    }
}
