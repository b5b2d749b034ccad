//! Signs of life of a viewer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// When a viewer was last heard of. Written by whichever thread hears of it, read by the one that
/// waits for silence.
#[derive(Debug)]
pub(crate) struct Pulse {
    born: Instant,
    /// Milliseconds from birth to the last sign of life; 0 before the first.
    last: AtomicU64,
}

impl Pulse {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            born: now,
            last: AtomicU64::new(0),
        }
    }

    /// The viewer gave a sign of life.
    pub(crate) fn beat(&self, now: Instant) {
        let since = now.saturating_duration_since(self.born).as_millis();
        self.last.fetch_max(
            u64::try_from(since).unwrap_or(u64::MAX).max(1),
            Ordering::Relaxed,
        );
    }

    /// Whether it ever did.
    pub(crate) fn heard(&self) -> bool {
        self.last.load(Ordering::Relaxed) > 0
    }

    /// When that was last; the birth, if never.
    pub(crate) fn last(&self) -> Instant {
        self.born + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}
