//! Lines that anybody could have written without end: some are enough, and the
//! next one says how many were left out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a count lasts.
const SPAN: Duration = Duration::from_secs(60);

/// How many lines a minute one reason is worth among [`Complaints`].
const LINES: u32 = 10;

/// One kind of line, written once a minute at most, whatever happens.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<Count>);

impl Seldom {
    /// Of which none was written yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Count::NONE))
    }

    /// Has `write` write its line where there was none for a minute; it is
    /// told how many were left out since.
    pub fn tell(&self, write: impl FnOnce(u64)) {
        if let Some(unsaid) = self.line(Instant::now()) {
            write(unsaid);
        }
    }

    fn line(&self, now: Instant) -> Option<u64> {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.line(1, now)
    }
}

/// Lines about what was refused, ten a minute for each reason: enough to find
/// the culprit, and no flood of lines for a flood of them.
#[derive(Debug, Default)]
pub struct Complaints(Mutex<HashMap<&'static str, Count>>);

impl Complaints {
    /// Has `write` write its line where this reason has some left; it is told
    /// how many were left out since the last one for this reason.
    pub fn tell(&self, reason: &'static str, write: impl FnOnce(u64)) {
        if let Some(unsaid) = self.line(reason, Instant::now()) {
            write(unsaid);
        }
    }

    fn line(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(reason).or_insert(Count::NONE).line(LINES, now)
    }
}

/// How many lines were written and left out.
#[derive(Debug, Default)]
struct Count {
    since: Option<Instant>,
    lines: u32,
    unsaid: u64,
}

impl Count {
    const NONE: Self = Self {
        since: None,
        lines: 0,
        unsaid: 0,
    };

    /// Whether a line may be written, of so many a minute, and how many were
    /// not since the last one was.
    fn line(&mut self, most: u32, now: Instant) -> Option<u64> {
        let over = |since| now.saturating_duration_since(since) >= SPAN;
        if self.since.is_none_or(over) {
            (self.since, self.lines) = (Some(now), 0);
        }
        if self.lines == most {
            self.unsaid += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_says_how_many_it_stands_for() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        let lines = (0..130).filter_map(|second| seldom.line(start + Duration::from_secs(second)));
        assert_eq!(lines.collect::<Vec<_>>(), [0, 59, 59]);
    }

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
