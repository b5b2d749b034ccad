//! Viewers who never rest: login, search, look up, edit, watch, again and
//! again, while the test kills what they use.
//!
//! They are clients of the platform like any other, by the library of
//! `iceflix client`: what is measured is what a viewer sees, failover
//! included. Each has a title of its own, so that the last name that was
//! acknowledged for it is the one that it must have in the end.

mod edits;
mod report;
mod round;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use iceflix_client::Viewer;
use iceflix_service::Settings;
use tokio::runtime::Runtime;

pub use report::{Operation, Report, What};

use crate::process::PATIENCE;
use edits::Edits;
use round::Round;

/// What the viewers do.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many there are; so many titles with a live server there must be.
    pub viewers: usize,
    /// How long each rests between two operations.
    pub pause: Duration,
    /// Whether each round also opens a stream, and stops it.
    pub streams: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            viewers: 3,
            pause: Duration::from_millis(5),
            streams: false,
        }
    }
}

/// How far a viewer is, for those who wait for it.
#[derive(Debug, Default)]
struct Progress {
    /// Rounds that it has made.
    made: AtomicUsize,
    /// Rounds in which nothing failed, since the last in which something did.
    unbroken: AtomicUsize,
}

/// Viewers at work. Dropped without [`Load::stop`], they end after their
/// round, and nothing is verified.
#[derive(Debug)]
pub struct Load {
    main: String,
    begun: Instant,
    viewers: Vec<JoinHandle<(Vec<Operation>, Edits)>>,
    /// How far each is.
    progress: Vec<Arc<Progress>>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Sets them to work, as the user [`crate::platform::USER`], through the
    /// Main at the proxy `main`. Returns when each has made its first round.
    ///
    /// # Panics
    ///
    /// Where there are not enough titles within [`PATIENCE`], Main cannot be
    /// reached, or within a tokio runtime.
    pub fn start(main: &str, config: &Config) -> Self {
        let begun = Instant::now();
        let titles = runtime().block_on(titles(main, config.viewers));
        let mut load = Self {
            main: main.to_owned(),
            begun,
            viewers: Vec::new(),
            progress: Vec::new(),
            stop: Arc::default(),
        };
        for title in titles {
            let progress = Arc::new(Progress::default());
            load.progress.push(Arc::clone(&progress));
            let (stop, main, config) = (Arc::clone(&load.stop), main.to_owned(), config.clone());
            load.viewers.push(thread::spawn(move || {
                runtime().block_on(async {
                    let mut round = Round::new(connect(&main).await, title, config, begun);
                    while !stop.load(Ordering::Relaxed) {
                        if round.make().await {
                            progress.unbroken.fetch_add(1, Ordering::Relaxed);
                        } else {
                            progress.unbroken.store(0, Ordering::Relaxed);
                        }
                        progress.made.fetch_add(1, Ordering::Relaxed);
                    }
                    round.end().await
                })
            }));
        }
        load.rounds(1);
        load
    }

    /// Waits until each viewer has made so many rounds more.
    ///
    /// # Panics
    ///
    /// Where that takes longer than [`PATIENCE`].
    pub fn rounds(&self, count: usize) {
        let made = |viewer: &Arc<Progress>| viewer.made.load(Ordering::Relaxed);
        let until: Vec<usize> = self.progress.iter().map(|one| made(one) + count).collect();
        let rounds = format!("{count} rounds");
        self.wait(&rounds, || {
            let mut viewers = self.progress.iter().zip(&until);
            viewers.all(|(one, until)| made(one) >= *until)
        });
    }

    /// Waits until each viewer has made so many rounds without a failure, and
    /// says when that was, see [`Load::elapsed`]: what was out of order is
    /// not any more.
    ///
    /// # Panics
    ///
    /// Where that takes longer than [`PATIENCE`].
    pub fn flawless_rounds(&self, count: usize) -> Duration {
        for viewer in &self.progress {
            viewer.unbroken.store(0, Ordering::Relaxed);
        }
        let rounds = format!("{count} rounds without a failure");
        self.wait(&rounds, || {
            let mut viewers = self.progress.iter();
            viewers.all(|one| one.unbroken.load(Ordering::Relaxed) >= count)
        });
        self.elapsed()
    }

    fn wait(&self, what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition() {
            assert!(
                Instant::now() < deadline,
                "the viewers do not make {what}: {:?}",
                self.progress
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// How long it is since the viewers began, see [`Operation::begun`].
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Lets each viewer end its round, and then looks whether all that was
    /// acknowledged is there.
    ///
    /// # Panics
    ///
    /// Where a viewer panicked, or the titles cannot be read within
    /// [`PATIENCE`].
    pub fn stop(mut self) -> Report {
        self.stop.store(true, Ordering::Relaxed);
        let (done, edits): (Vec<_>, Vec<_>) = std::mem::take(&mut self.viewers)
            .into_iter()
            .map(|viewer| viewer.join().unwrap())
            .unzip();
        let mut operations = done.concat();
        operations.sort_by_key(|operation| operation.begun);
        let lost = runtime().block_on(async {
            let viewer = connect(&self.main).await;
            let mut lost = Vec::new();
            for edits in &edits {
                lost.extend(edits.missing(&viewer).await);
            }
            viewer.close().await;
            lost
        });
        Report { operations, lost }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Each viewer has a thread of its own, as it would have a process.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn connect(main: &str) -> Viewer {
    let (settings, _) = Settings::load([]).unwrap();
    Viewer::connect(&settings, main)
        .await
        .unwrap_or_else(|error| panic!("a viewer is not let in: {error}"))
}

/// The ids of so many titles that have a live server, once there are so many.
async fn titles(main: &str, count: usize) -> Vec<String> {
    let viewer = connect(main).await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = iceflix_client::find::by_name(&viewer, "", false, usize::MAX).await;
        let mut served: Vec<String> = found
            .map(|(found, _)| found)
            .unwrap_or_default()
            .into_iter()
            .filter(|found| found.media.is_some())
            .map(|found| found.id)
            .collect();
        if served.len() >= count {
            viewer.close().await;
            served.truncate(count);
            return served;
        }
        assert!(
            Instant::now() < deadline,
            "{count} titles are needed, there are {}",
            served.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
