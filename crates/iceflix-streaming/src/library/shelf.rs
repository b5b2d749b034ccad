//! Where the packet indexes lie: one directory for each film, in the cache,
//! made once however many ask.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use iceflix_index::Index;
use iceflix_media::MediaId;
use tracing::{info, warn};

use super::told;

/// The indexes of a cache directory. Several services may share it: an index
/// takes its name only when it is complete, and the same film has the same
/// index everywhere.
#[derive(Debug)]
pub(crate) struct Shelf {
    directory: PathBuf,
    in_the_making: Mutex<HashSet<MediaId>>,
    made: Condvar,
}

impl Shelf {
    /// The indexes in `directory`, which need not exist yet.
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            in_the_making: Mutex::default(),
            made: Condvar::new(),
        }
    }

    /// Removes what killed processes left half done. Blocks for the disk.
    pub(crate) fn sweep(&self) {
        match iceflix_index::sweep(&self.directory) {
            Ok(0) => {}
            Ok(count) => info!(count, "removed indexes that were never finished"),
            Err(error) => warn!(error = %told(&error), "unfinished indexes stay where they are"),
        }
    }

    /// The place of a film's index.
    pub(crate) fn place(&self, id: MediaId) -> PathBuf {
        self.directory.join(id.to_string())
    }

    /// The films that have an index, as far as names tell. One look for all of
    /// them: what is inside is checked when it is opened.
    pub(crate) fn titles(&self) -> HashSet<MediaId> {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return HashSet::new();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// Opens the index of a film whose file is at `film`. Blocks for the disk.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub(crate) fn take(
        &self,
        id: MediaId,
        film: &Path,
    ) -> Result<Arc<Index>, iceflix_index::Error> {
        Index::open(&self.place(id), film).map(Arc::new)
    }

    /// Has the index of a film made, unless there is a good one. Whoever wants
    /// the same one meanwhile waits, and finds it.
    ///
    /// # Errors
    ///
    /// What `make` failed with.
    pub(crate) fn provide<E>(
        &self,
        id: MediaId,
        film: &Path,
        make: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut in_the_making = self.lock();
        while !in_the_making.insert(id) {
            in_the_making = self
                .made
                .wait(in_the_making)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(in_the_making);
        let _finished = Finished { shelf: self, id };
        if self.take(id, film).is_ok() {
            return Ok(());
        }
        match make(&self.place(id)) {
            // Another process may have been quicker, and both are as good.
            Err(_) if self.take(id, film).is_ok() => Ok(()),
            result => result,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<MediaId>> {
        self.in_the_making
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the others go on, however the making ended.
struct Finished<'a> {
    shelf: &'a Shelf,
    id: MediaId,
}

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.shelf.lock().remove(&self.id);
        self.shelf.made.notify_all();
    }
}
