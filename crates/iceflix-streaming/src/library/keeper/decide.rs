//! What a file is: known, to be read, or to be waited for.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use iceflix_media::MediaId;
use tracing::{debug, error, info, warn};

use super::Keeper;
use crate::library::{
    fingerprint::Fingerprint,
    known::Finding,
    reading::{Job, Outcome, REST},
};

/// When something is tried again that failed for no fault of the file.
const RETRY: Duration = Duration::from_secs(60);

/// How soon the second name of a file that is being read is looked at again.
const TWIN: Duration = Duration::from_secs(1);

impl Keeper {
    /// Decides what a file is, or that it has to be read for that. One that is
    /// `ready` need not rest first.
    pub(super) fn consider(&mut self, path: &Arc<Path>, print: Fingerprint, ready: bool) {
        // What is being read is looked at again afterwards.
        if self.line.holds(path) {
            return;
        }
        let listed = self.shared.films().at(path);
        let known = match listed {
            Some((id, as_listed)) if as_listed == print => Some(Finding::Film(id)),
            _ => self.known.recall(path, &print).cloned(),
        };
        match known {
            Some(Finding::Film(id)) => {
                self.found(path, print, Finding::Film(id));
                if !self.indexed.contains(&id) && self.shared.shelf.has_room() {
                    self.enqueue(Arc::clone(path), print, Some(id));
                }
            }
            Some(finding) => self.found(path, print, finding),
            // Under another name it is being read: what comes of that is waited for.
            None if self.line.holds_inode(print.inode()) => {
                let again = Instant::now() + TWIN;
                self.state.waiting.insert(Arc::clone(path), (print, again));
            }
            None => {
                if listed.is_some_and(|(_, as_listed)| !as_listed.same_bytes(&print)) {
                    self.shared.films_mut().lost(path);
                }
                let said = self.state.unreadable.get(path) == Some(&print);
                if !said && (ready || self.has_rested(path, print)) {
                    self.enqueue(Arc::clone(path), print, None);
                }
            }
        }
    }

    fn enqueue(&mut self, path: Arc<Path>, print: Fingerprint, id: Option<MediaId>) {
        self.state.waiting.remove(&path);
        self.line.join(Job {
            path,
            print,
            id,
            wanted: false,
            done: Arc::default(),
        });
    }

    /// Whether a file has been left alone for long enough; where not, it is
    /// waited for.
    fn has_rested(&mut self, path: &Arc<Path>, print: Fingerprint) -> bool {
        if self
            .state
            .waiting
            .get(path)
            .is_some_and(|(seen, _)| *seen == print)
        {
            return false;
        }
        let left = REST.saturating_sub(print.rested(SystemTime::now()).unwrap_or_default());
        if !left.is_zero() {
            self.state
                .waiting
                .insert(Arc::clone(path), (print, Instant::now() + left));
        }
        left.is_zero()
    }

    /// Enters what a file is.
    fn found(&mut self, path: &Arc<Path>, print: Fingerprint, finding: Finding) {
        self.state.waiting.remove(path);
        match &finding {
            Finding::Film(id) => {
                self.state.refused.remove(path);
                self.shared.films_mut().found(path, print, *id);
            }
            Finding::Refused(_) => {
                self.state.refused.insert(Arc::clone(path));
                self.shared.films_mut().lost(path);
            }
        }
        if self.known.at(path) != Some((print, &finding)) {
            self.known.remember(path, print, finding);
        }
    }

    /// A file is this film, and can be offered before it has an index.
    pub(super) fn identified(&mut self, job: &Job, id: MediaId) {
        debug!(path = ?job.path, %id, "film identified");
        self.found(&job.path, job.print, Finding::Film(id));
    }

    /// Takes in what came of reading a file.
    pub(super) fn read(&mut self, job: &Job, outcome: Outcome) {
        let Job { path, print, .. } = job;
        let all = self.line.finished(path);
        self.state.hurry(print.inode());
        match outcome {
            Outcome::Film(id) => {
                debug!(?path, %id, "film read");
                self.state.failing = false;
                self.indexed.insert(id);
                self.found(path, *print, Finding::Film(id));
            }
            Outcome::Unindexed(id) => {
                if !std::mem::replace(&mut self.state.full, true) {
                    info!(
                        "the cache is full (IceFlix.Streaming.Cache.Size): further indexes are made when a film is played"
                    );
                }
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
        if !self.state.waiting.contains_key(path) {
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

    /// Looks at a file again after a pause.
    fn wait(&mut self, path: &Arc<Path>, pause: Duration) {
        match fs::metadata(path) {
            Ok(file) => {
                let seen = (Fingerprint::of(&file), Instant::now() + pause);
                self.state.waiting.insert(Arc::clone(path), seen);
            }
            Err(_) => self.shared.films_mut().lost(path),
        }
    }

    /// Somebody waits to play a film that has no index that can be used.
    pub(super) fn index_now(&mut self, id: MediaId) {
        self.indexed.remove(&id);
        let way = self.shared.films().ways(id).into_iter().next();
        if let Some((path, print)) = way {
            self.line.join(Job {
                path,
                print,
                id: Some(id),
                wanted: true,
                done: Arc::default(),
            });
        }
    }
}
