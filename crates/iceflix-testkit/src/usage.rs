//! What a process takes from the machine.

use std::time::Duration;

use crate::Process;

impl Process {
    /// The processor time that it has taken so far, to a hundredth of a second.
    ///
    /// # Panics
    ///
    /// Where it has ended.
    pub fn processor_time(&self) -> Duration {
        processor_time(self.id())
    }

    /// The memory that it holds now, in bytes.
    ///
    /// # Panics
    ///
    /// Where it has ended.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.unwrap().split_whitespace().next().unwrap();
        kilobytes.parse::<u64>().unwrap() * 1024
    }
}

/// The processor time that the process `id` has taken so far.
///
/// # Panics
///
/// Where there is no such process.
pub fn processor_time(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    // Fields 14 and 15 of proc(5), in clock ticks; there are a hundred a second on Linux.
    let ticks = [fields[11], fields[12]].map(|field| field.parse::<u64>().unwrap());
    Duration::from_millis(10 * ticks.iter().sum::<u64>())
}
