//! How one of several services is called: the one rule of all services and of
//! the client.
//!
//! The candidates are asked in turn. One that cannot be reached is struck off,
//! and the next is asked; one that keeps silent is doubted, and where that is
//! harmless the next is asked meanwhile. One that refuses is taken at its word
//! only where nobody else does what was asked for. Only when none is left does
//! the caller learn that it failed.
//!
//! Whoever is asked may have done what it was asked for and only not said so.
//! A call goes round only where doing it twice is harmless, and the next is
//! asked *meanwhile* only where it does not matter which of the two comes last:
//!
//! A refusal sends the question on as well, which costs each of the others an
//! answer: of a wrong password, a guess.
//!
//! | operation | twice | meanwhile |
//! | --- | --- | --- |
//! | `Main::getAuthenticator`, `getCatalogService` | changes nothing | yes |
//! | `MediaCatalog::getTile`, `getTilesByName`, `getTilesByTags` | changes nothing | yes |
//! | `Authenticator::isAuthorized` | changes nothing | yes |
//! | `Authenticator::refreshAuthorization` | makes another token, which ends by itself | yes, late: the slow hash costs |
//! | `MediaCatalog::renameTile`, `addTags`, `removeTags` | is so already | no: it could undo a later edit |
//! | `StreamProvider::getStream` | makes a controller that ends unused | no: the next server comes from the catalogue |
//! | `StreamProvider::isAvailable`, `reannounceMedia` | says the same again | no: one server is meant |
//! | `StreamController`: all of them | is so already | no: there is one |

