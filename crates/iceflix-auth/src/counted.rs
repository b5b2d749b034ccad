//! Counts logins, and what is asked of tokens.

use std::time::Instant;

use ice::Current;
use iceflix_service::metrics::{Counter, Histogram, Metrics, list};
use iceflix_slice::Authenticator;
use iceflix_slice::authenticator::RefreshAuthorizationError;

use crate::store::Refusal;

/// A desk with a count of what was asked of it.
pub(crate) struct Counted<A> {
    desk: A,
    issued: Counter,
    failed: Counter,
    seconds: Histogram,
    valid: Counter,
    invalid: Counter,
    unchecked: Counter,
}

impl<A> Counted<A> {
    pub(crate) fn new(desk: A, metrics: &Metrics) -> Self {
        let checked = |answer| metrics.with(&list::TOKENS_CHECKED, answer);
        Self {
            desk,
            issued: metrics.get(&list::TOKENS_ISSUED),
            failed: metrics.with(&list::LOGINS_REFUSED, "failed"),
            seconds: metrics.get(&list::LOGIN_SECONDS),
            valid: checked("valid"),
            invalid: checked("invalid"),
            unchecked: checked("failed"),
        }
    }
}

impl<A: Authenticator> Authenticator for Counted<A> {
    async fn refresh_authorization(
        &self,
        user: String,
        password_hash: String,
        current: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        let begun = Instant::now();
        let login = self
            .desk
            .refresh_authorization(user, password_hash, current);
        let answer = login.await;
        self.seconds.observe(begun.elapsed().as_secs_f64());
        match &answer {
            Ok(_) => {
                self.issued.inc();
            }
            // Counted where the reason is known.
            Err(RefreshAuthorizationError::Unauthorized(_)) => {}
            Err(_) => {
                self.failed.inc();
            }
        }
        answer
    }

    async fn is_authorized(
        &self,
        authentication: String,
        current: &Current,
    ) -> Result<bool, ice::Error> {
        let answer = self.desk.is_authorized(authentication, current).await;
        match &answer {
            Ok(true) => self.valid.inc(),
            Ok(false) => self.invalid.inc(),
            Err(_) => self.unchecked.inc(),
        };
        answer
    }
}

/// Logins that were refused, by the reason, which the caller is not told.
#[derive(Debug)]
pub(crate) struct Refusals {
    malformed: Counter,
    wrong: Counter,
    locked: Counter,
    crowded: Counter,
}

impl Refusals {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let refused = |refusal: Refusal| metrics.with(&list::LOGINS_REFUSED, refusal.word());
        Self {
            malformed: refused(Refusal::Malformed),
            wrong: refused(Refusal::Wrong),
            locked: refused(Refusal::Locked),
            crowded: refused(Refusal::Crowded),
        }
    }

    pub(crate) fn count(&self, refusal: Refusal) {
        match refusal {
            Refusal::Malformed => self.malformed.inc(),
            Refusal::Wrong => self.wrong.inc(),
            Refusal::Locked => self.locked.inc(),
            Refusal::Crowded => self.crowded.inc(),
        };
    }
}
