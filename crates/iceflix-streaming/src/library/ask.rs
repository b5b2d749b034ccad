//! What a library is asked: by id, by whoever has a film to play.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use iceflix_index::{Error as IndexError, Index};
use iceflix_media::MediaId;
use tokio::{task::spawn_blocking, time::timeout};
use tracing::warn;

use super::{Library, Missing, OpenIndexes, fingerprint::Fingerprint, keeper::Message, told};

/// How long a disk may take to answer: callers give up after 1.5 s, and should
/// hear a reason before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// How many questions a disk is asked at the same time. One that hangs takes
/// this many threads and no more.
pub(super) const AT_ONCE: usize = 16;

impl Library {
    /// The ids of all films.
    pub(crate) fn ids(&self) -> Vec<MediaId> {
        self.shared.films().ids().collect()
    }

    /// How many films there are.
    pub(crate) fn count(&self) -> usize {
        self.shared.films().len()
    }

    /// Whether the directory can be read now. May be cancelled.
    ///
    /// # Errors
    ///
    /// Why not.
    pub(crate) async fn is_there(this: &Arc<Self>) -> Result<(), io::Error> {
        let read = Self::ask(this, |library| fs::read_dir(&library.directory).map(drop)).await;
        read.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()))
    }

    /// The name of a film; `None` where it is not here.
    pub(crate) fn name(&self, id: MediaId) -> Option<String> {
        self.shared.films().name(id)
    }

    /// Whether a film is really there now. A disk that does not answer within a
    /// second has nothing. May be cancelled.
    pub(crate) async fn has(this: &Arc<Self>, id: MediaId) -> bool {
        // What nobody has heard of needs no disk.
        this.name(id).is_some()
            && Self::ask(this, move |library| library.way(id).is_some())
                .await
                .unwrap_or(false)
    }

    /// Opens a film for playing; whoever plays the same one shares it. Takes a
    /// second at the most, and may be cancelled.
    ///
    /// # Errors
    ///
    /// [`Missing`], with what to tell the viewer.
    pub(crate) async fn take(this: &Arc<Self>, id: MediaId) -> Result<Arc<Index>, Missing> {
        if this.name(id).is_none() {
            return Err(Missing::Unknown);
        }
        let taken = Self::ask(this, move |library| library.take_now(id)).await;
        taken.unwrap_or(Err(Missing::NoAnswer))
    }

    /// Asks the disk; `None` where it does not answer.
    async fn ask<R: Send + 'static>(
        this: &Arc<Self>,
        question: impl FnOnce(&Self) -> R + Send + 'static,
    ) -> Option<R> {
        let library = Arc::clone(this);
        let answer = async move {
            let turn = Arc::clone(&library.questions).acquire_owned().await.ok()?;
            let asked = spawn_blocking(move || {
                let answer = question(&library);
                drop(turn);
                answer
            });
            asked.await.ok()
        };
        timeout(ANSWERED_WITHIN, answer).await.ok().flatten()
    }

    /// As [`Library::take`]. Blocks for the disk.
    pub(super) fn take_now(&self, id: MediaId) -> Result<Arc<Index>, Missing> {
        let (path, print) = self.way(id).ok_or(Missing::Unknown)?;
        if let Some((opened, index)) = self.opened().get(&id)
            && opened.same_bytes(&print)
            && let Some(index) = index.upgrade()
        {
            return Ok(index);
        }
        let index = match self.shared.shelf.take(id, &path) {
            Ok(index) => index,
            Err(error) => return Err(self.missing(id, path, error)),
        };
        // Another file may have taken its place between the two looks.
        let source = index.source().metadata();
        if !source.is_ok_and(|file| Fingerprint::of(&file).same_bytes(&print)) {
            self.tell(Message::Doubted(path));
            return Err(Missing::Unknown);
        }
        let mut open = self.opened();
        open.retain(|_, (_, index)| index.strong_count() > 0);
        open.insert(id, (print, Arc::downgrade(&index)));
        Ok(index)
    }

    /// What it means that a film could not be opened.
    fn missing(&self, id: MediaId, film: Arc<Path>, error: IndexError) -> Missing {
        match error {
            IndexError::Io { path, source, .. }
                if *path == *film && source.kind() == io::ErrorKind::NotFound =>
            {
                self.tell(Message::Doubted(film));
                Missing::Unknown
            }
            IndexError::SourceChanged { .. } => {
                self.tell(Message::Doubted(film));
                Missing::Unknown
            }
            // Nothing is wrong with the index that making it anew would mend.
            IndexError::Io { ref source, .. } if source.kind() != io::ErrorKind::NotFound => {
                warn!(%id, error = %told(&error), "a film cannot be opened");
                Missing::Unreadable
            }
            error => {
                warn!(%id, error = %told(&error), "the index of a film cannot be used: it is made anew");
                self.tell(Message::Unusable(id));
                Missing::BeingPrepared
            }
        }
    }

    /// A path at which a film really is, with the state of the file. Blocks
    /// for the disk.
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

    fn opened(&self) -> MutexGuard<'_, OpenIndexes> {
        self.shared
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
