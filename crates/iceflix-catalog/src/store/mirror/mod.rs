//! The index of all titles, in step with the database.
//!
//! The database is the truth, and several services may write to one. So a caller is answered from the index only after
//! the database was asked for its revision, and that only after the caller came: what was committed before is seen, whoever
//! committed it. To be cheap, one look serves all callers that wait for one.

mod changes;
mod keeper;
mod load;

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use iceflix_database::Database;
use iceflix_service::log::Seldom;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::warn;

use crate::store::Error;
use crate::store::clock::Clock;
use crate::store::index::Index;

/// How long a caller waits for a look at the database before it is answered from memory: less than the second and a half
/// after which callers give up.
const PATIENCE: Duration = Duration::from_secs(1);

/// How much longer a caller waits that must not be answered from memory: where an edit of ours is among very many changes,
/// it takes this long to take them in.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// How long the index is trusted while the database cannot be asked: longer than a server takes to start again, and short
/// enough for nobody to work for long with what others may have changed.
const TRUSTED: Duration = Duration::from_secs(30);

/// What a look came to: a failure is told to everybody who waited for it.
type Look = Result<(), Option<Arc<iceflix_database::Error>>>;

/// The index and what keeps it in step. Ends with its last owner.
#[derive(Debug)]
pub(super) struct Mirror {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    database: Database,
    clock: Arc<dyn Clock>,
    index: RwLock<Index>,
    /// The revision that the index shows, at least.
    revision: AtomicI64,
    /// The revision of our own last edit, which is never unseen.
    written: AtomicI64,
    /// Who waits for a look that has not begun.
    callers: Mutex<Vec<oneshot::Sender<Look>>>,
    called: Notify,
    /// When the last look that succeeded began.
    seen: Mutex<Instant>,
    /// The last look failed, or takes too long: nobody waits for the next one.
    out_of_sight: AtomicBool,
    told: Seldom,
}

impl Mirror {
    /// Reads all titles, and keeps up with them from now on.
    pub(super) async fn open(database: Database, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let began = clock.now();
        let (index, revision) = load::all(&database).await?;
        let shared = Arc::new(Shared {
            database,
            clock,
            index: RwLock::new(index),
            revision: AtomicI64::new(revision),
            written: AtomicI64::new(0),
            callers: Mutex::default(),
            called: Notify::new(),
            seen: Mutex::new(began),
            out_of_sight: AtomicBool::new(false),
            told: Seldom::new(),
        });
        // What changed while the titles were read.
        shared.look().await?;
        let keeper = tokio::spawn(keeper::keep(Arc::clone(&shared)));
        Ok(Self { shared, keeper })
    }

    /// Asks the index, which shows all that was committed before the call, or, for a while in which the database cannot be
    /// asked, what was known before.
    pub(super) async fn ask<T>(&self, question: impl FnOnce(&Index) -> T) -> Result<T, Error> {
        self.shared.in_step().await?;
        Ok(question(&self.shared.index()))
    }

    /// Asks the index for what may be outdated.
    pub(super) fn recall<T>(&self, question: impl FnOnce(&Index) -> T) -> T {
        question(&self.shared.index())
    }

    /// Whoever asks from now on sees this revision, which was committed here.
    pub(super) fn written(&self, revision: i64) {
        self.shared.written.fetch_max(revision, Ordering::AcqRel);
        if self.shared.out_of_sight.load(Ordering::Acquire) {
            self.shared.called.notify_one();
        }
    }

    /// Whether the database can be asked, and the index is in step with it.
    pub(super) async fn seen(&self) -> Result<(), Error> {
        let look = async {
            tokio::select! {
                biased;
                look = self.shared.wait() => look,
                error = self.shared.database.away() => Some(Err(Some(Arc::new(error)))),
            }
        };
        match timeout(PATIENCE, look).await {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(cause))) => Err(Error::OutOfStep { cause }),
            Ok(None) | Err(_) => Err(Error::OutOfStep { cause: None }),
        }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Shared {
    /// Returns when the index shows all that was committed before the call.
    async fn in_step(&self) -> Result<(), Error> {
        if self.out_of_sight.load(Ordering::Acquire) && self.may_be_recalled() {
            // The next look may be the one that succeeds: nobody waits for it, but it is not put off.
            self.called.notify_one();
            return Ok(());
        }
        let mut look = pin!(self.wait());
        let mut waited = timeout(PATIENCE, &mut look).await;
        if waited.is_err() {
            self.out_of_sight.store(true, Ordering::Release);
            self.called.notify_one();
            // Whoever knows already that it is away has nothing to wait for.
            if !self.may_be_recalled() && self.database.absence().is_none() {
                waited = timeout(LAST_PATIENCE, &mut look).await;
            }
        }
        let cause = match waited {
            Ok(Some(Ok(()))) => return Ok(()),
            Ok(Some(Err(cause))) => cause,
            Ok(None) | Err(_) => self.database.absence().map(Arc::new),
        };
        if self.may_be_recalled() {
            self.told.tell(|_| {
                let error = cause.as_deref().map(ToString::to_string);
                let error = error.unwrap_or_else(|| "its database does not answer in time".into());
                warn!(
                    error,
                    "the catalogue answers from memory, for {TRUSTED:?} at most"
                );
            });
            return Ok(());
        }
        Err(Error::OutOfStep { cause })
    }

    /// Whether what the index shows may be handed out unchecked.
    fn may_be_recalled(&self) -> bool {
        let revision = self.revision.load(Ordering::Acquire);
        revision >= self.written.load(Ordering::Acquire) && self.age() < TRUSTED
    }

    /// How long ago the index was seen to be in step.
    fn age(&self) -> Duration {
        let seen = *lock(&self.seen);
        self.clock.now().saturating_duration_since(seen)
    }

    /// Waits for a look that begins from now on; `None` where the mirror ends.
    async fn wait(&self) -> Option<Look> {
        let (caller, look) = oneshot::channel();
        lock(&self.callers).push(caller);
        self.called.notify_one();
        look.await.ok()
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
