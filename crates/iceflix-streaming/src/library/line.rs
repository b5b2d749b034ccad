//! The files that wait to be read, and the threads that read them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, atomic::Ordering, mpsc::Sender},
    thread,
    time::{Duration, Instant},
};

use tracing::info;

use super::{
    fingerprint::{Fingerprint, Inode},
    keeper::Message,
    reading::{Job, Outcome, Reader},
    root::Shared,
};

/// How often the log says how far reading has come.
const PROGRESS: Duration = Duration::from_secs(10);

/// How many more are read than there are processors, where somebody waits to
/// play them.
const EXTRA: usize = 4;

/// Files in line, read by as many threads as there are processors. A thread
/// lives for one file: to start one costs nothing beside reading a film, and a
/// service at rest has none.
pub(crate) struct Line {
    reader: Arc<dyn Reader>,
    shared: Arc<Shared>,
    results: Sender<Message>,
    workers: usize,
    /// Those that somebody waits for.
    wanted: VecDeque<Job>,
    waiting: VecDeque<Job>,
    running: usize,
    /// All of them, those that are being read among them.
    jobs: HashMap<Arc<Path>, Job>,
    inodes: HashSet<Inode>,
    /// Since the line was last empty.
    done: usize,
    /// The sizes of those, in bytes.
    bytes: u128,
    said: Instant,
}

impl Line {
    /// Results go to `results`.
    pub(crate) fn new(
        reader: Arc<dyn Reader>,
        shared: Arc<Shared>,
        workers: usize,
        results: Sender<Message>,
    ) -> Self {
        Self {
            reader,
            shared,
            results,
            workers,
            wanted: VecDeque::new(),
            waiting: VecDeque::new(),
            running: 0,
            jobs: HashMap::new(),
            inodes: HashSet::new(),
            done: 0,
            bytes: 0,
            said: Instant::now(),
        }
    }

    /// Puts a file in line, before those that nobody waits for where it is
    /// wanted. One that is in line already may get ahead.
    pub(crate) fn join(&mut self, job: Job) {
        if self.jobs.contains_key(&job.path) {
            if job.wanted
                && let Some(place) = self.waiting.iter().position(|one| one.path == job.path)
                && let Some(waiting) = self.waiting.remove(place)
            {
                self.wanted.push_back(Job {
                    wanted: true,
                    ..waiting
                });
            }
            return;
        }
        self.jobs.insert(Arc::clone(&job.path), job.clone());
        self.inodes.insert(job.print.inode());
        if job.wanted {
            self.wanted.push_back(job);
        } else {
            self.waiting.push_back(job);
        }
        self.count();
    }

    /// Whether a file is in line, or being read.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.jobs.contains_key(path)
    }

    /// Whether a file is in line under any of its names.
    pub(crate) fn holds_inode(&self, inode: Inode) -> bool {
        self.inodes.contains(&inode)
    }

    /// All files in line, those that are being read among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Arc<Path>, &Fingerprint)> {
        self.jobs.iter().map(|(path, job)| (path, &job.print))
    }

    /// How much of a file is read, in percent; `None` where none of it is.
    pub(crate) fn reading(&self, path: &Path) -> Option<u8> {
        let job = self.jobs.get(path)?;
        (job.done.load(Ordering::Relaxed) > 0).then(|| job.percent())
    }

    /// How many files are being read now.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Lets as many begin as there are threads for.
    pub(crate) fn advance(&mut self) {
        while let Some(job) = self.next() {
            let (reader, shared, results) = (
                Arc::clone(&self.reader),
                Arc::clone(&self.shared),
                self.results.clone(),
            );
            let taken = job.clone();
            let work = move || {
                let identified = |id| {
                    let _ = results.send(Message::Identified(taken.clone(), id));
                };
                let run = || taken.run(&*reader, &shared.shelf, identified);
                let outcome = catch_unwind(AssertUnwindSafe(run))
                    .unwrap_or_else(|_| Outcome::Failed("reading it panicked".to_owned()));
                // Nobody listens any more when the process is about to end.
                let _ = results.send(Message::Read(taken, outcome));
            };
            self.running += 1;
            if let Err(error) = thread::Builder::new()
                .name("film-reader".to_owned())
                .spawn(work)
            {
                let _ = self.results.send(Message::Read(
                    job,
                    Outcome::Failed(format!("no thread to read it: {error}")),
                ));
            }
        }
    }

    /// The next file that there is a thread for.
    fn next(&mut self) -> Option<Job> {
        if self.running < self.workers + EXTRA
            && let Some(job) = self.wanted.pop_front()
        {
            return Some(job);
        }
        if self.running < self.workers {
            return self.waiting.pop_front();
        }
        None
    }

    /// A file has been read. Returns how many were, where it was the last one.
    pub(crate) fn finished(&mut self, path: &Path) -> Option<usize> {
        if let Some(job) = self.jobs.remove(path) {
            self.inodes.remove(&job.print.inode());
            self.bytes += u128::from(job.print.size);
        }
        self.running -= 1;
        self.done += 1;
        self.count();
        if self.jobs.is_empty() {
            self.bytes = 0;
            return Some(std::mem::take(&mut self.done));
        }
        self.tell_progress();
        None
    }

    fn tell_progress(&mut self) {
        if self.said.elapsed() < PROGRESS {
            return;
        }
        self.said = Instant::now();
        // Sparse files may be larger than all disks.
        let sizes = self
            .jobs
            .values()
            .map(|job| (u128::from(job.print.size), job.percent()));
        let (left, read) = sizes.fold((0, 0), |(left, read), (size, percent)| {
            (left + size, read + size * u128::from(percent) / 100)
        });
        let all = self.bytes + left;
        info!(
            read = self.done,
            left = self.jobs.len(),
            percent = u64::try_from((self.bytes + read) * 100 / all.max(1)).unwrap_or(100),
            "reading films"
        );
    }

    /// For those who ask without the keeper.
    fn count(&self) {
        self.shared.unread.store(self.jobs.len(), Ordering::Relaxed);
    }
}
