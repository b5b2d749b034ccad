//! How much disk the indexes may take, and which of them make room.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use iceflix_media::MediaId;
use nix::sys::statvfs::statvfs;
use tracing::{debug, info, warn};

/// Where nobody sets it: the part of the disk that indexes may take.
const PART_OF_DISK: u64 = 10;

/// Above this part of the limit, in per cent, no index is made before somebody
/// wants to play its film: each would push out another.
const FULL: u64 = 90;

/// How large an index is expected to be, in parts of its film. Where payload is
/// copied it is as large as that, and room is made afterwards.
const PART_OF_FILM: u64 = 40;

/// How much is removed at once where the disk itself is full, in parts of what
/// there is.
const PART_REMOVED: u64 = 4;

/// How long a count is good for. Other services may share the directory.
const COUNTED_FOR: Duration = Duration::from_secs(60);

/// The bound of a directory of indexes.
#[derive(Debug)]
pub(crate) struct Budget {
    directory: PathBuf,
    limit: Option<u64>,
    of_disk: OnceLock<u64>,
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    /// In bytes.
    used: u64,
    /// What is kept for those that are being made, in bytes.
    reserved: u64,
    /// `None`: never yet.
    counted: Option<Instant>,
}

/// An index on the disk.
struct Volume {
    id: MediaId,
    path: PathBuf,
    bytes: u64,
    last_used: SystemTime,
}

impl Budget {
    /// Of `limit` bytes for what is in `directory`; `None`: a tenth of its disk.
    pub(crate) fn new(directory: PathBuf, limit: Option<u64>) -> Self {
        Self {
            directory,
            limit,
            of_disk: OnceLock::new(),
            count: Mutex::default(),
        }
    }

    /// Whether there is room for an index that nobody has asked for yet.
    pub(crate) fn has_room(&self) -> bool {
        self.has_room_in(&mut self.lock())
    }

    /// Keeps room for the index of a film of this size, in bytes. `false` where
    /// there is none: only one that somebody wants is made all the same.
    pub(crate) fn reserve(&self, film: u64, wanted: bool) -> bool {
        let mut count = self.lock();
        let free = self.has_room_in(&mut count);
        if free || wanted {
            count.reserved = count.reserved.saturating_add(film / PART_OF_FILM);
        }
        free || wanted
    }

    /// Gives back what was kept for the index of a film of this size.
    pub(crate) fn release(&self, film: u64) {
        let mut count = self.lock();
        count.reserved = count.reserved.saturating_sub(film / PART_OF_FILM);
    }

    fn has_room_in(&self, count: &mut Count) -> bool {
        self.refresh(count);
        count.used.saturating_add(count.reserved) < self.limit() / 100 * FULL
    }

