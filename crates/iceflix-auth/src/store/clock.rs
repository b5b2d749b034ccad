//! Time, as one process reads it.

use std::fmt;
use std::time::{Duration, SystemTime};

use nix::time::{ClockId, clock_gettime};

/// The clocks of a process.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// A time that never goes back and that nobody turns; since when does not matter.
    fn now(&self) -> Duration;

    /// The time of day since 1970, UTC, for people to read; it may be turned.
    fn wall(&self) -> Duration;
}

/// The clocks of this machine. The steady one counts since the machine was started, in every process alike, also while
/// it sleeps (`CLOCK_BOOTTIME`).
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Duration {
        // Linux has this clock since 2.6.39.
        clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
    }

    fn wall(&self) -> Duration {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The id of the start of this machine: another one each time, the same for all of its processes.
///
/// # Errors
///
/// Where the kernel does not tell it.
pub(crate) fn boot() -> std::io::Result<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(id.trim().to_owned())
}

/// Whole milliseconds, as the database keeps times.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The time of so many milliseconds; less than none is none.
pub(crate) fn from_millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
