//! The thread that keeps the library in step with the disk. It waits for the
//! disk so that nobody else has to.

mod decide;
mod look;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use iceflix_media::MediaId;
use tokio::sync::oneshot;
use tracing::info;

use super::{
    Entry,
    fingerprint::{Fingerprint, Inode},
    known::Known,
    line::Line,
    reading::{Job, Outcome},
    root::Shared,
    watch::Watch,
};

/// Changes that come within this time are looked at together.
const SETTLE: Duration = Duration::from_millis(100);

/// How long files that are being read may take to give up at the end.
const GIVE_UP: Duration = Duration::from_secs(1);

/// What the keeper is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// Something changed: the watch knows what.
    Changed,
    /// Look at everything now, also at what could not be read.
    Rescan,
    /// A file is not, or no longer, what it was when it was read.
    Doubted(Arc<Path>),
    /// Somebody waits to play a film that has no index that can be used.
    Wanted(MediaId),
    /// A file that is being read is this film.
    Identified(Job, MediaId),
    /// What is known of each file.
    List(oneshot::Sender<Vec<Entry>>),
    /// A file has been read.
    Read(Job, Outcome),
    /// The process is about to end.
    Stop,
}

/// Keeps [`Shared`] in step with the disk.
pub(crate) struct Keeper {
    pub(crate) root: PathBuf,
    /// The cache, which may lie below the root and holds no films.
    pub(crate) cache: Option<Inode>,
    pub(super) shared: Arc<Shared>,
    pub(crate) known: Known,
    pub(crate) watch: Watch,
    pub(crate) line: Line,
    /// The films that have an index.
    pub(crate) indexed: HashSet<MediaId>,
    pub(crate) state: State,
}

/// What the keeper has in mind.
#[derive(Default)]
pub(crate) struct State {
    /// Files that are looked at again, in the state that they were last seen
    /// in, and when.
    waiting: BTreeMap<Arc<Path>, (Fingerprint, Instant)>,
    /// Files that could not be read, said once.
    unreadable: BTreeMap<Arc<Path>, Fingerprint>,
    /// Files that are there and are no films that can be played.
    refused: BTreeSet<Arc<Path>>,
    /// What the scans could not look at, said once.
    troubles: HashMap<PathBuf, std::io::ErrorKind>,
    /// When changes that have come are looked at.
    settled: Option<Instant>,
    /// When everything is looked at again.
    look_again: Option<Instant>,
    everywhere: bool,
    root_is_gone: bool,
    failing: bool,
    /// Whether it was said that the cache is full.
    full: bool,
}

impl State {
    /// Files that are looked at again.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&Arc<Path>, &Fingerprint)> {
        self.waiting.iter().map(|(path, (print, _))| (path, print))
    }

    /// Files that could not be read.
    pub(super) fn unreadable(&self) -> impl Iterator<Item = (&Arc<Path>, &Fingerprint)> {
        self.unreadable.iter()
    }

    /// Files that are no films that can be played.
    pub(super) fn refused(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.refused.iter()
    }

    /// A file has been read: its other names are looked at now.
    fn hurry(&mut self, inode: Inode) {
        let now = Instant::now();
        let twins = self
            .waiting
            .values_mut()
            .filter(|(print, _)| print.inode() == inode);
        twins.for_each(|(_, until)| *until = now);
    }

    /// Takes out what has been waited for.
    fn rested(&mut self, now: Instant) -> Vec<(Arc<Path>, Fingerprint)> {
        let due = |until: &Instant| *until <= now;
        let rested = self.waiting.iter().filter(|(_, (_, until))| due(until));
        let rested = rested
            .map(|(path, (print, _))| (Arc::clone(path), *print))
            .collect();
        self.waiting.retain(|_, (_, until)| !due(until));
        rested
    }
}

impl Keeper {
    /// The first look: what is known is there when it returns, what is not is
    /// being read.
    pub(crate) fn begin(&mut self) {
        let root = self.root.clone();
        self.refresh(&root, true);
        self.settle_accounts();
        let waiting = self.line.running();
        info!(directory = ?self.root, films = self.shared.films().len(), unread = waiting > 0, "library open");
    }

    /// Runs until it is told to stop.
    pub(crate) fn run(mut self, inbox: &Receiver<Message>) {
        loop {
            let message = match self.deadline() {
                Some(deadline) => {
                    inbox.recv_timeout(deadline.saturating_duration_since(Instant::now()))
                }
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match message {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self
                .deadline()
                .is_some_and(|deadline| deadline <= Instant::now())
            {
                self.act();
            }
            self.settle_accounts();
        }
        let end = Instant::now() + GIVE_UP;
        while self.line.running() > 0
            && let Ok(message) = inbox.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            if let Message::Read(job, outcome) = message {
                self.read(&job, outcome);
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Changed => {
                self.state
                    .settled
                    .get_or_insert_with(|| Instant::now() + SETTLE);
            }
            Message::Rescan => {
                info!(directory = ?self.root, "looking at all films again");
                self.state.unreadable.clear();
                self.state.troubles.clear();
                self.state.waiting.clear();
                self.everything();
            }
            Message::Doubted(path) => self.refresh(&path, false),
            Message::Wanted(id) => self.index_now(id),
            Message::Identified(job, id) => self.identified(&job, id),
            Message::List(answer) => {
                // Who asked may have given up.
                let _ = answer.send(self.list());
            }
            Message::Read(job, outcome) => self.read(&job, outcome),
            Message::Stop => {}
        }
    }

    /// The next moment at which there is something to do.
    fn deadline(&self) -> Option<Instant> {
        let rested = self.state.waiting.values().map(|(_, until)| *until).min();
        [rested, self.state.settled, self.state.look_again]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due.
    fn act(&mut self) {
        let now = Instant::now();
        let due = |moment: Option<Instant>| moment.is_some_and(|moment| moment <= now);
        if due(self.state.settled) {
            self.state.settled = None;
            let changes = self.watch.take();
            self.state.everywhere |= changes.everywhere;
            // First what is gone: what was moved is then free to be found in its new place.
            let (there, gone): (Vec<_>, Vec<_>) =
                changes.paths.into_iter().partition(|path| path.exists());
            for path in gone.into_iter().chain(there) {
                self.refresh(&path, false);
            }
        }
        for (path, print) in self.state.rested(now) {
            match fs::metadata(&path) {
                Ok(file) if Fingerprint::of(&file) == print => self.consider(&path, print, true),
                _ => self.refresh(&path, false),
            }
        }
        if self.state.everywhere || due(self.state.look_again) {
            self.everything();
        }
    }

    fn everything(&mut self) {
        self.state.everywhere = false;
        let root = self.root.clone();
        self.refresh(&root, false);
    }

    /// Tells what came and went, and lets reading go on.
    fn settle_accounts(&mut self) {
        self.shared.tell_changes();
        self.line.advance();
    }
}