    /// An index was made at this place: others make room for it where there is
    /// too little.
    pub(crate) fn spent(&self, place: &Path, is_used: &dyn Fn(MediaId) -> bool) {
        let mut count = self.lock();
        if !self.refresh(&mut count) {
            count.used = count.used.saturating_add(size_of(place));
        }
        let limit = self.limit();
        if count.used > limit {
            let mine = place
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok());
            let keep = |id| Some(id) == mine || is_used(id);
            self.shrink(&mut count, limit, &keep);
        }
    }

    /// Holds what there is against the limit, which may be another one than at
    /// the last start.
    pub(crate) fn enforce(&self, is_used: &dyn Fn(MediaId) -> bool) {
        let mut count = self.lock();
        self.refresh(&mut count);
        let limit = self.limit();
        if count.used > limit {
            self.shrink(&mut count, limit, is_used);
        }
    }

    /// Removes some of what there is. Returns whether anything was.
    pub(crate) fn make_room(&self, is_used: &dyn Fn(MediaId) -> bool) -> bool {
        let mut count = self.lock();
        let before: u64 = volumes(&self.directory).iter().map(|one| one.bytes).sum();
        self.shrink(&mut count, before - before / PART_REMOVED, is_used);
        count.used < before
    }

    /// Removes those that were not used for longest until no more than `most`
    /// bytes are left. Who has one open goes on playing it.
    fn shrink(&self, count: &mut Count, most: u64, keep: &dyn Fn(MediaId) -> bool) {
        let mut volumes = volumes(&self.directory);
        let mut used: u64 = volumes.iter().map(|one| one.bytes).sum();
        volumes.sort_unstable_by_key(|one| one.last_used);
        let mut removed = 0;
        for volume in volumes {
            if used <= most {
                break;
            }
            if keep(volume.id) {
                continue;
            }
            match self.remove(&volume) {
                Ok(()) => {
                    debug!(id = %volume.id, bytes = volume.bytes, "index removed");
                    used = used.saturating_sub(volume.bytes);
                    removed += 1;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    used = used.saturating_sub(volume.bytes);
                }
                Err(error) => warn!(path = ?volume.path, %error, "an index cannot be removed"),
            }
        }
        if removed > 0 {
            info!(
                removed,
                used,
                limit = self.limit(),
                "indexes that were not played for longest made room: they are made anew when they are wanted"
            );
        }
        count.used = used;
        count.counted = Some(Instant::now());
    }

    /// In one step for whoever looks for it: half an index is none. What a kill
    /// leaves of it is swept at the next start.
    fn remove(&self, volume: &Volume) -> io::Result<()> {
        let aside = self.directory.join(format!(".partial-{}", volume.id));
        fs::rename(&volume.path, &aside)?;
        fs::remove_dir_all(&aside)
    }

    /// Counts anew where the last count is too old; returns whether it did.
    fn refresh(&self, count: &mut Count) -> bool {
        let fresh = |counted: Instant| counted.elapsed() <= COUNTED_FOR;
        if count.counted.is_some_and(fresh) {
            return false;
        }
        count.used = volumes(&self.directory).iter().map(|one| one.bytes).sum();
        count.counted = Some(Instant::now());
        true
    }

    fn limit(&self) -> u64 {
        self.limit.unwrap_or_else(|| {
            *self.of_disk.get_or_init(|| {
                let disk = self
                    .directory
                    .ancestors()
                    .find_map(|path| statvfs(path).ok());
                // A disk that does not tell its size has no bound.
                disk.map_or(u64::MAX, |disk| {
                    disk.blocks().saturating_mul(disk.fragment_size()) / PART_OF_DISK
                })
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The finished indexes of a directory; what goes away meanwhile is left out.
fn volumes(directory: &Path) -> Vec<Volume> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let path = entry.path();
            Some(Volume {
                id,
                bytes: size_of(&path),
                last_used: entry.metadata().ok()?.modified().ok()?,
                path,
            })
        })
        .collect()
}

fn size_of(place: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let files = fs::read_dir(place).into_iter().flatten().flatten();
    // What it takes on the disk, not what can be read of it.
    files
        .filter_map(|file| Some(file.metadata().ok()?.blocks() * 512))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: u64 = 8_192;

    fn id(digit: char) -> MediaId {
        digit.to_string().repeat(64).parse().expect("an id")
    }

    /// Puts an index on the shelf that was last used so many seconds after 1970.
    fn put(top: &Path, name: char, used: u64) -> PathBuf {
        let place = top.join(id(name).to_string());
        fs::create_dir(&place).expect("made");
        fs::write(place.join("packets"), vec![1; INDEX as usize]).expect("written");
        touch(&place, used);
        place
    }

    fn touch(place: &Path, used: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(used);
        let place = fs::File::open(place).expect("opened");
        place.set_modified(time).expect("set");
    }

    #[test]
    fn those_that_were_not_used_for_longest_make_room_and_those_in_use_stay() {
        let top = tempfile::tempdir().expect("a directory");
        let budget = Budget::new(top.path().to_owned(), Some(3 * INDEX));
        let oldest = put(top.path(), 'a', 1);
        let old = put(top.path(), 'b', 2);
        let new = put(top.path(), 'c', 3);
        assert!(!budget.has_room());
        budget.spent(&put(top.path(), 'd', 0), &|one| one == id('a'));
        assert!(oldest.exists(), "it is being played");
        assert!(!old.exists());
        assert!(new.exists() && top.path().join(id('d').to_string()).exists());
    }

    #[test]
    fn what_is_being_made_takes_room_already_and_a_smaller_limit_holds_at_once() {
        let top = tempfile::tempdir().expect("a directory");
        let budget = Budget::new(top.path().to_owned(), Some(4 * INDEX));
        let film = 4 * INDEX * PART_OF_FILM;
        assert!(budget.reserve(film, false));
        assert!(!budget.reserve(film, false), "that one takes it all");
        assert!(budget.reserve(film, true), "somebody waits for it");
        budget.release(film);
        budget.release(film);
        assert!(budget.has_room());

        for (name, used) in ('a'..='d').zip(1..) {
            put(top.path(), name, used);
        }
        Budget::new(top.path().to_owned(), Some(2 * INDEX)).enforce(&|_| false);
        assert!(!top.path().join(id('b').to_string()).exists());
        assert!(top.path().join(id('c').to_string()).exists());
        assert_eq!(fs::read_dir(top.path()).expect("read").count(), 2);
    }

    #[test]
    fn a_full_disk_gets_a_quarter_back() {
        let top = tempfile::tempdir().expect("a directory");
        let budget = Budget::new(top.path().to_owned(), None);
        let places: Vec<_> = ('a'..='d')
            .zip(1..)
            .map(|(name, used)| put(top.path(), name, used))
            .collect();
        assert!(budget.has_room(), "a tenth of this disk");
        assert!(budget.make_room(&|_| false));
        assert!(!places[0].exists() && places[1].exists());
        assert!(!budget.make_room(&|_| true), "all are being played");
    }

    #[test]
    fn what_is_not_there_takes_no_room() {
        let budget = Budget::new("/nowhere/at/all".into(), Some(1_000));
        assert!(budget.has_room());
        assert!(!budget.make_room(&|_| false));
    }
}
