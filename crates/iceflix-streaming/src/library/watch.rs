//! Noticing that something changed: from the kernel where it tells, by looking
//! again from time to time where it does not.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nix::sys::statfs::{FUSE_SUPER_MAGIC, FsType, NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, statfs};
use notify::{Event, EventKind, RecursiveMode, Watcher, event::AccessKind, event::AccessMode};
use tracing::{info, warn};

use super::fingerprint::Inode;

/// How many changed paths are kept apart; with more, everything is looked at.
const MAX_CHANGES: usize = 1_000;

/// How changes are noticed.
#[derive(Clone, Debug)]
pub(crate) struct Eyes {
    /// Makes what the kernel tells of changes.
    pub(crate) watcher: fn(Tell) -> notify::Result<Box<dyn Watcher + Send>>,
    /// How often everything is looked at where the kernel does not tell all.
    pub(crate) look_again: Duration,
}

/// What a watcher calls.
pub(crate) type Tell = Box<dyn FnMut(notify::Result<Event>) + Send>;

impl Default for Eyes {
    fn default() -> Self {
        Self {
            watcher: |tell| Ok(Box::new(notify::recommended_watcher(tell)?)),
            look_again: Duration::from_secs(30),
        }
    }
}

/// Where something changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Anywhere: more happened than was kept.
    pub(crate) everywhere: bool,
    /// At or below these paths.
    pub(crate) paths: BTreeSet<PathBuf>,
}

impl Changes {
    fn add(&mut self, path: PathBuf) {
        if self.paths.len() < MAX_CHANGES {
            self.paths.insert(path);
        } else {
            self.everywhere = true;
        }
    }

    fn is_empty(&self) -> bool {
        !self.everywhere && self.paths.is_empty()
    }
}

/// The directories that are watched, each by itself.
pub(crate) struct Watch {
    watcher: Option<Box<dyn Watcher + Send>>,
    changes: Arc<Mutex<Changes>>,
    directories: BTreeMap<PathBuf, Inode>,
    by_inode: HashMap<Inode, PathBuf>,
    period: Duration,
    look_again: bool,
}

impl Watch {
    /// Watches nothing yet. `wake` is called, on a thread of the watcher's
    /// own, when there are changes where there were none.
    pub(crate) fn new(root: &Path, eyes: &Eyes, wake: impl Fn() + Send + 'static) -> Self {
        let changes = Arc::new(Mutex::new(Changes::default()));
        let noticed = Arc::clone(&changes);
        let watcher = (eyes.watcher)(Box::new(move |event| {
            let mut changes = lock(&noticed);
            let were_none = changes.is_empty();
            note(event, &mut changes);
            if were_none && !changes.is_empty() {
                drop(changes);
                wake();
            }
        }));
        let mut watch = Self {
            watcher: None,
            changes,
            directories: BTreeMap::new(),
            by_inode: HashMap::new(),
            period: eyes.look_again,
            look_again: false,
        };
        match watcher {
            Ok(watcher) => watch.watcher = Some(watcher),
            Err(error) => watch.give_up(&error),
        }
        if is_remote(root) {
            watch.look_again = true;
            info!(directory = ?root, "a network file system: changes by other machines are seen every {:?}", eyes.look_again);
        }
        watch
    }

    /// Says which directories there are at or below `top` now, each once.
    pub(crate) fn update(&mut self, top: &Path, now: Vec<(PathBuf, Inode)>) {
        let now: BTreeMap<PathBuf, Inode> = now.into_iter().collect();
        let gone: Vec<PathBuf> = self
            .below(top)
            .filter(|(path, inode)| now.get(*path) != Some(inode))
            .map(|(path, _)| path.clone())
            .collect();
        // First those that are gone: one that was renamed is watched under its old name until then.
        for path in gone {
            self.forget(&path);
        }
        for (path, inode) in now {
            if !self.directories.contains_key(&path) {
                self.watch(&path);
                self.by_inode.insert(inode, path.clone());
                self.directories.insert(path, inode);
            }
        }
    }

    /// Whether a directory has its place outside of `top`.
    pub(crate) fn is_elsewhere(&self, top: &Path, inode: Inode) -> bool {
        self.by_inode
            .get(&inode)
            .is_some_and(|path| !path.starts_with(top))
    }

    /// Whether this was a directory when it was last looked at.
    pub(crate) fn is_directory(&self, path: &Path) -> bool {
        self.directories.contains_key(path)
    }

    /// What changed since the last call.
    pub(crate) fn take(&self) -> Changes {
        std::mem::take(&mut *lock(&self.changes))
    }

    /// After which time everything has to be looked at again; `None` where the
    /// kernel tells of every change.
    pub(crate) fn look_again(&self) -> Option<Duration> {
        self.look_again.then_some(self.period)
    }

    fn below(&self, top: &Path) -> impl Iterator<Item = (&PathBuf, &Inode)> {
        let from = self
            .directories
            .range::<Path, _>((std::ops::Bound::Included(top), std::ops::Bound::Unbounded));
        from.take_while(move |(path, _)| path.starts_with(top))
    }

    fn watch(&mut self, path: &Path) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        match watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => {}
            // It went away meanwhile, or may not be read, which the scan has said.
            Err(error) if is_about_the_path(&error) => {}
            Err(error) => self.give_up(&error),
        }
    }

    fn forget(&mut self, path: &Path) {
        if let Some(inode) = self.directories.remove(path)
            && self.by_inode.get(&inode).is_some_and(|known| known == path)
        {
            self.by_inode.remove(&inode);
        }
        if let Some(watcher) = &mut self.watcher {
            // The kernel may have ended it already, with the directory.
            let _ = watcher.unwatch(path);
        }
    }

    /// Those that are watched already stay so: what they tell comes sooner.
    fn give_up(&mut self, error: &notify::Error) {
        if !self.look_again {
            self.look_again = true;
            warn!(
                %error,
                "not every directory can be watched (see the kernel's fs.inotify.max_user_watches): looking for changes every {:?}",
                self.period
            );
        }
    }
}

fn note(event: notify::Result<Event>, changes: &mut Changes) {
    match event {
        // Reading changes nothing, and we read.
        Ok(Event {
            kind: EventKind::Access(access),
            ..
        }) if !matches!(access, AccessKind::Close(AccessMode::Write)) => {}
        Ok(event) if event.need_rescan() => changes.everywhere = true,
        Ok(event) => event.paths.into_iter().for_each(|path| changes.add(path)),
        Err(_) => changes.everywhere = true,
    }
}

fn is_about_the_path(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => {
            matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied
            )
        }
        _ => false,
    }
}

/// Whether changes there may be made by other machines, of which the kernel of
/// this one does not tell.
fn is_remote(path: &Path) -> bool {
    // From the kernel's fs/smb/common/smbfsctl.h and cifsglob.h: both names of SMB, of late and before.
    const CIFS: FsType = FsType(0xFF53_4D42);
    const SMB2: FsType = FsType(0xFE53_4D42);
    statfs(path).is_ok_and(|found| {
        [
            NFS_SUPER_MAGIC,
            SMB_SUPER_MAGIC,
            CIFS,
            SMB2,
            FUSE_SUPER_MAGIC,
        ]
        .contains(&found.filesystem_type())
    })
}

fn lock(changes: &Mutex<Changes>) -> MutexGuard<'_, Changes> {
    changes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("directories", &self.directories.len())
            .field("look_again", &self.look_again)
            .finish_non_exhaustive()
    }
}
