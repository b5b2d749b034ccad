//! Looking at the disk: what came, what went.

use std::{
    collections::HashSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::{debug, info, warn};

use super::Keeper;
use crate::library::scan::{self, Scan};

/// How often a directory that went away is looked for.
const LOOK_FOR_ROOT: Duration = Duration::from_secs(5);

impl Keeper {
    /// Looks at `top`, a directory or a file, and all below it. Files that are
    /// `ready` need not rest before they are read.
    pub(super) fn refresh(&mut self, top: &Path, ready: bool) {
        if !scan::may_be_film(&self.root, top) {
            return;
        }
        let scan = Scan::of(top, |inode| {
            self.cache == Some(inode) || self.watch.is_elsewhere(top, inode)
        });
        let there = !scan.directories.is_empty();
        // What was a directory may have hidden another way to the same files.
        self.state.everywhere |= top != self.root && self.watch.is_directory(top) && !there;
        self.watch.update(top, scan.directories);
        // Not before: the watches may have run out only now.
        if top == self.root {
            self.root_looked_at(there);
        }
        for (path, error) in scan.troubles {
            if self.state.troubles.insert(path.clone(), error.kind()) != Some(error.kind()) {
                warn!(?path, %error, "left out: it cannot be looked at");
            }
        }
        if scan.cut {
            warn!(directory = ?top, "there are too many files: only the first {} are taken", scan.files.len());
        }
        let paths: HashSet<&Path> = scan.files.iter().map(|(path, _)| &**path).collect();
        self.strike_off(top, &paths);
        for (path, print) in &scan.files {
            self.consider(path, *print, ready);
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
        self.state.waiting.retain(|path, _| !is_gone(path));
        self.state.unreadable.retain(|path, _| !is_gone(path));
        self.state.refused.retain(|path| !is_gone(path));
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
}
