//! The live services of one kind, as seen from here: proven when they come,
//! noticed when they go, asked in turn.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::Prx;
use tokio::sync::{Semaphore, broadcast};
use tracing::{debug, info, warn};

use super::table::{Announced, CAPACITY, MAX_ID_LEN, Table};
use crate::log::shown;

/// How many services are proven at the same time. What more arrives waits.
const PROOFS_AT_ONCE: usize = 32;

/// The kinds of service that announce themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Issues tokens.
    Authenticator,
    /// Lists titles.
    Catalog,
    /// Has films.
    StreamProvider,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authenticator => "authentication",
            Self::Catalog => "catalog",
            Self::StreamProvider => "streaming",
        })
    }
}

/// A change of who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which kind the service is.
    pub kind: Kind,
    /// Its service id.
    pub id: String,
    /// What happened to it.
    pub event: Event,
}

/// What can happen to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is there, and has proven to be what it says.
    Found,
    /// It does not answer any more; it may come back.
    Lost,
    /// It said goodbye, and its id will not be seen again.
    Departed,
}

/// The candidates of one kind. Clones share them.
#[derive(Debug)]
pub struct Candidates<P>(Arc<Shared<P>>);

#[derive(Debug)]
struct Shared<P> {
    kind: Kind,
    own_id: String,
    table: Mutex<Table<P>>,
    /// Ids whose proof is under way.
    in_proof: Mutex<HashSet<String>>,
    proofs: Semaphore,
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
            in_proof: Mutex::default(),
            proofs: Semaphore::new(PROOFS_AT_ONCE),
            changes,
        }))
    }

    /// Takes an announcement in. A service that was not known has to prove
    /// itself first, by answering as what it says it is: that happens in the
    /// background, and nobody waits for it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn announced(&self, id: String, proxy: Option<P>) {
        let kind = self.0.kind;
        if id == self.0.own_id {
            return;
        }
        let Some(proxy) = proxy else {
            warn!(%kind, id = %shown(&id), "announcement refused: it carries no proxy");
            return;
        };
        if id.is_empty() || id.len() > MAX_ID_LEN {
            warn!(%kind, length = id.len(), "announcement refused: a service id has 1 to {MAX_ID_LEN} bytes");
            return;
        }
        {
            let mut table = lock(&self.0.table);
            if table.holds(&id, &proxy) {
                table.announce(&id, &proxy, Instant::now());
                return;
            }
        }
        {
            let mut in_proof = lock(&self.0.in_proof);
            if in_proof.len() >= CAPACITY {
                debug!(%kind, id = %shown(&id), "announcement refused: too many unknown services at once");
                return;
            }
            if !in_proof.insert(id.clone()) {
                return;
            }
        }
        let candidates = self.clone();
        tokio::spawn(async move {
            let proven = candidates.prove(&id, &proxy).await;
            lock(&candidates.0.in_proof).remove(&id);
            if proven {
                candidates.watch(id, proxy).await;
            }
        });
    }

    /// Enters the service where it answers as one of this kind.
    async fn prove(&self, id: &str, proxy: &P) -> bool {
        let kind = self.0.kind;
        let Ok(_permit) = self.0.proofs.acquire().await else {
            return false;
        };
        match proxy.ice_is_a(P::TYPE_ID).await {
            Ok(true) => {}
            Ok(false) => {
                warn!(%kind, id = %shown(id), proxy = %shown(proxy), "announcement refused: the proxy does not point to such a service");
                return false;
            }
            Err(error) => {
                debug!(%kind, id = %shown(id), proxy = %shown(proxy), error = %shown(&error), "announcement refused: the service does not answer");
                return false;
            }
        }
        // An id belongs to whoever has it as long as that one lives.
        if let Some(holder) = self.get(id)
            && holder.ice_ping().await.is_ok()
        {
            warn!(%kind, id = %shown(id), proxy = %shown(proxy), holder = %shown(&holder), "announcement refused: another live service has this id");
            return false;
        }
        match lock(&self.0.table).announce(id, proxy, Instant::now()) {
            Announced::New => {}
            Announced::Known => return false,
            Announced::BadId | Announced::Full => {
                warn!(%kind, id = %shown(id), "announcement refused: {CAPACITY} services of this kind are known");
                return false;
            }
        }
        info!(%kind, id = %shown(id), proxy = %shown(proxy), "service found");
        self.tell(id, Event::Found);
        true
    }

    /// Stays with a service until it is gone: its connection is the quickest
    /// witness. A connection may also close because it was idle, so the
    /// service is asked before it is struck off.
    async fn watch(&self, id: String, proxy: P) {
        let mut changes = self.0.changes.subscribe();
        while self.holds(&id, &proxy) {
            let connected = match proxy.connection().await {
                Ok(Some(connection)) => connection,
                // Collocated: as alive as this process.
                Ok(None) => return,
                Err(error) => return self.lost(&id, &proxy, &error),
            };
            // One that leaves the table and comes back is watched anew: nobody else may wait for its connection then.
            tokio::select! {
                _ = connected.closed() => {}
                () = change_of(&id, self.0.kind, &mut changes) => return,
            }
            if let Err(error) = proxy.ice_ping().await {
                return self.lost(&id, &proxy, &error);
            }
        }
    }

    fn holds(&self, id: &str, proxy: &P) -> bool {
        lock(&self.0.table).holds(id, proxy)
    }

    fn lost(&self, id: &str, proxy: &P, error: &dyn fmt::Display) {
        if lock(&self.0.table).lost(id, proxy) {
            info!(kind = %self.0.kind, id = %shown(id), error = %shown(error), "service lost");
            self.tell(id, Event::Lost);
        }
    }

    /// Strikes off the service that said goodbye.
    pub fn departed(&self, id: &str) {
        if lock(&self.0.table).depart(id) {
            info!(kind = %self.0.kind, id = %shown(id), "service said goodbye");
            self.tell(id, Event::Departed);
        }
    }

    fn tell(&self, id: &str, event: Event) {
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
        let silent = lock(&self.0.table).silent(silence, Instant::now());
        let asked = silent.into_iter().map(|(id, proxy)| async move {
            match proxy.ice_ping().await {
                Ok(()) => lock(&self.0.table).answered(&id, Instant::now()),
                Err(error) => self.lost(&id, &proxy, &error),
            }
        });
        futures_util::future::join_all(asked).await;
    }

    /// The next candidate in turn, with its service id.
    pub fn next_in_turn(&self) -> Option<(String, P)> {
        lock(&self.0.table).next_in_turn()
    }

    /// All live services, beginning with the one whose turn it is.
    pub fn round(&self) -> Vec<(String, P)> {
        lock(&self.0.table).round()
    }

    /// Strikes a service off where a call to it failed because it cannot be
    /// reached, until it announces itself again; says whether it was so.
    pub fn struck_off(&self, id: &str, proxy: &P, error: &ice::Error) -> bool {
        let gone = unreachable(error);
        if gone {
            self.lost(id, proxy, error);
        }
        gone
    }

    /// The live service with this id.
    pub fn get(&self, id: &str) -> Option<P> {
        lock(&self.0.table).get(id)
    }

    /// All live services with their ids, in order of arrival.
    pub fn all(&self) -> Vec<(String, P)> {
        lock(&self.0.table).all()
    }
}

/// Returns at the next change of this service. One that is missed because there were too many costs nothing but a
/// watch that ends later, with the connection.
async fn change_of(id: &str, kind: Kind, changes: &mut broadcast::Receiver<Change>) {
    use broadcast::error::RecvError;
    loop {
        match changes.recv().await {
            Ok(change) if change.kind == kind && change.id == id => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Whether an error means that the service is not there: the network's word,
/// or that another process has taken its place.
fn unreachable(error: &ice::Error) -> bool {
    error.is_transport() || error.is_not_exist()
}

/// What a panicking holder leaves behind is whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
