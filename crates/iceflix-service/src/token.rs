//! Whether a token is valid: asked of any live Authentication service, and
//! remembered for as long as that is safe.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::Current;
use iceflix_slice::{AuthenticatorPrx, TokenRevocation};
use tokio::sync::broadcast::{self, error::TryRecvError};

use crate::{log::shown, peers::Candidates};

/// How long a positive answer is remembered: the end of a token cannot be seen
/// in it, so what was heard is trusted for this long and no longer.
pub const REMEMBERED: Duration = Duration::from_secs(1);

/// The longest token that is looked at, in bytes. Ours have 32; other makes
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
/// `TokenRevocation`: what is revoked is forgotten. Its `Debug` shows no token.
#[derive(Clone)]
pub struct Checks(Arc<Shared>);

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checks").finish_non_exhaustive()
    }
}

struct Shared {
    authenticators: Candidates<AuthenticatorPrx>,
    /// Valid tokens and when they were heard to be.
    remembered: Mutex<HashMap<String, Instant>>,
    revocations: broadcast::Sender<Arc<str>>,
}

impl Checks {
    /// Asks these Authentication services.
    pub fn new(authenticators: Candidates<AuthenticatorPrx>) -> Self {
        let (revocations, _) = broadcast::channel(1024);
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
            loop {
                match revocations.try_recv() {
                    Ok(revoked) if *revoked == *token => return Verdict::Invalid,
                    Ok(_) => {}
                    // One that was missed may have been this: better asked again than remembered.
                    Err(TryRecvError::Lagged(_)) => break,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => {
                        self.remember(token, asked);
                        break;
                    }
                }
            }
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
                    tracing::warn!(
                        id = shown(&id),
                        error = shown(&error),
                        "an authentication service did not check a token"
                    )
                }
            }
        }
        verdict
    }

    /// Every token that is revoked from now on.
    pub fn revocations(&self) -> broadcast::Receiver<Arc<str>> {
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
        // What was never taken for a token is not kept for those who listen either.
        if authentication.len() > MAX_LEN {
            return Ok(());
        }
        self.lock().remove(&authentication);
        // Nobody listening is fine.
        let _ = self.0.revocations.send(authentication.into());
        Ok(())
    }
}
