//! When the packets of a rolling stream are due.

use std::time::{Duration, Instant};

/// The film's time laid against the monotonic clock: "at `started`, the film was at `position`".
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeline {
    started: Instant,
    position: Duration,
}

impl Timeline {
    pub(super) fn new(started: Instant, position: Duration) -> Self {
        Self { started, position }
    }

    /// When a packet with this send time is due. One of before the position is due at once.
    pub(super) fn due(&self, send_at: Duration) -> Instant {
        const NEVER: Duration = Duration::from_secs(1_000_000_000);
        self.started + send_at.saturating_sub(self.position).min(NEVER)
    }

    /// Everything is due that much later.
    pub(super) fn put_off(&mut self, by: Duration) {
        self.started += by;
    }

    /// Where the film is at `now`.
    pub(super) fn position(&self, now: Instant) -> Duration {
        self.position
            .saturating_add(now.saturating_duration_since(self.started))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_follow_the_clock_from_the_position_on() {
        let start = Instant::now();
        let timeline = Timeline::new(start, Duration::from_secs(60));
        assert_eq!(
            timeline.due(Duration::from_secs(61)),
            start + Duration::from_secs(1)
        );
        assert_eq!(timeline.due(Duration::from_secs(59)), start);
        assert_eq!(
            timeline.position(start + Duration::from_secs(2)),
            Duration::from_secs(62)
        );
    }

    #[test]
    fn a_send_time_beyond_all_clocks_is_merely_late() {
        let timeline = Timeline::new(Instant::now(), Duration::ZERO);
        assert!(timeline.due(Duration::MAX) > Instant::now());
        assert_eq!(
            Timeline::new(Instant::now(), Duration::MAX)
                .position(Instant::now() + Duration::from_secs(1)),
            Duration::MAX
        );
    }
}
