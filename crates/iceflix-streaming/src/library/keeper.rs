//! The thread that keeps the library in step with the disk. It waits for the
//! disk so that nobody else has to.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant, SystemTime},
};

use iceflix_media::MediaId;
use tracing::{debug, error, info, warn};

use super::{
    Shared,
    fingerprint::{Fingerprint, Inode},
    known::{Finding, Known},
    line::Line,
    reading::{Job, Outcome, REST},
    scan::{self, Scan},
    watch::Watch,
};

/// Changes that come within this time are looked at together.
const SETTLE: Duration = Duration::from_millis(100);

/// When something is tried again that failed for no fault of the file.
const RETRY: Duration = Duration::from_secs(60);

/// How often a directory that went away is looked for.
const LOOK_FOR_ROOT: Duration = Duration::from_secs(5);

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
    /// The index of a film cannot be used.
    Unusable(MediaId),
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
    pub(crate) shared: Arc<Shared>,
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
    /// Files that are waited for, in the state that they were last seen in.
    resting: BTreeMap<Arc<Path>, (Fingerprint, Instant)>,
    /// Files that could not be read, said once.
    unreadable: BTreeMap<Arc<Path>, Fingerprint>,
    /// What the scans could not look at, said once.
    troubles: HashMap<PathBuf, std::io::ErrorKind>,
    /// When changes that have come are looked at.
    settled: Option<Instant>,
    /// When everything is looked at again.
    look_again: Option<Instant>,
    everywhere: bool,
    root_is_gone: bool,
    failing: bool,
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
                Err(RecvTimeoutError::Timeout) => self.act(),
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
                self.everything();
            }
            Message::Doubted(path) => self.refresh(&path, false),
            Message::Unusable(id) => self.index_anew(id),
            Message::Read(job, outcome) => self.read(&job, outcome),
            Message::Stop => {}
        }
    }

    /// The next moment at which there is something to do.
    fn deadline(&self) -> Option<Instant> {
        let rested = self.state.resting.values().map(|(_, until)| *until).min();
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
        if self.state.everywhere || due(self.state.look_again) {
            self.everything();
        }
        let rested: Vec<_> = self
            .state
            .resting
            .iter()
            .filter(|(_, (_, until))| *until <= now)
            .map(|(path, _)| Arc::clone(path))
            .collect();
        for path in rested {
            self.refresh(&path, false);
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

    /// Looks at `top`, a directory or a file, and all below it.
    fn refresh(&mut self, top: &Path, first: bool) {
        if !scan::may_be_film(&self.root, top) {
            return;
        }
        let scan = Scan::of(top, |inode| {
            self.cache == Some(inode) || self.watch.is_elsewhere(top, inode)
        });
        if top == self.root {
            self.root_looked_at(!scan.directories.is_empty());
        }
        // What was a directory may have hidden another way to the same files.
        self.state.everywhere |=
            top != self.root && self.watch.is_directory(top) && scan.directories.is_empty();
        self.watch.update(top, scan.directories);
        for (path, error) in scan.troubles {
            if self.state.troubles.insert(path.clone(), error.kind()) != Some(error.kind()) {
                warn!(?path, %error, "left out: it cannot be looked at");
            }
        }
        if scan.cut {
            warn!(directory = ?top, "there are too many files: only the first {} are taken", scan.files.len());
        }
        let there: HashSet<&Path> = scan.files.iter().map(|(path, _)| &**path).collect();
        self.strike_off(top, &there);
        for (path, print) in &scan.files {
            self.consider(path, *print, first);
        }
    }

    fn root_looked_at(&mut self, there: bool) {
        if there == self.state.root_is_gone {
            self.state.root_is_gone = !there;
            match there {
                true => info!(directory = ?self.root, "the directory is back"),
                false => {
                    warn!(directory = ?self.root, "the directory is gone, and so are its films; waiting for it")
                }
            }
        }
        let pause = if there {
            self.watch.look_again()
        } else {
            Some(LOOK_FOR_ROOT)
        };
        self.state.look_again = pause.map(|pause| Instant::now() + pause);
    }

    /// Forgets what is not there any more.
    fn strike_off(&mut self, top: &Path, there: &HashSet<&Path>) {
        let is_gone = |path: &Arc<Path>| path.starts_with(top) && !there.contains(&**path);
        self.state.resting.retain(|path, _| !is_gone(path));
        self.state.unreadable.retain(|path, _| !is_gone(path));
        let mut films = self.shared.films_mut();
        let gone: Vec<_> = films
            .below(top)
            .filter(|path| is_gone(path))
            .cloned()
            .collect();
        for path in gone {
            debug!(?path, "gone");
            films.lost(&path);
        }
    }

    /// Decides what a file is, or that it has to be read for that.
    fn consider(&mut self, path: &Arc<Path>, print: Fingerprint, first: bool) {
        let listed = self.shared.films().at(path);
        // What is being read is looked at again afterwards.
        if self.line.holds(path) || listed.is_some_and(|(_, as_listed)| as_listed == print) {
            return;
        }
        let known = self.known.recall(path, &print).cloned();
        match known {
            Some(Finding::Film(id)) if self.indexed.contains(&id) => {
                self.state.resting.remove(path);
                self.found(path, print, Finding::Film(id));
            }
            Some(Finding::Film(id)) => self.line.join(Job {
                path: Arc::clone(path),
                print,
                id: Some(id),
            }),
            Some(refused) => self.found(path, print, refused),
            None => {
                if listed.is_some_and(|(_, as_listed)| !as_listed.same_bytes(&print)) {
                    self.shared.films_mut().lost(path);
                }
                if self.state.unreadable.get(path) != Some(&print)
                    && (first || self.has_rested(path, print))
                {
                    self.state.resting.remove(path);
                    self.line.join(Job {
                        path: Arc::clone(path),
                        print,
                        id: None,
                    });
                }
            }
        }
    }

    /// Whether a file has been left alone for long enough; where not, it is
    /// looked at again when it may have been.
    fn has_rested(&mut self, path: &Arc<Path>, print: Fingerprint) -> bool {
        let now = Instant::now();
        if let Some((seen, until)) = self.state.resting.get(path)
            && *seen == print
        {
            return *until <= now;
        }
        let left = REST.saturating_sub(print.rested(SystemTime::now()).unwrap_or_default());
        if !left.is_zero() {
            self.state
                .resting
                .insert(Arc::clone(path), (print, now + left));
        }
        left.is_zero()
    }

    /// Enters what a file is.
    fn found(&mut self, path: &Arc<Path>, print: Fingerprint, finding: Finding) {
        match &finding {
            Finding::Film(id) => self.shared.films_mut().found(path, print, *id),
            Finding::Refused(_) => self.shared.films_mut().lost(path),
        }
        if self.known.at(path) != Some((print, &finding)) {
            self.known.remember(path, print, finding);
        }
    }

    fn read(&mut self, job: &Job, outcome: Outcome) {
        let Job { path, print, .. } = job;
        let all = self.line.finished(path);
        match outcome {
            Outcome::Film(id) => {
                debug!(?path, %id, "film read");
                self.state.failing = false;
                self.indexed.insert(id);
                self.found(path, *print, Finding::Film(id));
            }
            Outcome::Refused(reason) => {
                warn!(?path, %reason, "left out");
                self.found(path, *print, Finding::Refused(reason.into()));
            }
            Outcome::Unreadable(reason) => {
                warn!(?path, %reason, "left out: it cannot be read; a rescan tries again");
                self.shared.films_mut().lost(path);
                self.state.unreadable.insert(Arc::clone(path), *print);
            }
            Outcome::Restless => self.wait(path, REST),
            Outcome::Failed(reason) if self.state.failing => {
                debug!(?path, %reason, "not read");
                self.wait(path, RETRY);
            }
            Outcome::Failed(reason) => {
                self.state.failing = true;
                error!(?path, %reason, "films cannot be read; trying again every {} s", RETRY.as_secs());
                self.wait(path, RETRY);
            }
            Outcome::Cancelled => return,
        }
        if !self.state.resting.contains_key(path) {
            // It may have changed after it was read.
            self.refresh(path, false);
        }
        if let Some(files) = all {
            info!(
                files,
                films = self.shared.films().len(),
                "all films are read"
            );
        }
    }

    fn wait(&mut self, path: &Arc<Path>, pause: Duration) {
        if let Ok(file) = fs::metadata(path) {
            self.state.resting.insert(
                Arc::clone(path),
                (Fingerprint::of(&file), Instant::now() + pause),
            );
        } else {
            self.shared.films_mut().lost(path);
        }
    }

    fn index_anew(&mut self, id: MediaId) {
        self.indexed.remove(&id);
        let way = self.shared.films().ways(id).into_iter().next();
        if let Some((path, print)) = way {
            self.line.join(Job {
                path,
                print,
                id: Some(id),
            });
        }
    }
}
