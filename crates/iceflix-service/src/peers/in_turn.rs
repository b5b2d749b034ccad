//! A round of those that are known.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use ice::Prx;

use super::{
    candidates::{Candidate, Candidates},
    round::Source,
};

/// A round of the live services of one kind.
#[derive(Debug)]
pub struct InTurn<P> {
    candidates: Candidates<P>,
    left: Mutex<VecDeque<(String, P)>>,
}

impl<P: Prx + PartialEq> InTurn<P> {
    pub(super) fn new(candidates: Candidates<P>) -> Self {
        let left = candidates.table().round().into();
        Self {
            candidates,
            left: Mutex::new(left),
        }
    }
}

impl<P: Prx + PartialEq> Source for InTurn<P> {
    type Candidate = Candidate<P>;

    async fn next(&self, _: bool) -> Option<Candidate<P>> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was struck off meanwhile is not waited for.
        while let Some((id, proxy)) = left.pop_front() {
            if self.candidates.table().offers(&id, &proxy) {
                return Some(Candidate { id, proxy });
            }
        }
        None
    }

    fn silent(&self, Candidate { id, proxy }: &Candidate<P>) {
        if self.candidates.table().doubt(id, proxy) {
            let (candidates, id, proxy) = (self.candidates.clone(), id.clone(), proxy.clone());
            // That the process lives says nothing of the call that it owes an answer.
            tokio::spawn(async move { candidates.look(&id, &proxy).await });
        }
    }

    fn answered(&self, Candidate { id, proxy }: &Candidate<P>) {
        self.candidates.table().answered(id, proxy, Instant::now());
    }

    fn lost(&self, Candidate { id, proxy }: &Candidate<P>, error: &ice::Error) {
        self.candidates.strike(id, proxy, error);
    }
}
