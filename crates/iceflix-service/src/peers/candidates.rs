//! The live services of one kind, as seen from here: proven when they come,
//! noticed when they go, asked in turn.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::{ErrorKind, Group, ObjectPrx, Prx};
use tokio::sync::broadcast;
use tracing::info;

use super::{
    change::{Change, Event, Kind, change},
    in_turn::InTurn,
    proof::Proofs,
    table::{Sign, Table},
};
use crate::log::{Complaints, shown};

/// How long a service may take to prove that it is there, connecting included.
pub(super) const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// A live service, whatever its kind.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its kind.
    pub kind: Kind,
    /// Its service id.
    pub id: String,
    /// Where it is.
    pub proxy: ObjectPrx,
    /// When it was found, or found again after it was lost.
    pub since: Instant,
}

/// A service that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<P> {
    /// Its service id.
    pub id: String,
    /// Where it is.
    pub proxy: P,
}

/// The candidates of one kind. Clones share them.
#[derive(Debug)]
pub struct Candidates<P>(pub(super) Arc<Shared<P>>);

#[derive(Debug)]
pub(super) struct Shared<P> {
    pub(super) kind: Kind,
    pub(super) own_id: String,
    table: Mutex<Table<P>>,
    pub(super) proofs: Proofs,
    pub(super) complaints: Complaints,
    changes: broadcast::Sender<Change>,
}

impl<P> Clone for Candidates<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Prx + PartialEq> Candidates<P> {
    /// An empty set. `own_id` is this process's own service id, which is never
    /// a candidate; changes are told to `changes`.
    pub fn new(kind: Kind, own_id: &str, changes: broadcast::Sender<Change>) -> Self {
        Self(Arc::new(Shared {
            kind,
            own_id: own_id.to_owned(),
            table: Mutex::default(),
            proofs: Proofs::default(),
            complaints: Complaints::default(),
            changes,
        }))
    }

    /// Stays with a service until it is gone: its connection is the quickest
    /// witness. A connection may also close because it was idle, so the
    /// service is asked before it is struck off.
    pub(super) async fn watch(&self, id: String, proxy: P) {
        let mut changes = self.0.changes.subscribe();
        while self.holds(&id, &proxy) {
            let connected = match proxy.connection().await {
                Ok(Some(connection)) => connection,
                // Collocated: as alive as this process.
                Ok(None) => return,
                Err(error) => return self.strike(&id, &proxy, &error),
            };
            // One that leaves the table and comes back is watched anew: nobody else may wait for its connection then.
            // A goodbye does not end it: it may be somebody else's word.
            let gone = |change: &Change| {
                change.kind == self.0.kind
                    && change.id == id
                    && (change.event == Event::Lost || !self.holds(&id, &proxy))
            };
            tokio::select! {
                _ = connected.closed() => {}
                () = change(&mut changes, gone) => return,
            }
            self.look(&id, &proxy).await;
        }
    }

    /// Asks a service for a sign of life, and strikes it off where there is
    /// none. Says whether there was one.
    pub(super) async fn look(&self, id: &str, proxy: &P) -> bool {
        let error = match alive(proxy).await {
            Ok(()) => return true,
            Err(error) => error,
        };
        // It may have been busy for a moment, or this process stood still: one that announces itself only once does not
        // come back. Nobody need wait for it meanwhile.
        let again = if error.kind().group() == Group::Timeout {
            self.table().doubt(id, proxy);
            alive(proxy).await
        } else {
            Err(error)
        };
        match again {
            Ok(()) => true,
            Err(error) => {
                self.strike(id, proxy, &error);
                false
            }
        }
    }

    /// The table, for a moment. What a panicking holder leaves behind is whole:
    /// each change is one call.
    pub(super) fn table(&self) -> MutexGuard<'_, Table<P>> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this very service is known, be it that it said goodbye.
    fn holds(&self, id: &str, proxy: &P) -> bool {
        self.table().holds(id, proxy)
    }

    /// Takes a sign of life; says whether the service is known.
    pub(super) fn seen(&self, id: &str, proxy: &P) -> bool {
        let sign = self.table().seen(id, proxy, Instant::now());
        if sign == Sign::Back {
            info!(kind = %self.0.kind, id = %shown(id), "service is there still: the goodbye was not its last word");
            self.tell(id, Event::Found);
        }
        sign != Sign::Unknown
    }

    /// Strikes a service off until it announces itself again.
    pub(super) fn strike(&self, id: &str, proxy: &P, error: &ice::Error) {
        // It is this process that goes, and not the other one.
        if error.kind() == ErrorKind::CommunicatorDestroyed {
            return;
        }
        if self.table().lost(id, proxy) {
            info!(kind = %self.0.kind, id = %shown(id), error = %shown(error), "service lost");
            self.tell(id, Event::Lost);
        }
    }

    /// Sets the service aside that said goodbye. Anybody may have said it: its id
    /// stays its own as long as it lives, and it is back when it announces itself
    /// again, or answers long after.
    pub fn departed(&self, id: &str) {
        if self.table().depart(id, Instant::now()) {
            info!(kind = %self.0.kind, id = %shown(id), "service said goodbye");
            self.tell(id, Event::Departed);
        }
    }

    pub(super) fn tell(&self, id: &str, event: Event) {
        // Nobody listening is fine.
        let _ = self.0.changes.send(Change {
            kind: self.0.kind,
            id: id.to_owned(),
            event,
        });
    }

    /// Asks those that have been silent for `silence`, and strikes off those
    /// that do not answer.
    pub async fn sweep(&self, silence: Duration) {
        let silent = self.table().silent(silence, Instant::now());
        let asked = silent.into_iter().map(|(id, proxy)| async move {
            if self.look(&id, &proxy).await {
                self.seen(&id, &proxy);
            }
        });
        futures_util::future::join_all(asked).await;
    }

    /// The next candidate in turn. One that keeps somebody waiting at the
    /// moment is handed out only where there is no other.
    pub fn next_in_turn(&self) -> Option<Candidate<P>> {
        let (id, proxy) = self.table().next_in_turn()?;
        Some(Candidate { id, proxy })
    }

    /// All of them once, beginning with the one whose turn it is: for
    /// [`go_round`](super::round::go_round).
    pub fn in_turn(&self) -> InTurn<P> {
        InTurn::new(self.clone())
    }

    /// Returns when a service is found that is not known now. May be cancelled.
    pub fn newcomer(&self) -> impl Future<Output = ()> + Send + 'static {
        let (kind, mut changes) = (self.0.kind, self.0.changes.subscribe());
        async move {
            change(&mut changes, |change| {
                change.kind == kind && change.event == Event::Found
            })
            .await;
        }
    }

    /// The live service with this id.
    pub fn get(&self, id: &str) -> Option<P> {
        self.table().get(id)
    }

    /// All live services with their ids, in order of arrival.
    pub fn all(&self) -> Vec<(String, P)> {
        self.table().all()
    }

    /// All live services as they are told of, in order of arrival.
    pub(super) fn known(&self) -> Vec<Known> {
        let arrivals = self.table().arrivals();
        let known = |(id, proxy, since): (String, P, Instant)| Known {
            kind: self.0.kind,
            id,
            proxy: proxy.as_object().clone(),
            since,
        };
        arrivals.into_iter().map(known).collect()
    }

    /// How many live services there are.
    pub fn count(&self) -> usize {
        self.table().len()
    }
}

/// Asks for a sign of life.
pub(super) async fn alive<P: Prx>(proxy: &P) -> Result<(), ice::Error> {
    proxy
        .with_invocation_timeout(ANSWERS_WITHIN)
        .ice_ping()
        .await
}
