//! One file read: what it is, its id, its index.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use iceflix_index::Error as IndexError;
use iceflix_media::{Begun, Cancel, Error, MediaId};
use tracing::warn;

use super::{fingerprint::Fingerprint, shelf::Shelf, told};

/// A file that was touched less than this ago may still be in the hands of
/// whoever writes it, so what is wrong with it may be about to be put right.
pub(crate) const REST: Duration = Duration::from_secs(2);

/// What knows films from other files. Blocks; called on several threads at
/// the same time. `read` is told how many bytes were read so far.
pub(crate) trait Reader: Send + Sync + 'static {
    /// Whether a file is a film that can be played, and its id.
    fn identify(&self, film: &Path, read: &dyn Fn(u64)) -> Result<MediaId, Error>;

    /// Makes the index of a film; `begun` is given it as soon as it can be played.
    fn index(
        &self,
        film: &Path,
        into: &Path,
        begun: Begun,
        read: &dyn Fn(u64),
    ) -> Result<(), Error>;
}

/// The real one.
#[derive(Debug)]
pub(crate) struct Media {
    /// Ends what is under way.
    pub(crate) cancel: Cancel,
}

impl Reader for Media {
    fn identify(&self, film: &Path, read: &dyn Fn(u64)) -> Result<MediaId, Error> {
        // The headers first: most of what is no film needs no more.
        iceflix_media::probe(film)?;
        iceflix_media::hash(film, &mut |progress| read(progress.done), &self.cancel)
    }

    fn index(
        &self,
        film: &Path,
        into: &Path,
        begun: Begun,
        read: &dyn Fn(u64),
    ) -> Result<(), Error> {
        let mut progress = |progress: iceflix_media::Progress| read(progress.done);
        iceflix_media::compile_growing(film, into, &mut progress, &self.cancel, begun).map(drop)
    }
}

/// A file to be read.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) path: Arc<Path>,
    /// The state of the file when it was put in line.
    pub(crate) print: Fingerprint,
    /// Its id, where only its index is wanted.
    pub(crate) id: Option<MediaId>,
    /// Whether somebody waits to play it.
    pub(crate) wanted: bool,
    /// How many bytes of it were read so far; all of them twice, where both id
    /// and index are wanted.
    pub(crate) done: Arc<AtomicU64>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A film, with its index.
    Film(MediaId),
    /// A film; the cache has no room for its index before it is wanted.
    Unindexed(MediaId),
    /// No film that can be played: so it stays until the file changes.
    Refused(String),
    /// The file cannot be read at the moment.
    Unreadable(String),
    /// The file is being changed: to be read when it has rested.
    Restless,
    /// Not the file's fault: to be tried again later.
    Failed(String),
    /// The process is about to end.
    Cancelled,
}

impl Job {
    /// Does it. Blocks for as long as it takes to read the file once or twice.
    /// `identified` is told the id as soon as it is known: a film can be offered
    /// from then on.
    pub(crate) fn run(
        &self,
        reader: &dyn Reader,
        shelf: &Arc<Shelf>,
        identified: impl FnOnce(MediaId),
    ) -> Outcome {
        if self.now() != Some(self.print) {
            return Outcome::Restless;
        }
        let outcome = match self.read(reader, shelf, identified) {
            Ok(outcome) => outcome,
            Err(error) => outcome_of(&error),
        };
        let fresh = || {
            self.print
                .rested(SystemTime::now())
                .is_none_or(|rested| rested < REST)
        };
        match outcome {
            Outcome::Cancelled => Outcome::Cancelled,
            // What was found out is of several states of the file, and so of none.
            _ if !self.is_unchanged() => Outcome::Restless,
            Outcome::Refused(_) if fresh() => Outcome::Restless,
            outcome => outcome,
        }
    }

    /// How much of the work is done, in percent.
    pub(crate) fn percent(&self) -> u8 {
        let whole = match self.id {
            Some(_) => self.print.size,
            None => self.print.size.saturating_mul(2),
        };
        let done = self.done.load(Ordering::Relaxed).min(whole);
        // At most 100 fits.
        (u128::from(done) * 100 / u128::from(whole.max(1))) as u8
    }

    fn read(
        &self,
        reader: &dyn Reader,
        shelf: &Arc<Shelf>,
        identified: impl FnOnce(MediaId),
    ) -> Result<Outcome, Error> {
        let told = |before: u64| move |done: u64| self.done.store(before + done, Ordering::Relaxed);
        let (id, before) = match self.id {
            Some(id) => (id, 0),
            None => {
                let id = reader.identify(&self.path, &told(0))?;
                if self.is_unchanged() {
                    identified(id);
                }
                (id, self.print.size)
            }
        };
        let there = shelf.place(id).exists();
        let Some(_room) = shelf.reserve(self.print.size, self.wanted || there) else {
            return Ok(Outcome::Unindexed(id));
        };
        let index = || {
            shelf.provide(id, &self.path, |place, begun| {
                reader.index(&self.path, place, begun, &told(before))
            })
        };
        match index() {
            // Those that nobody plays make room for one that somebody wants to, and for no other.
            Err(error) if is_full(&error) && !self.wanted => {
                warn!(path = ?self.path, "the disk of the cache is full: the index is made when the film is played");
                return Ok(Outcome::Unindexed(id));
            }
            Err(error) if is_full(&error) && shelf.make_room() => index()?,
            result => result?,
        }
        Ok(Outcome::Film(id))
    }

    fn is_unchanged(&self) -> bool {
        self.now().is_some_and(|now| now.same_bytes(&self.print))
    }

    fn now(&self) -> Option<Fingerprint> {
        fs::metadata(&self.path)
            .ok()
            .map(|file| Fingerprint::of(&file))
    }
}

/// Whether the disk of the cache had no room.
fn is_full(error: &Error) -> bool {
    let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
    matches!(error, Error::Index { source: IndexError::Io { source, .. }, .. } if full.contains(&source.kind()))
}

fn outcome_of(error: &Error) -> Outcome {
    let reason = told(error);
    match error {
        Error::Empty { .. }
        | Error::NotVideo { .. }
        | Error::Truncated { .. }
        | Error::Broken { .. }
        | Error::NoServableTrack { .. } => Outcome::Refused(reason),
        Error::Unreadable { .. } | Error::Stalled { .. } => Outcome::Unreadable(reason),
        Error::Changed { .. } => Outcome::Restless,
        Error::Cancelled { .. } => Outcome::Cancelled,
        _ => Outcome::Failed(reason),
    }
}
