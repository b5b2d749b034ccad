//! Where the packet indexes lie: one directory for each film, in the cache,
//! made once however many ask, and playable while it is made.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use iceflix_index::Index;
use iceflix_media::{Begun, MediaId};
use tokio::sync::watch as signal;
use tracing::{info, warn};

use super::{budget::Budget, fingerprint::Fingerprint, told};

/// How long it is remembered that an index could not be made, for those who
/// wait for it.
const FAILURES_KEPT: Duration = Duration::from_secs(10);

/// Where the index of a stream came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    /// Another stream had it open.
    Shared,
    /// It lay in the cache.
    Cached,
    /// It did not: it was made then.
    Made,
}

/// How many streams got their index from where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hits {
    pub(crate) shared: u64,
    pub(crate) cached: u64,
    pub(crate) made: u64,
}

/// The indexes of a cache directory. Several services may share it: an index
/// takes its name only when it is complete, and the same film has the same
/// index everywhere.
#[derive(Debug)]
pub(crate) struct Shelf {
    directory: PathBuf,
    budget: Budget,
    state: Mutex<State>,
    made: Condvar,
    hits: [AtomicU64; 3],
    /// Changes when an index can be played that could not be, or will not be.
    news: signal::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// Those that are being made; with the index, as soon as it can be played.
    in_the_making: HashMap<MediaId, Option<Arc<Index>>>,
    /// Those that are being played, so that any number of viewers share one;
    /// each with the state of the file that it was opened with.
    open: HashMap<MediaId, (Fingerprint, Weak<Index>)>,
    failures: HashMap<MediaId, (Instant, Arc<str>)>,
}

impl Shelf {
    /// The indexes in `directory`, which need not exist yet, and may take
    /// `limit` bytes; `None`: a tenth of the disk.
    pub(crate) fn new(directory: PathBuf, limit: Option<u64>) -> Self {
        Self {
            budget: Budget::new(directory.clone(), limit),
            directory,
            state: Mutex::default(),
            made: Condvar::new(),
            hits: Default::default(),
            news: signal::channel(()).0,
        }
    }

    /// Removes what killed processes left half done. Blocks for the disk.
    pub(crate) fn sweep(&self) {
        match iceflix_index::sweep(&self.directory) {
            Ok(0) => {}
            Ok(count) => info!(count, "removed indexes that were never finished"),
            Err(error) => warn!(error = %told(&error), "unfinished indexes stay where they are"),
        }
    }

    /// The place of a film's index.
    pub(crate) fn place(&self, id: MediaId) -> PathBuf {
        self.directory.join(id.to_string())
    }

    /// The films that have an index, as far as names tell. One look for all of
    /// them: what is inside is checked when it is opened.
    pub(crate) fn titles(&self) -> HashSet<MediaId> {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return HashSet::new();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// Whether further indexes may be made though nobody has asked for them
    /// yet. Blocks for the disk.
    pub(crate) fn has_room(&self) -> bool {
        self.budget.has_room()
    }

    /// Keeps room for the index of a film of this size until the guard is dropped;
    /// `None` where there is none, unless somebody wants it. Blocks for the disk.
    pub(crate) fn reserve(self: &Arc<Self>, film: u64, wanted: bool) -> Option<Reserved> {
        let shelf = Arc::clone(self);
        let kept = self.budget.reserve(film, wanted);
        kept.then_some(Reserved { shelf, film })
    }

    /// Removes those that are too many. Blocks for the disk: a second and more
    /// where there are many thousands.
    pub(crate) fn tidy(&self) {
        self.budget.enforce(&|id| self.is_used(id));
    }

    /// The index of a film that somebody has open, or that is being made and
    /// can be played already.
    pub(crate) fn shared(&self, id: MediaId, print: &Fingerprint) -> Option<Arc<Index>> {
        let state = self.lock();
        // Whatever file it is made of: the id says that the bytes are the same.
        if let Some(Some(growing)) = state.in_the_making.get(&id) {
            return Some(Arc::clone(growing));
        }
        let (opened, index) = state.open.get(&id)?;
        opened.same_bytes(print).then(|| index.upgrade()).flatten()
    }

    /// Shares an index that was opened now with those who come later.
    pub(crate) fn share(&self, id: MediaId, print: Fingerprint, index: &Arc<Index>) {
        let mut state = self.lock();
        state.open.retain(|_, (_, index)| index.strong_count() > 0);
        state.open.insert(id, (print, Arc::downgrade(index)));
        drop(state);
        // Who was used last is the last to make room. An error means that it counts as older than it is.
        if let Ok(place) = File::open(self.place(id)) {
            let _ = place.set_modified(SystemTime::now());
        }
    }

    /// Opens the index of a film whose file is at `film`. Blocks for the disk.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub(crate) fn take(
        &self,
        id: MediaId,
        film: &Path,
    ) -> Result<Arc<Index>, iceflix_index::Error> {
        Index::open(&self.place(id), film).map(Arc::new)
    }

