//! Whether a token is valid: asked of any live Authentication service, and
//! remembered for as long as that is safe.

mod memory;
mod owner;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::Current;
use iceflix_slice::{AuthenticatorPrx, TokenRevocation};
use tokio::{
    sync::{
        broadcast::{self, error::TryRecvError},
        watch,
    },
    time::timeout,
};

pub use self::owner::FACET as OWNER_FACET;

use self::memory::Memory;
use crate::{
    log::shown,
    metrics::{Counter, Metrics, list},
    peers::{
        Candidate, Candidates, is_unreachable,
        round::{Patience, Worth, go_round},
    },
};

/// How long a positive answer is remembered: the end of a token cannot be seen
/// in it, so what was heard is trusted for this long and no longer. Negative
/// answers are not remembered: a token may be so new that whoever was asked
/// had not heard of it.
pub const REMEMBERED: Duration = Duration::from_secs(1);

/// The longest token that is looked at, in bytes. Ours have 32; other makes
/// may have longer ones.
pub const MAX_LEN: usize = 1024;

/// How long a check waits for an Authentication service to be found where there
/// is none.
const NEWCOMER_WITHIN: Duration = Duration::from_secs(1);

/// How long a check takes at the most: those who wait for it wait 1.5 s.
const CHECKED_WITHIN: Duration = Duration::from_millis(1400);

/// How often a token is asked about again where its revocation comes in between.
const ASKED_AGAIN: usize = 3;

/// How many tokens are asked about at the same time. Of those beyond, nobody
/// knows.
const QUESTIONS: usize = 4096;

/// How many answers are remembered at the most: those heard last.
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

/// How many checks came to which verdict.
#[derive(Debug)]
struct Counts {
    valid: Counter,
    invalid: Counter,
    unknown: Counter,
}

struct Shared {
    counts: Counts,
    authenticators: Candidates<AuthenticatorPrx>,
    remembered: Mutex<Memory>,
    /// The questions that are under way, by their token: whoever has the same
    /// one waits for the same answer.
    questions: Mutex<HashMap<Arc<str>, watch::Receiver<Option<Verdict>>>>,
    revocations: broadcast::Sender<Arc<str>>,
}

impl Checks {
    /// Asks these Authentication services, and counts its verdicts among these
    /// metrics.
    pub fn new(authenticators: Candidates<AuthenticatorPrx>, metrics: &Metrics) -> Self {
        let count = |verdict| metrics.with(&list::TOKEN_CHECKS, verdict);
        let counts = Counts {
            valid: count("valid"),
            invalid: count("invalid"),
            unknown: count("unknown"),
        };
        let (revocations, _) = broadcast::channel(1024);
        Self(Arc::new(Shared {
            counts,
            authenticators,
            remembered: Mutex::new(Memory::new(CAPACITY, REMEMBERED)),
            questions: Mutex::default(),
            revocations,
        }))
    }

