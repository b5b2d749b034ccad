//! One file read: what it is, its id, its index.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use iceflix_media::{Cancel, Error, MediaId};

use super::{fingerprint::Fingerprint, shelf::Shelf, told};

/// A file that was touched less than this ago may still be in the hands of
/// whoever writes it, so what is wrong with it may be about to be put right.
pub(crate) const REST: Duration = Duration::from_secs(2);

/// What knows films from other files. Blocks; called on several threads at
/// the same time.
pub(crate) trait Reader: Send + Sync + 'static {
    /// Whether a file is a film that can be played, and its id.
    fn identify(&self, film: &Path) -> Result<MediaId, Error>;

    /// Makes the index of a film.
    fn index(&self, film: &Path, into: &Path) -> Result<(), Error>;
}

/// The real one.
#[derive(Debug)]
pub(crate) struct Media {
    /// Ends what is under way.
    pub(crate) cancel: Cancel,
}

impl Reader for Media {
    fn identify(&self, film: &Path) -> Result<MediaId, Error> {
        // The headers first: most of what is no film needs no more.
        iceflix_media::probe(film)?;
        iceflix_media::hash(film, &mut |_| {}, &self.cancel)
    }

    fn index(&self, film: &Path, into: &Path) -> Result<(), Error> {
        iceflix_media::compile(film, into, &mut |_| {}, &self.cancel).map(|_| ())
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
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A film, with its index.
    Film(MediaId),
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
    pub(crate) fn run(&self, reader: &dyn Reader, shelf: &Shelf) -> Outcome {
        if self.now() != Some(self.print) {
            return Outcome::Restless;
        }
        let outcome = match self.read(reader, shelf) {
            Ok(id) => Outcome::Film(id),
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
            _ if !self.now().is_some_and(|now| now.same_bytes(&self.print)) => Outcome::Restless,
            Outcome::Refused(_) if fresh() => Outcome::Restless,
            outcome => outcome,
        }
    }

    fn read(&self, reader: &dyn Reader, shelf: &Shelf) -> Result<MediaId, Error> {
        let id = match self.id {
            Some(id) => id,
            None => reader.identify(&self.path)?,
        };
        shelf.provide(id, &self.path, |place| reader.index(&self.path, place))?;
        Ok(id)
    }

    fn now(&self) -> Option<Fingerprint> {
        fs::metadata(&self.path)
            .ok()
            .map(|file| Fingerprint::of(&file))
    }
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