    /// Has the index of a film made, unless there is a good one. Whoever wants
    /// the same one meanwhile waits, and finds it. `make` is given its place, and
    /// what to call with the index as soon as that can be played. A place where
    /// an index was made makes room again by those that were not used for longest.
    ///
    /// # Errors
    ///
    /// What `make` failed with.
    pub(crate) fn provide<E: std::error::Error>(
        self: &Arc<Self>,
        id: MediaId,
        film: &Path,
        make: impl FnOnce(&Path, Begun) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = self.lock();
        while state.in_the_making.contains_key(&id) {
            state = self
                .made
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.in_the_making.insert(id, None);
        drop(state);
        let finished = Finished { shelf: self, id };
        if self.take(id, film).is_ok() {
            return Ok(());
        }
        let shelf = Arc::clone(self);
        let begun = Box::new(move |index| {
            // Whoever calls late finds that the making is over.
            if let Some(growing) = shelf.lock().in_the_making.get_mut(&id) {
                *growing = Some(index);
            }
            shelf.news.send_replace(());
        });
        let made = match make(&self.place(id), begun) {
            // Another process may have been quicker, and both are as good.
            Err(_) if self.take(id, film).is_ok() => Ok(()),
            result => result,
        };
        match &made {
            Ok(()) => {
                let used = |id| self.is_used(id);
                self.budget.spent(&self.place(id), &used);
            }
            Err(error) => self.failed(id, told(error)),
        }
        drop(finished);
        made
    }

    /// Makes room for an index that did not fit onto the disk. Returns whether
    /// there is more than before. Blocks for the disk.
    pub(crate) fn make_room(&self) -> bool {
        let used = |id| self.is_used(id);
        self.budget.make_room(&used)
    }

    /// Why the index of a film could not be made, since then.
    pub(crate) fn failure(&self, id: MediaId, since: Instant) -> Option<Arc<str>> {
        let state = self.lock();
        let (when, reason) = state.failures.get(&id)?;
        (*when >= since).then(|| Arc::clone(reason))
    }

    /// Changes when an index can be played that could not be, or will not be.
    pub(crate) fn news(&self) -> signal::Receiver<()> {
        self.news.subscribe()
    }

    /// A stream got its index from there.
    pub(crate) fn count(&self, hit: Hit) {
        self.hits[hit as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were so far.
    pub(crate) fn hits(&self) -> Hits {
        let of = |hit: Hit| self.hits[hit as usize].load(Ordering::Relaxed);
        Hits {
            shared: of(Hit::Shared),
            cached: of(Hit::Cached),
            made: of(Hit::Made),
        }
    }

    fn failed(&self, id: MediaId, reason: String) {
        let mut state = self.lock();
        let now = Instant::now();
        state
            .failures
            .retain(|_, (when, _)| now.duration_since(*when) < FAILURES_KEPT);
        state.failures.insert(id, (now, reason.into()));
    }

    /// Whether an index is being played or made.
    fn is_used(&self, id: MediaId) -> bool {
        let state = self.lock();
        let open = state.open.get(&id);
        state.in_the_making.contains_key(&id)
            || open.is_some_and(|(_, index)| index.strong_count() > 0)
    }

    /// What a panicking holder leaves behind is whole: each change is one call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room that is kept for an index.
#[derive(Debug)]
pub(crate) struct Reserved {
    shelf: Arc<Shelf>,
    /// The size of its film, in bytes.
    film: u64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.shelf.budget.release(self.film);
    }
}

/// Lets the others go on, however the making ended.
struct Finished<'a> {
    shelf: &'a Shelf,
    id: MediaId,
}

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        let mut state = self.shelf.lock();
        // Who plays it already goes on with it, and shares it with those who come.
        if let Some(Some(index)) = state.in_the_making.remove(&self.id)
            && !index.is_growing()
            && let Ok(film) = index.source().metadata()
        {
            let opened = (Fingerprint::of(&film), Arc::downgrade(&index));
            state.open.insert(self.id, opened);
        }
        drop(state);
        self.shelf.made.notify_all();
        self.shelf.news.send_replace(());
    }
}
