//! What is said of announcements and events that are refused: enough to find
//! the culprit, and no flood of lines for a flood of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many lines a minute one reason is worth.
const LINES: u32 = 10;

/// The minute.
const SPAN: Duration = Duration::from_secs(60);

/// Counts lines by the reason for them.
#[derive(Debug, Default)]
pub(crate) struct Complaints(Mutex<HashMap<&'static str, Count>>);

#[derive(Debug)]
struct Count {
    since: Instant,
    lines: u32,
    unsaid: u64,
}

impl Complaints {
    /// Whether a line may be written for this reason, and how many were not
    /// since the last one was.
    pub(crate) fn line(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(reason).or_insert(Count {
            since: now,
            lines: 0,
            unsaid: 0,
        });
        if now.saturating_duration_since(count.since) >= SPAN {
            (count.since, count.lines) = (now, 0);
        }
        if count.lines == LINES {
            count.unsaid += 1;
            return None;
        }
        count.lines += 1;
        Some(std::mem::take(&mut count.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_reason_is_ten_lines_a_minute_and_hides_no_other_reason() {
        let complaints = Complaints::default();
        let start = Instant::now();
        let lines = (0..1000)
            .filter_map(|_| complaints.line("a", start))
            .count();
        assert_eq!(lines, 10);
        assert_eq!(complaints.line("b", start), Some(0));
        assert_eq!(complaints.line("a", start + SPAN), Some(990));
    }
}
