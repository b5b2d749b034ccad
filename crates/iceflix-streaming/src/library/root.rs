//! One directory of films.

use std::{
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
        mpsc::Sender,
    },
    time::Duration,
};

use iceflix_media::{Cancel, MediaId};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch as signal},
    time::timeout,
};
use tracing::warn;

use super::{
    Entry,
    films::Films,
    keeper::Message,
    shelf::{Hits, Shelf},
};

/// How long stopping may take: reading ends within a second, and a disk that
/// hangs is not waited for.
const STOPPED_WITHIN: Duration = Duration::from_millis(1_200);

/// How long a keeper may take to answer: it may be at work on its disk.
const LISTED_WITHIN: Duration = Duration::from_secs(1);

/// The films of a directory, as they are now. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Root {
    pub(super) directory: PathBuf,
    pub(super) shared: Arc<Shared>,
    pub(super) messages: Sender<Message>,
    pub(super) cancel: Cancel,
    /// Closed when the keeper is gone.
    pub(super) ended: signal::Receiver<()>,
    /// Permits for questions to the disk.
    pub(super) questions: Arc<Semaphore>,
}

/// What the keeper writes and everybody reads.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) films: RwLock<Films>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) changes: mpsc::UnboundedSender<MediaId>,
    /// How many files are in line.
    pub(super) unread: AtomicUsize,
}

impl Root {
    /// Looks at the whole directory now. Returns at once.
    pub(super) fn rescan(&self) {
        self.tell(Message::Rescan);
    }

    /// Ends its threads. What is being read has to be cancelled before.
    pub(super) async fn stop(&self) {
        self.tell(Message::Stop);
        let mut ended = self.ended.clone();
        if timeout(STOPPED_WITHIN, ended.changed()).await.is_err() {
            warn!("a film was still being read when the service stopped");
        }
    }

    /// What the keeper knows of each file; `None` where it does not answer.
    pub(super) async fn list(&self) -> Option<Vec<Entry>> {
        let (answer, listed) = oneshot::channel();
        self.tell(Message::List(answer));
        timeout(LISTED_WITHIN, listed).await.ok()?.ok()
    }

    /// Where the indexes of streams came from; the same for all directories.
    pub(super) fn hits(&self) -> Hits {
        self.shared.shelf.hits()
    }

    /// How many files wait to be read, or are being read.
    pub(super) fn unread(&self) -> usize {
        self.shared.unread.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, message: Message) {
        // Where it is gone, nothing is to be done any more.
        let _ = self.messages.send(message);
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.tell(Message::Stop);
    }
}

impl Shared {
    /// What a panicking holder leaves behind is whole: each change is one call.
    pub(super) fn films(&self) -> RwLockReadGuard<'_, Films> {
        self.films.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn films_mut(&self) -> RwLockWriteGuard<'_, Films> {
        self.films.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell_changes(&self) {
        for id in self.films_mut().changes() {
            // Nobody listening is fine.
            let _ = self.changes.send(id);
        }
    }
}
