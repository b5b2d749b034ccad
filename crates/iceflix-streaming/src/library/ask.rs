//! What a directory is asked: by id, by whoever has a film to play.

use std::{
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use iceflix_index::{Error as IndexError, Index};
use iceflix_media::MediaId;
use tokio::{
    task::spawn_blocking,
    time::{timeout, timeout_at},
};
use tracing::warn;

use super::{Missing, fingerprint::Fingerprint, keeper::Message, root::Root, shelf::Hit, told};

/// How long a disk may take to answer: callers give up after 1.5 s, and should
/// hear a reason before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// How many questions a disk is asked at the same time. One that hangs takes
/// this many threads and no more.
pub(super) const AT_ONCE: usize = 16;

impl Root {
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
        let read = Self::ask(this, |root| fs::read_dir(&root.directory).map(drop)).await;
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
            && Self::ask(this, move |root| root.way(id).is_some())
                .await
                .unwrap_or(false)
    }

    /// Opens a film for playing; whoever plays the same one shares it. Where it
    /// has no index, that is begun, and waited for until it can be played. Takes
    /// a second at the most, and may be cancelled.
    ///
    /// # Errors
    ///
    /// [`Missing`], with what to tell the viewer.
    pub(crate) async fn take(this: &Arc<Self>, id: MediaId) -> Result<Arc<Index>, Missing> {
        let since = Instant::now();
        let shelf = &this.shared.shelf;
        let mut news = shelf.news();
        let mut waited = false;
        loop {
            if this.name(id).is_none() {
                return Err(Missing::Unknown);
            }
            news.mark_unchanged();
            // Wanted once, however often it is looked for.
            let taken = Self::ask(this, move |root| root.take_now(id, !waited)).await;
            match taken {
                Some(Err(Missing::BeingPrepared)) => waited = true,
                Some(Ok((index, hit))) => {
                    shelf.count(if waited { Hit::Made } else { hit });
                    return Ok(index);
                }
                Some(Err(missing)) => return Err(missing),
                None => return Err(Missing::NoAnswer),
            }
            let end = tokio::time::Instant::from_std(since + ANSWERED_WITHIN);
            if timeout_at(end, news.changed()).await.is_err() {
                return Err(Missing::BeingPrepared);
            }
            // Before it is asked for once more.
            if let Some(reason) = shelf.failure(id, since) {
                warn!(%id, %reason, "the index of a film that somebody wants to play cannot be made");
                return Err(Missing::Unprepared(reason));
            }
        }
    }

    /// Asks the disk; `None` where it does not answer.
    async fn ask<R: Send + 'static>(
        this: &Arc<Self>,
        question: impl FnOnce(&Self) -> R + Send + 'static,
    ) -> Option<R> {
        let root = Arc::clone(this);
        let answer = async move {
            let turn = Arc::clone(&root.questions).acquire_owned().await.ok()?;
            let asked = spawn_blocking(move || {
                let answer = question(&root);
                drop(turn);
                answer
            });
            asked.await.ok()
        };
        timeout(ANSWERED_WITHIN, answer).await.ok().flatten()
    }

    /// As [`take`](Self::take), without waiting for an index; where there is none,
    /// `want` has it made. Blocks for the disk.
    pub(super) fn take_now(&self, id: MediaId, want: bool) -> Result<(Arc<Index>, Hit), Missing> {
        let (path, print) = self.way(id).ok_or(Missing::Unknown)?;
        if let Some(index) = self.shared.shelf.shared(id, &print) {
            return Ok((index, Hit::Shared));
        }
        let index = match self.shared.shelf.take(id, &path) {
            Ok(index) => index,
            Err(error) => return Err(self.missing(id, path, error, want)),
        };
        // Another file may have taken its place between the two looks.
        let source = index.source().metadata();
        if !source.is_ok_and(|file| Fingerprint::of(&file).same_bytes(&print)) {
            self.tell(Message::Doubted(path));
            return Err(Missing::Unknown);
        }
        self.shared.shelf.share(id, print, &index);
        Ok((index, Hit::Cached))
    }

    /// What it means that a film could not be opened.
    fn missing(&self, id: MediaId, film: Arc<Path>, error: IndexError, want: bool) -> Missing {
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
            // It was never made, or made room for others.
            _ if !want => Missing::BeingPrepared,
            IndexError::Io { .. } => {
                self.tell(Message::Wanted(id));
                Missing::BeingPrepared
            }
            error => {
                warn!(%id, error = %told(&error), "the index of a film cannot be used: it is made anew");
                self.tell(Message::Wanted(id));
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
}
