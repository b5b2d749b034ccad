//! Threads that wait for disks, so that no sender thread has to.
//!
//! A sender thread takes from a film what is in memory. Where something is not, or where the system
//! will not say so without waiting, the stream's batch comes here, is filled, and goes back. Each
//! file system has threads of its own: a disk that hangs holds up its own films alone.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use iceflix_index::Index;
use nix::sys::statfs::{TMPFS_MAGIC, fstatfs};

/// The most threads of a file system. More of them would only queue in the system instead of here.
const THREADS: usize = 8;

/// How long a thread waits for more to do before it ends.
const IDLE: Duration = Duration::from_secs(2);

/// What is to be done, and whom to tell.
type Job = Box<dyn FnOnce() + Send>;

/// The disks of a server.
#[derive(Debug, Default)]
pub(crate) struct Disks {
    by_device: Mutex<HashMap<u64, Disk>>,
}

/// A file system, and those who wait for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    line: Arc<Line>,
    is_memory: bool,
}

#[derive(Default)]
struct Line {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Disks {
    /// The one that a film lies on. Asks an open file where it is, which no disk is needed for.
    pub(crate) fn of(&self, index: &Index) -> Disk {
        let device = index.source().metadata().map_or(0, |film| film.dev());
        let mut disks = lock(&self.by_device);
        let disk = disks.entry(device).or_insert_with(|| Disk {
            line: Arc::default(),
            is_memory: is_memory(index),
        });
        disk.clone()
    }
}

impl Disk {
    /// Whether nobody has to wait for it: its files are in memory, and nowhere else.
    pub(crate) fn is_memory(&self) -> bool {
        self.is_memory
    }

    /// Has something done that waits for this disk; in turn, and soon where the disk answers.
    pub(crate) fn run(&self, job: impl FnOnce() + Send + 'static) {
        let mut queue = lock(&self.line.queue);
        queue.jobs.push_back(Box::new(job));
        // One that was woken may not have got to its job yet, and counts as idle until it has.
        if queue.jobs.len() <= queue.idle || queue.threads == THREADS {
            self.line.more.notify_one();
            return;
        }
        let line = Arc::clone(&self.line);
        let thread = thread::Builder::new()
            .name("disk".into())
            .spawn(move || line.work());
        match thread {
            Ok(_) => queue.threads += 1,
            // Others will come to it.
            Err(_) if queue.threads > 0 => {}
            Err(error) => {
                tracing::warn!(%error, "no thread can be started that waits for the disk");
                let job = queue.jobs.pop_back();
                drop(queue);
                job.into_iter().for_each(|job| job());
            }
        }
    }
}

impl Line {
    fn work(&self) {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("what was to wait for a disk panicked; this is a defect of it");
                }
                queue = lock(&self.queue);
                continue;
            }
            queue.idle += 1;
            let waited = self.more.wait_timeout(queue, IDLE);
            let (woken, result) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            queue.idle -= 1;
            if result.timed_out() && queue.jobs.is_empty() {
                queue.threads -= 1;
                return;
            }
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

/// Whether a film lies on a file system that has no disk.
fn is_memory(index: &Index) -> bool {
    let kind = fstatfs(index.source()).map(|system| system.filesystem_type());
    kind.is_ok_and(|kind| kind == TMPFS_MAGIC)
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn a_disk_that_hangs_takes_a_bounded_number_of_threads_and_everything_is_done_in_the_end() {
        let disk = Disk::default();
        let (done, finished) = mpsc::channel();
        let (release, hangs) = mpsc::channel::<()>();
        let hangs = Arc::new(Mutex::new(hangs));
        for number in 0..100 {
            let (hangs, done) = (Arc::clone(&hangs), done.clone());
            disk.run(move || {
                // Until the other end is dropped.
                let _ = lock(&hangs).recv();
                let _ = done.send(number);
            });
        }
        assert_eq!(lock(&disk.line.queue).threads, THREADS);
        let other = Disk::default();
        let (told, heard) = mpsc::channel();
        other.run(move || {
            let _ = told.send(());
        });
        heard.recv_timeout(PATIENCE).expect("another disk answers");
        drop(release);
        let mut all: Vec<i32> = (0..100)
            .map(|_| finished.recv_timeout(PATIENCE).expect("done"))
            .collect();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