    /// Checks a token: takes 1.4 s at the most, whoever hangs. May be
    /// cancelled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn check(&self, token: &str) -> Verdict {
        let verdict = self.verdict(token).await;
        match verdict {
            Verdict::Valid => self.0.counts.valid.inc(),
            Verdict::Invalid => self.0.counts.invalid.inc(),
            Verdict::Unknown => self.0.counts.unknown.inc(),
        };
        verdict
    }

    async fn verdict(&self, token: &str) -> Verdict {
        if token.is_empty() || token.len() > MAX_LEN {
            return Verdict::Invalid;
        }
        if lock(&self.0.remembered).holds(token, Instant::now()) {
            return Verdict::Valid;
        }
        let Some(mut answer) = self.question(token) else {
            return Verdict::Unknown;
        };
        // The question is dropped without an answer only where the runtime ends.
        match timeout(CHECKED_WITHIN, answer.wait_for(Option::is_some)).await {
            Ok(Ok(heard)) => heard.unwrap_or(Verdict::Unknown),
            Ok(Err(_)) | Err(_) => Verdict::Unknown,
        }
    }

    /// The question about this token that is under way, or a new one, where
    /// there are not too many. It goes on by itself when nobody waits for it any
    /// more.
    fn question(&self, token: &str) -> Option<watch::Receiver<Option<Verdict>>> {
        let mut questions = lock(&self.0.questions);
        if let Some(question) = questions.get(token) {
            return Some(question.clone());
        }
        if questions.len() >= QUESTIONS {
            return None;
        }
        let token: Arc<str> = token.into();
        let (sender, receiver) = watch::channel(None);
        questions.insert(Arc::clone(&token), receiver.clone());
        let question = Question {
            checks: self.clone(),
            token,
        };
        tokio::spawn(async move {
            let verdict = question.checks.ask(&question.token).await;
            drop(question);
            sender.send_replace(Some(verdict));
        });
        Some(receiver)
    }

    async fn ask(&self, token: &Arc<str>) -> Verdict {
        let mut asked = Instant::now();
        let mut revocations = self.revocations();
        let newcomer = self.0.authenticators.newcomer();
        let mut verdict = self.ask_around(token).await;
        // Whoever has just started, or has just lost everybody, may find somebody in a moment.
        if verdict == Verdict::Unknown && timeout(NEWCOMER_WITHIN, newcomer).await.is_ok() {
            asked = Instant::now();
            verdict = self.ask_around(token).await;
        }
        for _ in 0..ASKED_AGAIN {
            if verdict != Verdict::Valid {
                return verdict;
            }
            match Overtaken::by(&mut revocations, token) {
                Overtaken::Nothing => {
                    lock(&self.0.remembered).keep(token, asked);
                    return verdict;
                }
                // What was missed may have been this: better asked again than remembered.
                Overtaken::Unknown => return verdict,
                // The answer may be older. Whoever may publish can say so of any token: it is
                // asked about, and not believed.
                Overtaken::Revocation => {
                    asked = Instant::now();
                    verdict = self.ask_around(token).await;
                }
            }
        }
        verdict
    }

    /// Asks everybody until one knows the token: a foreign service does not
    /// know ours, nor one of ours a foreign one.
    async fn ask_around(&self, token: &Arc<str>) -> Verdict {
        let worth = |answer: &Result<bool, ice::Error>| match answer {
            Ok(true) => Worth::Everything,
            Ok(false) => Worth::Something,
            Err(error) if is_unreachable(error) => Worth::Unreachable,
            Err(_) => Worth::Nothing,
        };
        let ask = |Candidate { id, proxy }: Candidate<AuthenticatorPrx>| {
            let token = Arc::clone(token);
            async move {
                let answer = proxy.is_authorized(&token).await;
                if let Err(error) = &answer {
                    let (id, error) = (shown(&id), shown(error));
                    tracing::debug!(id, error, "an authentication service did not check a token");
                }
                answer
            }
        };
        let services = self.0.authenticators.in_turn();
        match go_round(services, Patience::CHECK, worth, ask).await {
            Some(Ok(true)) => Verdict::Valid,
            Some(Ok(false)) => Verdict::Invalid,
            Some(Err(_)) | None => Verdict::Unknown,
        }
    }

    /// Every token that is revoked from now on.
    pub fn revocations(&self) -> broadcast::Receiver<Arc<str>> {
        self.0.revocations.subscribe()
    }
}

/// A question that is under way, until it is dropped.
struct Question {
    checks: Checks,
    token: Arc<str>,
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.checks.0.questions).remove(&self.token);
    }
}

/// What came while the answer about a token was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overtaken {
    /// Nothing about this token.
    Nothing,
    /// Its revocation.
    Revocation,
    /// More than was kept.
    Unknown,
}

impl Overtaken {
    /// Takes all revocations that have come so far.
    fn by(revocations: &mut broadcast::Receiver<Arc<str>>, token: &Arc<str>) -> Self {
        let mut overtaken = Self::Nothing;
        loop {
            match revocations.try_recv() {
                Ok(revoked) if revoked == *token => overtaken = Self::Revocation,
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) if overtaken == Self::Nothing => {
                    overtaken = Self::Unknown;
                }
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return overtaken,
            }
        }
    }
}

impl TokenRevocation for Checks {
    async fn revoke(&self, authentication: String, _: &Current) -> Result<(), ice::Error> {
        // What was never taken for a token is not kept for those who listen either.
        if authentication.len() > MAX_LEN {
            return Ok(());
        }
        lock(&self.0.remembered).forget(&authentication);
        // Nobody listening is fine.
        let _ = self.0.revocations.send(authentication.into());
        Ok(())
    }
}

/// What a panicking holder leaves behind is whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
