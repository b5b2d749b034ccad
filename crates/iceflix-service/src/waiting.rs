//! Waiting for what a service cannot do without, a database above all.

use std::{
    error::Error,
    future::ready,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tracing::{info, warn};

use crate::{
    Service,
    log::{Seldom, causes},
};

/// How long after a vain try the next one is: at first, and at the most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Service {
    /// Opens what the service cannot do without. While that is away, as
    /// `is_away` judges of the error, the service waits: it is not ready and
    /// says why, is announced to nobody, and tries again each second. `None`
    /// where the shutdown begins before.
    ///
    /// # Errors
    ///
    /// The first that is more than being away.
    pub async fn when_there<T, E, F>(
        &self,
        what: &'static str,
        is_away: impl Fn(&E) -> bool,
        open: impl Fn() -> F,
    ) -> Result<Option<T>, E>
    where
        E: Error + 'static,
        F: Future<Output = Result<T, E>>,
    {
        let opened = self.until_there(what, is_away, open);
        self.shutdown().unless_begun(opened).await.transpose()
    }

    async fn until_there<T, E, F>(
        &self,
        what: &'static str,
        is_away: impl Fn(&E) -> bool,
        open: impl Fn() -> F,
    ) -> Result<T, E>
    where
        E: Error + 'static,
        F: Future<Output = Result<T, E>>,
    {
        let (begun, told) = (Instant::now(), Seldom::new());
        let mut pause = FIRST_PAUSE;
        loop {
            match open().await {
                Err(error) if is_away(&error) => {
                    let reason = causes(&error);
                    told.tell(|_| warn!(reason, "waiting for the {what}, and trying again"));
                    self.status
                        .check(what, move || ready(Err::<(), _>(reason.clone())));
                }
                opened => {
                    if opened.is_ok() && pause > FIRST_PAUSE {
                        info!(after = ?begun.elapsed(), "the {what} is there now");
                    }
                    return opened;
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
