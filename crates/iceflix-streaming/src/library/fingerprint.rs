//! What tells one state of a file from another without reading it.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Where a file lives on its disk, and when it was last touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    device: u64,
    inode: u64,
    /// In bytes.
    pub(crate) size: u64,
    /// When its bytes changed, in nanoseconds since 1970; may be set at will.
    mtime: i64,
    /// When anything about it changed, in nanoseconds since 1970; only the
    /// kernel sets it.
    ctime: i64,
}

/// A file or directory, by whatever name: device and inode.
pub(crate) type Inode = (u64, u64);

impl Fingerprint {
    pub(crate) fn of(file: &Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            size: file.len(),
            mtime: nanoseconds(file.mtime(), file.mtime_nsec()),
            ctime: nanoseconds(file.ctime(), file.ctime_nsec()),
        }
    }

    pub(crate) fn inode(&self) -> Inode {
        (self.device, self.inode)
    }

    /// Whether both are the same file with the same bytes; it may have been
    /// renamed between the two, or given other permissions.
    pub(crate) fn same_bytes(&self, other: &Self) -> bool {
        self.inode() == other.inode() && self.size == other.size && self.mtime == other.mtime
    }

    /// Whether both are the same file, untouched. The number of the device may
    /// differ: disks get new ones when the machine starts.
    pub(crate) fn untouched(&self, other: &Self) -> bool {
        Self { device: 0, ..*self }
            == Self {
                device: 0,
                ..*other
            }
    }

    /// How long the file has been left alone; `None` where its time lies in
    /// the future, so that nothing can be said.
    pub(crate) fn rested(&self, now: SystemTime) -> Option<Duration> {
        let now = now.duration_since(UNIX_EPOCH).ok()?;
        let touched = Duration::from_nanos(u64::try_from(self.ctime).unwrap_or(0));
        now.checked_sub(touched)
    }
}

/// Holds until the year 2262; what lies beyond counts as that.
fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(nanoseconds)
}

#[cfg(test)]
impl Fingerprint {
    /// One for tests of rules.
    pub(crate) fn sample(inode: u64, size: u64, mtime: i64, ctime: i64) -> Self {
        Self {
            device: 1,
            inode,
            size,
            mtime,
            ctime,
        }
    }

    pub(crate) fn on_device(self, device: u64) -> Self {
        Self { device, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_touches_a_file_and_keeps_its_bytes() {
        let before = Fingerprint::sample(7, 100, 5, 5);
        let after = Fingerprint::sample(7, 100, 5, 9);
        assert!(after.same_bytes(&before));
        assert!(!after.untouched(&before));
    }

    #[test]
    fn a_disk_may_get_another_number() {
        let file = Fingerprint::sample(7, 100, 5, 5);
        assert!(file.on_device(9).untouched(&file));
        assert!(!file.on_device(9).same_bytes(&file));
    }

    #[test]
    fn nothing_is_said_of_a_time_in_the_future() {
        let second = 1_000_000_000;
        let now = UNIX_EPOCH + Duration::from_secs(10);
        assert_eq!(
            Fingerprint::sample(1, 1, 0, 7 * second).rested(now),
            Some(Duration::from_secs(3))
        );
        assert_eq!(Fingerprint::sample(1, 1, 0, 11 * second).rested(now), None);
        assert_eq!(
            Fingerprint::sample(1, 1, 0, -1).rested(now),
            Some(Duration::from_secs(10))
        );
    }
}