use std::{pin::Pin, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::failure::{Failure, is_unreachable};

/// How many are asked at the same time, at the most.
const AT_ONCE: usize = 4;

/// How long after one was asked meanwhile the next is.
const FURTHER: Duration = Duration::from_millis(100);

/// Where candidates come from, each once in a round.
pub trait Source: Send + Sync {
    /// What can be asked.
    type Candidate: Clone + Send + Sync;

    /// The next one; `None` where there is no other. Where there is an answer
    /// already, though not the best, no more than the likely ones are wanted.
    fn next(&self, has_answer: bool) -> impl Future<Output = Option<Self::Candidate>> + Send;

    /// This one has kept silent for a while: it may hang.
    fn silent(&self, candidate: &Self::Candidate);

    /// This one has answered, well or badly.
    fn answered(&self, candidate: &Self::Candidate);

    /// This one cannot be reached.
    fn lost(&self, candidate: &Self::Candidate, error: &ice::Error);
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patience {
    /// After how much silence a candidate is doubted.
    pub silence: Duration,
    /// After how much silence the next is asked meanwhile; `None` for never.
    pub meanwhile: Option<Duration>,
    /// Where there is an answer that another may better: how long each further
    /// one has for that.
    pub better: Duration,
    /// How long the round may take in all.
    pub total: Duration,
}

impl Patience {
    /// For what changes nothing.
    pub const READ: Self = Self {
        silence: Duration::from_millis(300),
        meanwhile: Some(Duration::from_millis(300)),
        better: Duration::from_millis(300),
        total: Duration::from_secs(3),
    };
    /// For the check of a token, of which each may know only its own.
    pub const CHECK: Self = Self {
        better: Duration::from_secs(1),
        ..Self::READ
    };
    /// For what must not be done late.
    pub const EDIT: Self = Self {
        meanwhile: None,
        better: Duration::from_millis(1500),
        total: Duration::from_secs(5),
        ..Self::READ
    };
    /// For a login: a service that slows guessing down lets even a right one
    /// wait for its turn.
    pub const LOGIN: Self = Self {
        meanwhile: Some(Duration::from_secs(1)),
        better: Duration::from_secs(2),
        total: Duration::from_secs(12),
        ..Self::READ
    };
}

/// What an answer is worth: of several, the one of the most is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// There is none: the candidate cannot be reached.
    Unreachable,
    /// Nothing: the candidate is there, and could not say.
    Nothing,
    /// Something, but another may know better.
    Something,
    /// Nobody knows better.
    Everything,
}

/// What most answers are worth: whoever does what it was asked for has the last
/// word. A refusal holds only where nobody else does it: one of another make
/// may not know this user, one that has just started not yet this title.
pub fn usual_worth<R, E: Failure>(answer: &Result<R, E>) -> Worth {
    match answer.as_ref().map_err(Failure::ice) {
        Ok(_) => Worth::Everything,
        Err(None) => Worth::Something,
        Err(Some(error)) if is_unreachable(error) => Worth::Unreachable,
        Err(Some(_)) => Worth::Nothing,
    }
}

/// Asks one candidate after the other until one has an answer that is worth
/// everything, and gives the best answer back; `None` where there was none, in
/// the time that there is. May be cancelled: what was begun may still be done.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn go_round<S, R, E, F>(
    source: S,
    patience: Patience,
    worth: impl Fn(&Result<R, E>) -> Worth + Send,
    call: impl Fn(S::Candidate) -> F + Send,
) -> Option<Result<R, E>>
where
    S: Source,
    R: Send,
    E: Failure + Send,
    F: Future<Output = Result<R, E>> + Send,
{
    let total = Instant::now() + patience.total;
    let mut end = total;
    let mut best: Option<(Worth, Result<R, E>)> = None;
    let mut asked = FuturesUnordered::new();
    let mut exhausted = false;
    // The next one, while it is looked for.
    let mut next = None;
    // When the next is asked; `None` for not before there is an answer.
    let mut next_at = Some(Instant::now());
    loop {
        let has_answer = best
            .as_ref()
            .is_some_and(|(worth, _)| *worth > Worth::Unreachable);
        let may_ask = next.is_none() && !exhausted && asked.len() < AT_ONCE;
        if may_ask && next_at.is_some_and(|at| at <= Instant::now()) {
            next = Some(Box::pin(source.next(has_answer)));
        }
        if next.is_none() && asked.is_empty() {
            break;
        }
        let wake = next_at
            .filter(|_| may_ask && next.is_none())
            .map_or(end, |at| at.min(end));
        let found = async {
            match next.as_mut() {
                Some(next) => next.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Answers go first, and one that is doubted is told so before the next is asked.
            biased;
            Some((candidate, heard)) = asked.next() => match heard {
                Heard::Silence(answer) => {
                    source.silent(&candidate);
                    asked.push(listen(candidate, answer, None));
                }
                Heard::Answer(answer) => {
                    let value = worth(&answer);
                    match answer.as_ref().err().and_then(Failure::ice) {
                        Some(error) if value == Worth::Unreachable => source.lost(&candidate, error),
                        _ => source.answered(&candidate),
                    }
                    if value == Worth::Everything {
                        return Some(answer);
                    }
                    if best.as_ref().is_none_or(|(so_far, _)| *so_far < value) {
                        best = Some((value, answer));
                    }
                    let now = Instant::now();
                    next_at = Some(now);
                    if value > Worth::Unreachable {
                        end = total.min(now + patience.better);
                    }
                }
            },
            candidate = found => {
                next = None;
                let Some(candidate) = candidate else {
                    exhausted = true;
                    continue;
                };
                let pause = match asked.len() {
                    0 => patience.meanwhile,
                    _ => patience.meanwhile.map(|_| FURTHER),
                };
                let now = Instant::now();
                next_at = pause.map(|pause| now + pause);
                if has_answer {
                    end = total.min(now + patience.better);
                }
                let answer = Box::pin(call(candidate.clone()));
                asked.push(listen(candidate, answer, Some(now + patience.silence)));
            }
            () = sleep_until(wake) => if Instant::now() >= end {
                break;
            }
        }
    }
    best.map(|(_, answer)| answer)
}

/// What comes of listening to a candidate.
enum Heard<F, A> {
    Answer(A),
    /// Nothing so far: the answer may still come.
    Silence(Pin<Box<F>>),
}

async fn listen<C, F: Future>(
    candidate: C,
    mut answer: Pin<Box<F>>,
    until: Option<Instant>,
) -> (C, Heard<F, F::Output>) {
    let heard = match until {
        None => Heard::Answer(answer.await),
        Some(until) => match timeout_at(until, &mut answer).await {
            Ok(answer) => Heard::Answer(answer),
            Err(_) => Heard::Silence(answer),
        },
    };
    (candidate, heard)
}

#[cfg(test)]
mod tests;
