//! All that the service knows: what is kept for ever, and what is true now.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use iceflix_service::log::{Seldom, causes};
use iceflix_slice::StreamProviderPrx;
use tokio::sync::watch;
use tokio::time::timeout_at;
use tracing::{error, info, warn};

use crate::admission::Admission;
use crate::store::title::{Id, Name};
use crate::store::{Catalog, Holders};

/// How long after its start the service does not say that nobody has a title: so long it takes at most for servers to be
/// found and to announce what they have. Less than what callers wait.
const FIRST_MOMENT: Duration = Duration::from_secs(1);

/// How long titles that the database did not take are not asked for, at first and after many vain tries: to ask makes every
/// server announce all that it has.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Titles, and who has them.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// The titles, on disk.
    pub(crate) catalog: Catalog,
    holders: Mutex<Holders<StreamProviderPrx>>,
    admission: Mutex<Admission>,
    /// Tells those who wait for a holder to look again.
    news: watch::Sender<()>,
    opened: OnceLock<Instant>,
    missed: Mutex<Missed>,
    full: Seldom,
    failing: Seldom,
}

/// Titles were announced that the database did not take.
#[derive(Debug, Default)]
struct Missed {
    /// When to ask for them; `None` where none were.
    due: Option<Instant>,
    /// How long the next wait is, which doubles until the database takes titles.
    pause: Duration,
}

impl Missed {
    fn again(&mut self, now: Instant) {
        self.pause = (self.pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        self.due = Some(now + self.pause);
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

impl Shelf {
    pub(crate) fn new(catalog: Catalog) -> Self {
        Self {
            catalog,
            holders: Mutex::default(),
            admission: Mutex::new(Admission::new(Instant::now())),
            news: watch::Sender::new(()),
            opened: OnceLock::new(),
            missed: Mutex::default(),
            full: Seldom::new(),
            failing: Seldom::new(),
        }
    }

    /// Who has the titles, in memory. Hold it for a moment only.
    pub(crate) fn holders(&self) -> MutexGuard<'_, Holders<StreamProviderPrx>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which titles are not entered yet. Hold it for a moment only.
    pub(crate) fn admission(&self) -> MutexGuard<'_, Admission> {
        self.admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters new titles. Where the database does not take them, that is remembered.
    pub(crate) async fn enter(&self, titles: &[(Id, Name)]) {
        if titles.is_empty() {
            return;
        }
        match self.catalog.discovered(titles).await {
            Ok(discovered) => {
                if discovered.created > 0 {
                    self.missed().pause = Duration::ZERO;
                    info!(count = discovered.created, "titles added");
                }
                if discovered.refused > 0 {
                    self.full.tell(|_| {
                        warn!(
                            count = discovered.refused,
                            "titles refused: the catalogue is full (IceFlix.Catalog.MaxTitles)"
                        );
                    });
                }
            }
            Err(error) => {
                self.missed().again(Instant::now());
                let error = causes(&error);
                self.failing.tell(|_| {
                    error!(
                        error,
                        "titles are not added: their servers are asked for them again once the database works"
                    );
                });
            }
        }
    }

    /// Whether titles were missed that the database would take now, and it is time to ask for them; they are forgotten by
    /// that.
    pub(crate) async fn can_make_up(&self) -> bool {
        if !self.missed().is_due(Instant::now()) {
            return false;
        }
        let works = self.catalog.prove_writable().await.is_ok();
        let mut missed = self.missed();
        if works {
            missed.due = None;
        } else {
            missed.again(Instant::now());
        }
        works
    }

    fn missed(&self) -> MutexGuard<'_, Missed> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody may have a title now whom nobody knew to have it.
    pub(crate) fn changed(&self) {
        self.news.send_replace(());
    }

    /// The service answers from now on.
    pub(crate) fn open(&self) {
        self.opened.get_or_init(Instant::now);
    }

    /// The server that is to play a title: of those that are alive the one that announced it last. In the first moment of the
    /// service it is waited for.
    pub(crate) async fn newest(&self, id: &Id) -> Option<StreamProviderPrx> {
        if let Some(newest) = self.holders().newest(id) {
            return Some(newest);
        }
        let mut news = self.news.subscribe();
        let opened = *self.opened.get_or_init(Instant::now);
        let deadline = (opened + FIRST_MOMENT).into();
        while Instant::now() < opened + FIRST_MOMENT {
            news.mark_unchanged();
            let newest = self.holders().newest(id);
            if newest.is_some() || timeout_at(deadline, news.changed()).await.is_err() {
                return newest;
            }
        }
        None
    }
}
