//! The valid tokens that were heard of last.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

/// Tokens that were valid a moment ago. Where there are too many, those go
/// that were heard of longest ago: they would be the next to go anyway.
#[derive(Debug)]
pub(super) struct Memory {
    capacity: usize,
    length: Duration,
    heard: HashMap<Arc<str>, Instant>,
    /// In the order of hearing; what was forgotten or heard of again stands
    /// here still, with a time that is no longer its own.
    order: VecDeque<(Arc<str>, Instant)>,
}

impl Memory {
    pub(super) fn new(capacity: usize, length: Duration) -> Self {
        Self {
            capacity,
            length,
            heard: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether the token was valid not long before `now`.
    pub(super) fn holds(&self, token: &str, now: Instant) -> bool {
        self.heard
            .get(token)
            .is_some_and(|heard| self.is_fresh(*heard, now))
    }

    /// Remembers a token that was valid at `now`.
    pub(super) fn keep(&mut self, token: &Arc<str>, now: Instant) {
        while let Some((_, heard)) = self.order.front()
            && (self.order.len() >= self.capacity || !self.is_fresh(*heard, now))
        {
            if let Some((token, heard)) = self.order.pop_front()
                && self.heard.get(&token) == Some(&heard)
            {
                self.heard.remove(&token);
            }
        }
        self.heard.insert(Arc::clone(token), now);
        self.order.push_back((Arc::clone(token), now));
    }

    /// Forgets a token.
    pub(super) fn forget(&mut self, token: &str) {
        self.heard.remove(token);
    }

    fn is_fresh(&self, heard: Instant, now: Instant) -> bool {
        now.saturating_duration_since(heard) < self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(1);

    #[test]
    fn a_token_is_remembered_until_its_time_is_over_or_it_is_forgotten() {
        let (mut memory, now) = (Memory::new(10, LENGTH), Instant::now());
        memory.keep(&"a".into(), now);
        memory.keep(&"b".into(), now);
        memory.forget("b");
        assert!(memory.holds("a", now + LENGTH / 2));
        assert!(!memory.holds("b", now));
        assert!(!memory.holds("a", now + LENGTH));
        memory.keep(&"a".into(), now + LENGTH);
        assert!(memory.holds("a", now + LENGTH));
    }

    #[test]
    fn a_flood_of_valid_tokens_is_bounded_and_the_latest_stay() {
        let (mut memory, now) = (Memory::new(100, LENGTH), Instant::now());
        for number in 0..10_000 {
            memory.keep(&number.to_string().into(), now);
        }
        assert!(memory.heard.len() <= 100 && memory.order.len() <= 100);
        assert!(memory.holds("9999", now) && memory.holds("9901", now));
        assert!(!memory.holds("1", now));
    }

    #[test]
    fn what_is_kept_again_and_again_takes_no_more_room() {
        let (mut memory, now) = (Memory::new(100, LENGTH), Instant::now());
        for step in 0..10_000 {
            memory.keep(&"a".into(), now + LENGTH * step / 1000);
        }
        assert!(memory.order.len() <= 100);
        assert_eq!(memory.heard.len(), 1);
    }
}
