//! Lines of the log that anybody could have written without end.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one line is enough.
const QUIET: Duration = Duration::from_secs(60);

/// One kind of line, written once a minute at most, whatever happens.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    written: Option<Instant>,
    unwritten: u64,
}

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State {
            written: None,
            unwritten: 0,
        }))
    }

    /// Has `write` write its line where there was none for a minute; it is told how many were left out since.
    pub(crate) fn tell(&self, write: impl FnOnce(u64)) {
        self.tell_at(Instant::now(), write);
    }

    fn tell_at(&self, now: Instant, write: impl FnOnce(u64)) {
        let unwritten = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state
                .written
                .is_some_and(|last| now.duration_since(last) < QUIET)
            {
                state.unwritten += 1;
                return;
            }
            state.written = Some(now);
            std::mem::take(&mut state.unwritten)
        };
        write(unwritten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_minute_says_how_many_it_stands_for() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        let mut lines = Vec::new();
        for second in 0..130 {
            seldom.tell_at(start + Duration::from_secs(second), |more| lines.push(more));
        }
        assert_eq!(lines, [0, 59, 59]);
    }
}
