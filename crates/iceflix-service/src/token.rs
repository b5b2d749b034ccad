//! Whether a token is valid: asked of any live Authentication service, and
//! remembered for as long as that is safe.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::Current;
use iceflix_slice::{AuthenticatorPrx, TokenRevocation};

use crate::peers::Candidates;

/// How long a positive answer is remembered: the end of a token cannot be seen
/// in it, so what was heard is trusted for this long and no longer.
pub const REMEMBERED: Duration = Duration::from_secs(1);

/// The longest token that is looked at, in bytes. Ours have 43; other makes
/// may have longer ones.
pub const MAX_LEN: usize = 1024;

/// How many answers are remembered at the most. What does not fit is asked again.
const CAPACITY: usize = 10_000;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The token is valid.
    Valid,
    /// It is not, or it has no shape of a token.
    Invalid,
    /// No Authentication service can be reached: nobody knows.
    Unknown,
}

/// Checks tokens. Clones share what they remember. It is also the servant for
/// `TokenRevocation`: what is revoked is forgotten.
#[derive(Clone, Debug)]
pub struct Checks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    authenticators: Candidates<AuthenticatorPrx>,
    /// Valid tokens and when they were heard to be.
    remembered: Mutex<HashMap<String, Instant>>,
    revocations: tokio::sync::broadcast::Sender<Arc<str>>,
}

impl Checks {
    /// Asks these Authentication services.
    pub fn new(authenticators: Candidates<AuthenticatorPrx>) -> Self {
        let (revocations, _) = tokio::sync::broadcast::channel(1024);
        Self(Arc::new(Shared {
            authenticators,
            remembered: Mutex::default(),
            revocations,
        }))
    }

    /// Checks a token. May be cancelled.
    pub async fn check(&self, token: &str) -> Verdict {
        if token.is_empty() || token.len() > MAX_LEN {
            return Verdict::Invalid;
        }
        let asked = Instant::now();
        if self.remembers(token, asked) {
            return Verdict::Valid;
        }
        let mut revocations = self.revocations();
        let verdict = self.ask(token).await;
        if verdict == Verdict::Valid {
            // A revocation that came while the answer was under way goes before it.
            while let Ok(revoked) = revocations.try_recv() {
                if *revoked == *token {
                    return Verdict::Invalid;
                }
            }
            self.remember(token, asked);
        }
        verdict
    }

    /// Asks one after the other: a foreign service does not know our tokens,
    /// nor one of ours a foreign token.
    async fn ask(&self, token: &str) -> Verdict {
        let mut verdict = Verdict::Unknown;
        for (id, service) in self.0.authenticators.round() {
            match service.is_authorized(token).await {
                Ok(true) => return Verdict::Valid,
                Ok(false) => verdict = Verdict::Invalid,
                Err(error) if self.0.authenticators.struck_off(&id, &service, &error) => {}
                Err(error) => {
                    tracing::warn!(id, %error, "an authentication service did not check a token")
                }
            }
        }
        verdict
    }

    /// Every token that is revoked from now on.
    pub fn revocations(&self) -> tokio::sync::broadcast::Receiver<Arc<str>> {
        self.0.revocations.subscribe()
    }

    fn remembers(&self, token: &str, now: Instant) -> bool {
        self.lock()
            .get(token)
            .is_some_and(|heard| now.duration_since(*heard) < REMEMBERED)
    }

    fn remember(&self, token: &str, heard: Instant) {
        let mut remembered = self.lock();
        if remembered.len() >= CAPACITY {
            remembered.retain(|_, heard| heard.elapsed() < REMEMBERED);
        }
        if remembered.len() < CAPACITY {
            remembered.insert(token.to_owned(), heard);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.0
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenRevocation for Checks {
    async fn revoke(&self, authentication: String, _: &Current) -> Result<(), ice::Error> {
        self.lock().remove(&authentication);
        // Nobody listening is fine.
        let _ = self.0.revocations.send(authentication.into());
        Ok(())
    }
}
