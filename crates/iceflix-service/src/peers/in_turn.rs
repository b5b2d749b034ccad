//! A round of those that are known.

use std::collections::VecDeque;

use ice::Prx;

use super::{
    candidates::{Candidate, Candidates, alive},
    round::Source,
};

/// A round of the live services of one kind.
#[derive(Debug)]
pub struct InTurn<P> {
    pub(super) candidates: Candidates<P>,
    pub(super) left: VecDeque<(String, P)>,
}

impl<P: Prx + PartialEq> Source for InTurn<P> {
    type Candidate = Candidate<P>;

    async fn next(&mut self) -> Option<Candidate<P>> {
        // One that was struck off meanwhile is not waited for.
        while let Some((id, proxy)) = self.left.pop_front() {
            if self.candidates.holds(&id, &proxy) {
                return Some(Candidate { id, proxy });
            }
        }
        None
    }

    fn silent(&self, Candidate { id, proxy }: &Candidate<P>) {
        if self.candidates.table().doubt(id, proxy) {
            let (candidates, id, proxy) = (self.candidates.clone(), id.clone(), proxy.clone());
            // That the process lives says nothing of the call that it owes an answer.
            tokio::spawn(async move {
                if let Err(error) = alive(&proxy).await {
                    candidates.strike(&id, &proxy, &error);
                }
            });
        }
    }

    fn answered(&self, Candidate { id, proxy }: &Candidate<P>) {
        self.candidates.seen(id, proxy);
    }

    fn lost(&self, Candidate { id, proxy }: &Candidate<P>, error: &ice::Error) {
        self.candidates.strike(id, proxy, error);
    }
}
