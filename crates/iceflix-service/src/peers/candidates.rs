//! The live services of one kind, as seen from here: proven when they come,
//! noticed when they go, asked in turn.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::{ErrorKind, ObjectPrx, Prx};
use tokio::{sync::broadcast, time::timeout};
use tracing::{info, warn};

use super::{
    complaint::Complaints,
    proof::{Proof, Proofs, Refusal},
    proxy::place,
    round::Source,
    table::{Entered, MAX_ID_LEN, Table},
};
use crate::log::shown;

/// How long a service may take to prove that it is there, connecting included.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

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
pub struct Candidates<P>(Arc<Shared<P>>);

#[derive(Debug)]
struct Shared<P> {
    kind: Kind,
    own_id: String,
    table: Mutex<Table<P>>,
    proofs: Proofs,
    complaints: Complaints,
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

    /// Takes an announcement in. A service that was not known has to prove
    /// itself first, by answering as what it says it is: that happens in the
    /// background, and nobody waits for it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn announced(&self, id: String, proxy: Option<P>) {
        if id == self.0.own_id {
            return;
        }
        if id.is_empty() || id.len() > MAX_ID_LEN {
            return self.refuse("a service id has 1 to 128 bytes", &id, &"");
        }
        let Some(proxy) = proxy else {
            return self.refuse("it carries no proxy", &id, &"");
        };
        // Whoever announces itself by a proxy without answers would never be heard.
        let proxy = proxy.with_twoway();
        if self.seen(&id, &proxy) {
            return;
        }
        let place = match place(&proxy) {
            Ok(place) => place,
            Err(reason) => return self.refuse(reason, &id, &""),
        };
        match self.0.proofs.begin(&id, &place, Instant::now()) {
            Ok(proof) => {
                let candidates = self.clone();
                tokio::spawn(async move {
                    if candidates.prove(proof, &id, &proxy).await {
                        candidates.watch(id, proxy).await;
                    }
                });
            }
            Err(Refusal::UnderWay) => {}
            Err(Refusal::Silent) => self.refuse("nobody answered there a moment ago", &id, &proxy),
            Err(Refusal::PlaceFull) => {
                self.refuse("too many services are being asked there", &id, &proxy);
            }
            Err(Refusal::Full) => self.refuse("too many services are being asked", &id, &proxy),
        }
    }

    /// Says why an announcement was not taken, where it was not said too often.
    fn refuse(&self, reason: &'static str, id: &str, proxy: &dyn fmt::Display) {
        if let Some(unsaid) = self.0.complaints.line(reason, Instant::now()) {
            let (kind, id, proxy) = (self.0.kind, shown(id), shown(proxy));
            warn!(%kind, id, proxy, unsaid, "announcement refused: {reason}");
        }
    }

    /// Enters the service where it answers as one of this kind.
    async fn prove(&self, proof: Proof, id: &str, proxy: &P) -> bool {
        let answer = timeout(ANSWERS_WITHIN, async {
            let is_one = proxy.ice_is_a(P::TYPE_ID).await?;
            Ok((is_one, proxy.connection().await?))
        });
        let answer: Result<_, ice::Error> = match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(ice::Error::new(ErrorKind::InvocationTimeout, "")),
        };
        let connection = match answer {
            Ok((true, Some(connection))) => connection,
            Ok((true, None)) => {
                self.refuse("its proxy points to this very process", id, proxy);
                return false;
            }
            Ok((false, _)) => {
                self.refuse("its proxy does not point to such a service", id, proxy);
                return false;
            }
            Err(error) => {
                if error.kind().group() == ice::Group::Timeout {
                    proof.was_silent(Instant::now());
                }
                self.refuse("the service does not answer", id, proxy);
                return false;
            }
        };
        // An id belongs to whoever has it as long as that one lives.
        if let Some(holder) = self.get(id)
            && alive(&holder).await.is_ok()
        {
            self.refuse("another live service has its id", id, proxy);
            return false;
        }
        let address = connection.remote_address();
        let entered = lock(&self.0.table).enter(id, proxy, address, Instant::now());
        match entered {
            Entered::New => {}
            Entered::Known => return false,
            Entered::Full => {
                self.refuse("too many services of this kind are known", id, proxy);
                return false;
            }
            Entered::AddressFull => {
                self.refuse(
                    "too many services of this kind are known at its address",
                    id,
                    proxy,
                );
                return false;
            }
        }
        info!(kind = %self.0.kind, id = %shown(id), proxy = %shown(proxy), "service found");
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
                Err(error) => return self.strike(&id, &proxy, &error),
            };
            // One that leaves the table and comes back is watched anew: nobody else may wait for its connection then.
            tokio::select! {
                _ = connected.closed() => {}
                () = change(&mut changes, |change| change.kind == self.0.kind && change.id == id) => return,
            }
            if let Err(error) = alive(&proxy).await {
                return self.strike(&id, &proxy, &error);
            }
        }
    }

    fn holds(&self, id: &str, proxy: &P) -> bool {
        lock(&self.0.table).holds(id, proxy)
    }

    fn seen(&self, id: &str, proxy: &P) -> bool {
        lock(&self.0.table).seen(id, proxy, Instant::now())
    }

    /// Strikes a service off until it announces itself again.
    fn strike(&self, id: &str, proxy: &P, error: &dyn fmt::Display) {
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
            match alive(&proxy).await {
                Ok(()) => {
                    self.seen(&id, &proxy);
                }
                Err(error) => self.strike(&id, &proxy, &error),
            }
        });
        futures_util::future::join_all(asked).await;
    }

    /// The next candidate in turn. One that keeps somebody waiting at the
    /// moment is handed out only where there is no other.
    pub fn next_in_turn(&self) -> Option<Candidate<P>> {
        let (id, proxy) = lock(&self.0.table).next_in_turn()?;
        Some(Candidate { id, proxy })
    }

    /// All of them once, beginning with the one whose turn it is: for
    /// [`go_round`](super::round::go_round).
    pub fn in_turn(&self) -> InTurn<P> {
        let left = lock(&self.0.table).round().into();
        InTurn {
            candidates: self.clone(),
            left,
        }
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
        lock(&self.0.table).get(id)
    }

    /// All live services with their ids, in order of arrival.
    pub fn all(&self) -> Vec<(String, P)> {
        lock(&self.0.table).all()
    }

    /// All live services as they are told of, in order of arrival.
    pub(super) fn known(&self) -> Vec<Known> {
        let arrivals = lock(&self.0.table).arrivals();
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
        lock(&self.0.table).len()
    }
}

/// A round of the live services of one kind.
#[derive(Debug)]
pub struct InTurn<P> {
    candidates: Candidates<P>,
    left: VecDeque<(String, P)>,
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
        if lock(&self.candidates.0.table).doubt(id, proxy) {
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

/// Asks for a sign of life.
async fn alive<P: Prx>(proxy: &P) -> Result<(), ice::Error> {
    proxy
        .with_invocation_timeout(ANSWERS_WITHIN)
        .ice_ping()
        .await
}

/// Returns at the next change that is wanted. One that is missed because there were too many costs nothing but a
/// watch that ends later, with the connection.
async fn change(changes: &mut broadcast::Receiver<Change>, wanted: impl Fn(&Change) -> bool) {
    use broadcast::error::RecvError;
    loop {
        match changes.recv().await {
            Ok(change) if wanted(&change) => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// What a panicking holder leaves behind is whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
