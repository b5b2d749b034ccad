//! A life, told second by second.

use super::*;

/// A life, and the seconds since it began.
struct Clock {
    start: Instant,
    life: Life,
}

fn token(text: &str) -> Arc<str> {
    text.into()
}

impl Clock {
    fn new() -> Self {
        let start = Instant::now();
        let times = Times::with_grace(Duration::from_secs(10));
        let mut life = Life::new(times, token("a"), start);
        life.present();
        Self { start, life }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn due(&mut self, seconds: u64) -> Option<Step> {
        let now = self.at(seconds);
        self.life.due(now)
    }

    fn dead(&mut self, text: &str, seconds: u64) -> Option<Step> {
        let now = self.at(seconds);
        self.life.dead(text, now)
    }

    fn verdict(&mut self, text: &str, verdict: Verdict, seconds: u64) -> Option<Step> {
        let now = self.at(seconds);
        self.life.verdict(text, verdict, now, now)
    }

    fn accept(&mut self, text: &str, seconds: u64) {
        let now = self.at(seconds);
        self.life.accept(token(text), now);
    }
}

#[test]
fn a_token_is_checked_every_few_seconds() {
    let mut clock = Clock::new();
    assert_eq!(clock.due(4), None);
    assert_eq!(clock.life.wake(), clock.at(5));
    assert_eq!(clock.due(5), Some(Step::Check(token("a"))));
    assert_eq!(clock.due(5), None);
    assert_eq!(clock.verdict("a", Verdict::Valid, 5), None);
    assert_eq!(clock.due(10), Some(Step::Check(token("a"))));
}

#[test]
fn a_dead_token_begins_the_grace_and_its_end_ends_the_stream() {
    let mut clock = Clock::new();
    assert_eq!(clock.dead("a", 3), Some(Step::Ask));
    assert_eq!(clock.dead("a", 4), None, "it dies once");
    assert_eq!(clock.life.wake(), clock.at(13));
    assert_eq!(clock.due(12), None);
    assert_eq!(clock.due(13), Some(Step::End(Why::NotRenewed)));
}

#[test]
fn a_check_finds_what_no_event_told() {
    let mut clock = Clock::new();
    clock.due(5);
    assert_eq!(clock.verdict("a", Verdict::Invalid, 5), Some(Step::Ask));
    assert_eq!(clock.due(15), Some(Step::End(Why::NotRenewed)));
}

#[test]
fn a_new_token_within_the_grace_goes_on() {
    let mut clock = Clock::new();
    clock.dead("a", 3);
    clock.accept("b", 12);
    assert_eq!(clock.due(13), None);
    assert_eq!(clock.due(17), Some(Step::Check(token("b"))));
}

#[test]
fn a_token_renewed_ahead_of_time_is_never_asked_for() {
    let mut clock = Clock::new();
    clock.accept("b", 3);
    assert_eq!(clock.dead("a", 4), None);
    assert_eq!(clock.due(8), Some(Step::Check(token("b"))));
}

#[test]
fn an_earlier_token_that_still_lives_steps_in_and_is_looked_at_at_once() {
    let mut clock = Clock::new();
    clock.accept("b", 3);
    assert_eq!(clock.dead("b", 4), None);
    assert_eq!(clock.due(4), Some(Step::Check(token("a"))));
    assert_eq!(clock.verdict("a", Verdict::Invalid, 4), Some(Step::Ask));
}

#[test]
fn while_nobody_can_be_asked_a_token_lives_as_long_as_it_may_have_left() {
    let mut clock = Clock::new();
    for seconds in (5..30).step_by(5) {
        assert_eq!(clock.due(seconds), Some(Step::Check(token("a"))));
        assert_eq!(clock.verdict("a", Verdict::Unknown, seconds), None);
    }
    assert_eq!(clock.due(30), Some(Step::Ask));
    assert_eq!(clock.due(40), Some(Step::End(Why::NotRenewed)));
}

#[test]
fn all_unconfirmed_tokens_die_in_turn() {
    let mut clock = Clock::new();
    clock.accept("b", 1);
    assert_eq!(clock.due(31), Some(Step::Ask));
    assert_eq!(clock.life.tokens().count(), 0);
}

#[test]
fn only_the_last_few_tokens_are_kept() {
    let mut clock = Clock::new();
    for n in 0..100 {
        clock.accept(&n.to_string(), 0);
    }
    assert_eq!(clock.life.tokens().count(), MAX_TOKENS);
    assert_eq!(clock.life.tokens().last(), Some(&token("99")));
}

#[test]
fn what_nobody_uses_ends() {
    let start = Instant::now();
    let mut life = Life::new(
        Times::with_grace(Duration::from_secs(10)),
        token("a"),
        start,
    );
    for seconds in (5..30).step_by(5) {
        let now = start + Duration::from_secs(seconds);
        assert_eq!(life.due(now), Some(Step::Check(token("a"))));
        life.verdict("a", Verdict::Valid, now, now);
    }
    assert_eq!(
        life.due(start + Duration::from_secs(30)),
        Some(Step::End(Why::Unused))
    );
}

#[test]
fn a_viewer_who_comes_back_in_time_is_not_gone() {
    let mut clock = Clock::new();
    let now = clock.at(1);
    clock.life.absent(now);
    clock.life.present();
    clock.accept("b", 25);
    assert_ne!(clock.due(31), Some(Step::End(Why::ViewerGone)));
    let now = clock.at(32);
    clock.life.absent(now);
    clock.accept("c", 50);
    assert_eq!(clock.life.wake(), clock.at(55));
    assert_eq!(clock.due(62), Some(Step::End(Why::ViewerGone)));
}

#[test]
fn a_missed_event_makes_for_a_check_at_once() {
    let mut clock = Clock::new();
    let now = clock.at(1);
    clock.life.doubt(now);
    assert_eq!(clock.due(1), Some(Step::Check(token("a"))));
}
