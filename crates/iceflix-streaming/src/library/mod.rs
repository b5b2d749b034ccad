//! The films of one or several directories: found, identified, prepared for
//! playing, watched.
//!
//! Everything here waits for disks, and nothing here knows Ice. Each directory
//! is a [`Root`] by itself, with one thread, the `keeper`, that has the say over
//! what there is: so a disk that hangs holds up no other. What they have in
//! common is the shelf of packet indexes.

mod ask;
mod budget;
mod error;
mod films;
mod fingerprint;
mod keeper;
mod known;
mod line;
mod list;
mod open;
mod reading;
mod root;
mod scan;
mod shelf;
#[cfg(test)]
mod tests;
mod watch;

use std::{collections::BTreeSet, io, path::PathBuf, sync::Arc};

use futures_util::{StreamExt as _, future::join_all, stream::FuturesUnordered};
use iceflix_index::Index;
use iceflix_media::{Cancel, MediaId};

use self::{root::Root, shelf::Hits};

pub use error::Error;
pub(crate) use error::Missing;
pub use list::{Entry, State};
pub(crate) use open::Config;
pub use scan::files;
pub(crate) use watch::Eyes;

/// The films of all directories, as they are now. Dropping it ends its threads.
#[derive(Debug)]
pub(crate) struct Library {
    roots: Vec<Arc<Root>>,
    cancel: Cancel,
}

impl Library {
    /// Looks at all directories now. Returns at once.
    pub(crate) fn rescan(&self) {
        self.roots.iter().for_each(|root| root.rescan());
    }

    /// Ends its threads; what was being read is given up. Takes little more
    /// than a second at the worst.
    pub(crate) async fn stop(&self) {
        self.cancel.cancel();
        join_all(self.roots.iter().map(|root| root.stop())).await;
    }

    /// The directories, as they were given.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        let directories = self.roots.iter().map(|root| root.directory.clone());
        directories.collect()
    }

    /// The ids of all films, each once.
    pub(crate) fn ids(&self) -> Vec<MediaId> {
        match &*self.roots {
            [root] => root.ids(),
            roots => {
                let all: BTreeSet<_> = roots.iter().flat_map(|root| root.ids()).collect();
                all.into_iter().collect()
            }
        }
    }

    /// How many films there are; one that lies in several directories is one.
    pub(crate) fn count(&self) -> usize {
        match &*self.roots {
            [root] => root.count(),
            _ => self.ids().len(),
        }
    }

    /// How many files wait to be read, or are being read.
    pub(crate) fn unread(&self) -> usize {
        self.roots.iter().map(|root| root.unread()).sum()
    }

    /// Where the indexes of streams came from, so far.
    pub(crate) fn hits(&self) -> Hits {
        let root = self.roots.first();
        root.map(|root| root.hits()).unwrap_or_default()
    }

    /// Whether any of the directories can be read now. May be cancelled.
    ///
    /// # Errors
    ///
    /// Why not the first one.
    pub(crate) async fn is_there(&self) -> Result<(), io::Error> {
        let mut answers: FuturesUnordered<_> = self.roots.iter().map(Root::is_there).collect();
        let mut trouble = None;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(()) => return Ok(()),
                Err(error) => _ = trouble.get_or_insert(error),
            }
        }
        trouble.map_or(Ok(()), Err)
    }

    /// The name of a film; `None` where it is not here.
    pub(crate) fn name(&self, id: MediaId) -> Option<String> {
        self.roots.iter().find_map(|root| root.name(id))
    }

    /// Whether a film is really there now. A disk that does not answer within a
    /// second has nothing. May be cancelled.
    pub(crate) async fn has(&self, id: MediaId) -> bool {
        let mut answers: FuturesUnordered<_> =
            self.roots.iter().map(|root| Root::has(root, id)).collect();
        while let Some(there) = answers.next().await {
            if there {
                return true;
            }
        }
        false
    }

    /// Opens a film for playing; whoever plays the same one shares it. One that
    /// has no index yet can be played while that is being made. Takes a little
    /// more than a second at the most, and may be cancelled.
    ///
    /// # Errors
    ///
    /// [`Missing`], with what to tell the viewer.
    pub(crate) async fn take(&self, id: MediaId) -> Result<Arc<Index>, Missing> {
        let mut answers: FuturesUnordered<_> =
            self.roots.iter().map(|root| Root::take(root, id)).collect();
        let mut missing = Missing::Unknown;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(index) => return Ok(index),
                // Whoever has heard of it knows more.
                Err(Missing::Unknown) => {}
                Err(reason) => missing = reason,
            }
        }
        Err(missing)
    }

    /// All files that were looked at, by directory and path, and the directories
    /// whose keepers do not answer within a second, because their disks hang.
    pub(crate) async fn list(&self) -> (Vec<Entry>, Vec<PathBuf>) {
        let lists = join_all(self.roots.iter().map(|root| root.list())).await;
        let (mut entries, mut silent) = (Vec::new(), Vec::new());
        for (root, list) in self.roots.iter().zip(lists) {
            match list {
                Some(list) => entries.extend(list),
                None => silent.push(root.directory.clone()),
            }
        }
        (entries, silent)
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
