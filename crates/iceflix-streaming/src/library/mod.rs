//! The films of a directory: found, identified, prepared for playing, watched.
//!
//! Everything here waits for disks, and nothing here knows Ice. One thread, the
//! `keeper`, has the say over what there is; others look at what it has found.

mod ask;
mod error;
mod films;
mod fingerprint;
mod keeper;
mod known;
mod line;
mod reading;
mod scan;
mod shelf;
#[cfg(test)]
mod tests;
mod watch;

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

pub use error::Error;
pub(crate) use error::Missing;
use iceflix_index::Index;
use iceflix_media::{Cancel, MediaId};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{Semaphore, mpsc, watch as signal},
    task::spawn_blocking,
};

use self::{
    films::Films,
    fingerprint::Fingerprint,
    keeper::{Keeper, Message, State},
    known::Known,
    line::Line,
    reading::{Media, Reader},
    shelf::Shelf,
    watch::Watch,
};

/// How long stopping may take: reading ends within a second, and a disk that
/// hangs is not waited for.
const STOPPED_WITHIN: Duration = Duration::from_millis(1_200);

/// The films of a directory, as they are now. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Library {
    shared: Arc<Shared>,
    messages: Sender<Message>,
    cancel: Cancel,
    ended: signal::Receiver<()>,
    questions: Arc<Semaphore>,
}

/// What the keeper writes and everybody reads.
#[derive(Debug)]
pub(crate) struct Shared {
    films: RwLock<Films>,
    shelf: Arc<Shelf>,
    /// Indexes that are being played, so that any number of viewers share one.
    open: Mutex<HashMap<MediaId, (Fingerprint, Weak<Index>)>>,
    changes: mpsc::UnboundedSender<MediaId>,
}

