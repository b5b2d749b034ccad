//! How long a controller lives: the rules, without a clock, a network or a
//! film.
//!
//! ```text
//!                       token dies                     grace is over
//!   Authorised ─────────────────────────▶ InGrace ─────────────────────▶ ended
//!        ▲     ask for a new one                │
//!        └──────────────────────────────────────┘ a valid token
//! ```

#[cfg(test)]
mod tests;

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
    /// An administrator said so.
    Kicked,
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

    /// Whether the token has died, and a new one is waited for.
    pub(crate) fn is_in_grace(&self) -> bool {
        self.grace_until.is_some()
    }

    /// The tokens whose end matters here.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &Arc<str>> + Clone {
        self.tokens.iter().map(|token| &token.text)
    }
}
