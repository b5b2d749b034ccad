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
mod open;
mod reading;
mod scan;
mod shelf;
#[cfg(test)]
mod tests;
mod watch;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak, mpsc::Sender,
    },
    time::Duration,
};

use iceflix_index::Index;
use iceflix_media::{Cancel, MediaId};
use tokio::{
    sync::{Semaphore, mpsc, watch as signal},
    time::timeout,
};
use tracing::warn;

use self::{films::Films, fingerprint::Fingerprint, keeper::Message, shelf::Shelf};

pub use error::Error;
pub(crate) use error::Missing;

/// How long stopping may take: reading ends within a second, and a disk that
/// hangs is not waited for.
const STOPPED_WITHIN: Duration = Duration::from_millis(1_200);

/// The films of a directory, as they are now. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Library {
    directory: PathBuf,
    shared: Arc<Shared>,
    messages: Sender<Message>,
    cancel: Cancel,
    /// Closed when the keeper is gone.
    ended: signal::Receiver<()>,
    /// Permits for questions to the disk.
    questions: Arc<Semaphore>,
}

/// Indexes by film, each with the state of the file that it was opened with.
type OpenIndexes = HashMap<MediaId, (Fingerprint, Weak<Index>)>;

/// What the keeper writes and everybody reads.
#[derive(Debug)]
struct Shared {
    films: RwLock<Films>,
    shelf: Shelf,
    /// Indexes that are being played, so that any number of viewers share one.
    open: Mutex<OpenIndexes>,
    changes: mpsc::UnboundedSender<MediaId>,
}

impl Library {
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
        if timeout(STOPPED_WITHIN, ended.changed()).await.is_err() {
            warn!("a film was still being read when the service stopped");
        }
    }

    fn tell(&self, message: Message) {
        // Where it is gone, nothing is to be done any more.
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