impl Library {
    /// Opens the library of a directory; what is kept about it lies in
    /// `cache`. What is known from before is there when it returns, the rest
    /// follows as it is read. The ids of films that come and go are sent
    /// to the receiver: whether one is there is asked of the library. Blocks for the
    /// disk, for under a second with 100,000 known files.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub(crate) fn open(
        directory: &Path,
        cache: &Path,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let cancel = Cancel::new();
        let reader = Media {
            cancel: cancel.clone(),
        };
        Self::with_reader(directory, cache, Arc::new(reader), cancel)
    }

    /// As [`Library::open`], without blocking.
    ///
    /// # Errors
    ///
    /// As there.
    pub(crate) async fn open_aside(
        directory: PathBuf,
        cache: PathBuf,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        match spawn_blocking(move || Self::open(&directory, &cache)).await {
            Ok(opened) => opened,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    fn with_reader(
        directory: &Path,
        cache: &Path,
        reader: Arc<dyn Reader>,
        cancel: Cancel,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let unusable = |source| Error::Directory {
            path: directory.to_owned(),
            source,
        };
        let root = fs::canonicalize(directory).map_err(unusable)?;
        fs::read_dir(&root).map_err(unusable)?;
        let (messages, inbox) = channel();
        let (changes, changed) = mpsc::unbounded_channel();
        let shelf = Arc::new(Shelf::open(cache.join("index")));
        let shared = Arc::new(Shared {
            films: RwLock::default(),
            shelf: Arc::clone(&shelf),
            open: Mutex::default(),
            changes,
        });
        let wake = messages.clone();
        let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut keeper = Keeper {
            cache: fs::metadata(cache).ok().map(|cache| scan::inode_of(&cache)),
            shared: Arc::clone(&shared),
            known: Known::open(journal(cache, &root)),
            watch: Watch::new(&root, move || {
                let _ = wake.send(Message::Changed);
            }),
            line: Line::new(reader, Arc::clone(&shelf), workers, messages.clone()),
            indexed: shelf.titles(),
            state: State::default(),
            root,
        };
        keeper.begin();
        let (end, ended) = signal::channel(());
        let keep = move || {
            keeper.run(&inbox);
            drop(end);
        };
        thread::Builder::new()
            .name("library".to_owned())
            .spawn(keep)
            .map_err(Error::Thread)?;
        Ok((
            Self {
                shared,
                messages,
                cancel,
                ended,
                questions: Arc::new(Semaphore::new(ask::AT_ONCE)),
            },
            changed,
        ))
    }

    /// The ids of all films.
    pub(crate) fn ids(&self) -> Vec<MediaId> {
        self.shared.films().ids().collect()
    }

    /// The name of a film; `None` where it is not here.
    pub(crate) fn name(&self, id: MediaId) -> Option<String> {
        self.shared.films().name(id)
    }

    /// Whether a film is really there now. Blocks for the disk.
    pub(crate) fn has(&self, id: MediaId) -> bool {
        self.way(id).is_some()
    }

    /// Opens a film for playing; whoever plays the same one shares it. Blocks
    /// for the disk.
    ///
    /// # Errors
    ///
    /// [`Missing`], with what to tell the viewer.
    pub(crate) fn take(&self, id: MediaId) -> Result<Arc<Index>, Missing> {
        let (path, print) = self.way(id).ok_or(Missing::Unknown)?;
        let lock = || {
            self.shared
                .open
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some((opened, index)) = lock().get(&id)
            && opened.same_bytes(&print)
            && let Some(index) = index.upgrade()
        {
            return Ok(index);
        }
        let index = match self.shared.shelf.take(id, &path) {
            Ok(index) => index,
            Err(iceflix_index::Error::Io {
                path: refused,
                source,
                ..
            }) if *refused == *path && source.kind() != io::ErrorKind::NotFound => {
                let what = "open";
                return Err(Missing::Unreadable(iceflix_index::Error::Io {
                    what,
                    path: refused,
                    source,
                }));
            }
            Err(error) => {
                tracing::warn!(%id, error = %told(&error), "the index of a film cannot be used: it is made anew");
                self.tell(Message::Unusable(id));
                return Err(Missing::BeingPrepared);
            }
        };
        // Another file may have taken its place between the two looks.
        if !index
            .source()
            .metadata()
            .is_ok_and(|file| Fingerprint::of(&file).same_bytes(&print))
        {
            self.tell(Message::Doubted(path));
            return Err(Missing::Unknown);
        }
        let mut open = lock();
        open.retain(|_, (_, index)| index.strong_count() > 0);
        open.insert(id, (print, Arc::downgrade(&index)));
        Ok(index)
    }

    /// A path at which a film really is, with the state of the file.
    fn way(&self, id: MediaId) -> Option<(Arc<Path>, Fingerprint)> {
        let ways = self.shared.films().ways(id);
        for (path, as_read) in ways {
            match fs::metadata(&path).map(|file| Fingerprint::of(&file)) {
                Ok(now) if now.same_bytes(&as_read) => return Some((path, now)),
                _ => self.tell(Message::Doubted(path)),
            }
        }
        None
    }

    /// Looks at the whole directory now. Returns at once.
    pub(crate) fn rescan(&self) {
        self.tell(Message::Rescan);
    }

    /// Ends its threads; what was being read is given up. Takes little more
    /// than a second at the worst.
    pub(crate) async fn stop(&self) {
        self.cancel.cancel();
        self.tell(Message::Stop);
        let mut ended = self.ended.clone();
        if tokio::time::timeout(STOPPED_WITHIN, ended.changed())
            .await
            .is_err()
        {
            tracing::warn!("a film was still being read when the service stopped");
        }
    }

    fn tell(&self, message: Message) {
        // It listens as long as this is there.
        let _ = self.messages.send(message);
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.tell(Message::Stop);
    }
}

impl Shared {
    /// What a panicking holder leaves behind is whole: each change is one call.
    fn films(&self) -> RwLockReadGuard<'_, Films> {
        self.films.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn films_mut(&self) -> RwLockWriteGuard<'_, Films> {
        self.films.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_changes(&self) {
        for id in self.films_mut().changes() {
            // Nobody listening is fine.
            let _ = self.changes.send(id);
        }
    }
}

/// Where what is known about a directory is kept: under a name of fixed length.
fn journal(cache: &Path, root: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    let name = Sha256::digest(root.as_os_str().as_bytes());
    cache.join("known").join(hex::encode(&name[..16]))
}

/// An error with its causes, on one line of the log whatever is in it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some tell their cause themselves.
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text.replace(char::is_control, "\u{fffd}")
}
