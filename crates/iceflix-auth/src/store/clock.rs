//! Time, as the rules see it.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

/// A clock that never goes back while the process lives.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time since 1970, UTC.
    fn now(&self) -> Duration;
}

/// The clock of this machine.
///
/// It looks at the wall clock once, when it is made, and counts monotonic time from there: whoever turns
/// the wall clock neither ends the tokens of a running service nor makes them last. Two processes
/// that share a database differ by what the wall clock was turned between their starts.
#[derive(Debug, Clone)]
pub struct System {
    started: Instant,
    wall: Duration,
}

impl System {
    /// The clock of this machine, from now on.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            wall: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default(),
        }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for System {
    fn now(&self) -> Duration {
        self.wall + self.started.elapsed()
    }
}

/// Milliseconds since 1970, as the database keeps times.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The time of so many milliseconds since 1970; what lies before is 1970.
pub(crate) fn from_millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
