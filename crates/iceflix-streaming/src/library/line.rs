//! The files that wait to be read, and the threads that read them.

use std::{
    collections::{HashSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, mpsc::Sender},
    thread,
    time::{Duration, Instant},
};

use tracing::info;

use super::{
    Shared,
    keeper::Message,
    reading::{Job, Outcome, Reader},
};

/// How often the log says how far reading has come.
const PROGRESS: Duration = Duration::from_secs(10);

/// Files in line, read by as many threads as there are processors. A thread
/// lives for one file: to start one costs nothing beside reading a film, and a
/// service at rest has none.
pub(crate) struct Line {
    reader: Arc<dyn Reader>,
    shared: Arc<Shared>,
    results: Sender<Message>,
    workers: usize,
    waiting: VecDeque<Job>,
    running: usize,
    /// The paths of both.
    paths: HashSet<Arc<Path>>,
    /// Since the line was last empty.
    done: usize,
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
            waiting: VecDeque::new(),
            running: 0,
            paths: HashSet::new(),
            done: 0,
            said: Instant::now(),
        }
    }

    /// Puts a file in line, unless it is there already.
    pub(crate) fn join(&mut self, job: Job) {
        if self.paths.insert(Arc::clone(&job.path)) {
            self.waiting.push_back(job);
        }
    }

    /// Whether a file is in line, or being read.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.paths.contains(path)
    }

    /// How many files are being read now.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Lets as many begin as there are threads for.
    pub(crate) fn advance(&mut self) {
        while self.running < self.workers
            && let Some(job) = self.waiting.pop_front()
        {
            let (reader, shared, results) = (
                Arc::clone(&self.reader),
                Arc::clone(&self.shared),
                self.results.clone(),
            );
            let taken = job.clone();
            let work = move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| taken.run(&*reader, &shared.shelf)))
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

    /// A file has been read. Returns how many were, where it was the last one.
    pub(crate) fn finished(&mut self, path: &Path) -> Option<usize> {
        self.paths.remove(path);
        self.running -= 1;
        self.done += 1;
        if self.paths.is_empty() {
            return Some(std::mem::take(&mut self.done));
        }
        if self.said.elapsed() >= PROGRESS {
            self.said = Instant::now();
            info!(read = self.done, left = self.paths.len(), "reading films");
        }
        None
    }
}
