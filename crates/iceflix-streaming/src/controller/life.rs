//! How long a controller lives: the rules, without a clock, a network or a
//! film.
//!
//! ```text
//!                       token dies                     grace is over
//!   Authorised ─────────────────────────▶ InGrace ─────────────────────▶ ended
//!        ▲     ask for a new one                │
//!        └──────────────────────────────────────┘ a valid token
//! ```

use std::{sync::Arc, time::Duration};

use iceflix_service::token::Verdict;
use tokio::time::Instant;

/// How many tokens are kept. With each renewal comes a new one, and the one
/// before dies within 30 s.
const MAX_TOKENS: usize = 4;

/// The times that a controller goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// How long the stream goes on after its token has died.
    pub(crate) grace: Duration,
    /// How often the token is checked while nothing is heard of it: a
    /// revocation may be lost.
    pub(crate) check: Duration,
    /// How long a token counts as valid while nobody can be asked: no longer
    /// than it could live if it was new when it was last confirmed.
    pub(crate) unconfirmed: Duration,
    /// How long a controller waits for its viewer: to come, or to come back
    /// after the connection broke.
    pub(crate) absence: Duration,
}

impl Times {
    /// Those of the service, with this grace.
    pub(crate) fn with_grace(grace: Duration) -> Self {
        Self {
            grace,
            check: Duration::from_secs(5),
            unconfirmed: Duration::from_secs(30),
            absence: Duration::from_secs(30),
        }
    }
}

/// What a controller has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Check this token and hand in the verdict.
    Check(Arc<str>),
    /// Ask the viewer for a new token.
    Ask,
    /// End.
    End(Why),
}

/// Why a controller ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its viewer said so.
    Stopped,
    /// No new token came within the grace.
    NotRenewed,
    /// Nobody used it.
    Unused,
    /// Its viewer went without a word.
    ViewerGone,
    /// The pushed film is over.
    FilmOver,
    /// The film cannot be read any more; the sender has logged the reason.
    Failed,
    /// The service stops.
    ServiceStops,
}

/// The life of one controller.
#[derive(Debug)]
pub(crate) struct Life {
    times: Times,
    /// Tokens found valid, the latest last. It authorises; the ones before
    /// step in where it dies before they do.
    tokens: Vec<Token>,
    /// When the latest is checked again.
    check_at: Instant,
    /// The end of the grace, while there is no valid token.
    grace_until: Option<Instant>,
    /// Since when, and for which reason of ending, nobody has been watching.
    absent: Option<(Instant, Why)>,
}

#[derive(Debug)]
struct Token {
    text: Arc<str>,
    confirmed: Instant,
}

impl Life {
    /// A controller made for a token that was just found valid.
    pub(crate) fn new(times: Times, token: Arc<str>, now: Instant) -> Self {
        Self {
            times,
            tokens: vec![Token {
                text: token,
                confirmed: now,
            }],
            check_at: now + times.check,
            grace_until: None,
            absent: Some((now, Why::Unused)),
        }
    }

    /// A token was found valid: from now on it authorises.
    pub(crate) fn accept(&mut self, token: Arc<str>, now: Instant) {
        self.tokens.retain(|known| known.text != token);
        self.tokens.push(Token {
            text: token,
            confirmed: now,
        });
        self.check_at = now + self.times.check;
        self.grace_until = None;
        if self.tokens.len() > MAX_TOKENS {
            self.tokens.remove(0);
        }
    }

    /// What came of a check that began at `asked`.
    pub(crate) fn verdict(
        &mut self,
        token: &str,
        verdict: Verdict,
        asked: Instant,
        now: Instant,
    ) -> Option<Step> {
        match verdict {
            Verdict::Valid => {
                if let Some(known) = self.tokens.iter_mut().find(|known| *known.text == *token) {
                    known.confirmed = asked;
                }
                None
            }
            Verdict::Invalid => self.dead(token, now),
            Verdict::Unknown => None,
        }
    }

    /// A token is not valid any more.
    pub(crate) fn dead(&mut self, token: &str, now: Instant) -> Option<Step> {
        let before = self.tokens.len();
        self.tokens.retain(|known| *known.text != *token);
        if self.tokens.len() == before {
            return None;
        }
        if !self.tokens.is_empty() {
            // The one that steps in has not been looked at for a while.
            self.check_at = now;
            return None;
        }
        self.grace_until = Some(now + self.times.grace);
        Some(Step::Ask)
    }

    /// A revocation may have been missed.
    pub(crate) fn doubt(&mut self, now: Instant) {
        self.check_at = now;
    }

    /// Somebody watches, or has what it takes to begin.
    pub(crate) fn present(&mut self) {
        self.absent = None;
    }

    /// The viewer went without a word, and may come back.
    pub(crate) fn absent(&mut self, now: Instant) {
        self.absent.get_or_insert((now, Why::ViewerGone));
    }

    /// What is due now, one thing at a time: to be called until there is
    /// nothing.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Step> {
        if let Some((since, why)) = &self.absent
            && *since + self.times.absence <= now
        {
            return Some(Step::End(why.clone()));
        }
        if let Some(until) = self.grace_until {
            return (until <= now).then_some(Step::End(Why::NotRenewed));
        }
        let latest = self.tokens.last()?;
        if latest.confirmed + self.times.unconfirmed <= now {
            let token = Arc::clone(&latest.text);
            return self.dead(&token, now).or_else(|| self.due(now));
        }
        if self.check_at <= now {
            self.check_at = now + self.times.check;
            return Some(Step::Check(Arc::clone(&latest.text)));
        }
        None
    }

    /// When something is due next.
    pub(crate) fn wake(&self) -> Instant {
        let token = self.grace_until.unwrap_or_else(|| {
            let unconfirmed = self
                .tokens
                .last()
                .map(|latest| latest.confirmed + self.times.unconfirmed);
            unconfirmed.map_or(self.check_at, |end| end.min(self.check_at))
        });
        match &self.absent {
            Some((since, _)) => token.min(*since + self.times.absence),
            None => token,
        }
    }

    /// The tokens whose end matters here.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &Arc<str>> + Clone {
        self.tokens.iter().map(|token| &token.text)
    }
}

#[cfg(test)]
mod tests {
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
}
