//! When a viewer who says nothing counts as gone.

use std::time::{Duration, Instant};

/// Reports that are further apart than this do not belong together. Kernels send at most about one
/// ICMP error a second.
const APART: Duration = Duration::from_secs(3);

/// What the network says about the viewer's RTP ports.
#[derive(Debug)]
pub(super) struct Unreachable {
    grace: Duration,
    /// Reports of before this moment say nothing: the viewer has yet to open its ports.
    not_before: Option<Instant>,
    reported: Option<(Instant, Instant)>,
}

impl Unreachable {
    pub(super) fn new(grace: Duration, not_before: Option<Instant>) -> Self {
        Self {
            grace,
            not_before,
            reported: None,
        }
    }

    /// A packet could not be delivered. Returns whether that has gone on for longer than the grace.
    pub(super) fn report(&mut self, now: Instant) -> bool {
        if self.not_before.is_some_and(|moment| now < moment) {
            return false;
        }
        let first = match self.reported {
            Some((first, last)) if now.saturating_duration_since(last) <= APART => first,
            _ => now,
        };
        self.reported = Some((first, now));
        now.saturating_duration_since(first) >= self.grace
    }

    /// The viewer gave a sign of life.
    pub(super) fn forget(&mut self) {
        self.reported = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_viewer_is_gone_when_reports_go_on_for_the_grace() {
        let start = Instant::now();
        let mut unreachable = Unreachable::new(GRACE, None);
        let gone: Vec<bool> = (0..6)
            .map(|second| unreachable.report(after(start, second)))
            .collect();
        assert_eq!(gone, [false, false, false, false, false, true]);
    }

    #[test]
    fn single_reports_far_apart_do_not_add_up() {
        let start = Instant::now();
        let mut unreachable = Unreachable::new(GRACE, None);
        assert!((0..10).all(|n| !unreachable.report(after(start, 4 * n))));
    }

    #[test]
    fn a_sign_of_life_takes_everything_back() {
        let start = Instant::now();
        let mut unreachable = Unreachable::new(GRACE, None);
        for second in 0..5 {
            unreachable.report(after(start, second));
        }
        unreachable.forget();
        assert!(!unreachable.report(after(start, 6)));
    }

    #[test]
    fn before_the_viewer_can_have_opened_its_ports_reports_say_nothing() {
        let start = Instant::now();
        let mut unreachable = Unreachable::new(GRACE, Some(after(start, 10)));
        assert!((0..15).all(|second| !unreachable.report(after(start, second))));
        assert!(unreachable.report(after(start, 15)));
    }
}
