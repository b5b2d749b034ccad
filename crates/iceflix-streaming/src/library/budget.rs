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
        let mut count = self.lock();
        self.refresh(&mut count);
        count.used < self.limit() / 100 * FULL
    }

    /// An index was made at this place: others make room for it where there is
    /// too little.
    pub(crate) fn spent(&self, place: &Path, is_used: &dyn Fn(MediaId) -> bool) {
        let mut count = self.lock();
        count.used += size_of(place);
        let limit = self.limit();
        if count.used > limit {
            let mine = place
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok());
            let keep = |id| Some(id) == mine || is_used(id);
            *count = self.shrink(limit, &keep);
        }
    }

    /// Removes some of what there is. Returns whether anything was.
    pub(crate) fn make_room(&self, is_used: &dyn Fn(MediaId) -> bool) -> bool {
        let mut count = self.lock();
        let before: u64 = volumes(&self.directory).iter().map(|one| one.bytes).sum();
        *count = self.shrink(before - before / PART_REMOVED, is_used);
        count.used < before
    }

    /// Removes those that were not used for longest until no more than `most`
    /// bytes are left. Who has one open goes on playing it.
    fn shrink(&self, most: u64, keep: &dyn Fn(MediaId) -> bool) -> Count {
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
            match fs::remove_dir_all(&volume.path) {
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
        Count {
            used,
            counted: Some(Instant::now()),
        }
    }

    fn refresh(&self, count: &mut Count) {
        if count
            .counted
            .is_none_or(|counted| counted.elapsed() > COUNTED_FOR)
        {
            count.used = volumes(&self.directory).iter().map(|one| one.bytes).sum();
            count.counted = Some(Instant::now());
        }
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
