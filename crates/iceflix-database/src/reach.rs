//! Whether the server is there: a server that is away is told from one that is slow.
//!
//! A pool connects again and again for as long as a caller waits, which carries callers over the restart of a server. What
//! it says in the end is that the time is over, and not why. So whoever waits has somebody look.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::Engine;
use crate::error::Cause;

/// How long a caller waits for a connection before somebody looks.
const LOOKED_FOR_AFTER: Duration = Duration::from_millis(100);

/// How long the server may take to let somebody in who looks; a longer silence is that of a server that is slow.
const LET_IN_WITHIN: Duration = Duration::from_secs(1);

/// How long after a look that found nobody the next one is.
const LOOKED_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// Where connections come from. Of a server it is known whether it lets anybody in: nobody looks while it does, and one
/// task while it does not.
#[derive(Debug)]
pub(crate) struct Reach {
    engine: Engine,
    options: AnyConnectOptions,
    absence: watch::Sender<Option<Cause>>,
    is_looked_for: AtomicBool,
}

impl Reach {
    pub(crate) fn new(engine: Engine, options: AnyConnectOptions) -> Self {
        Self {
            engine,
            options,
            absence: watch::Sender::new(None),
            is_looked_for: AtomicBool::new(false),
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection of this pool.
    pub(crate) async fn acquire(
        self: &Arc<Self>,
        pool: &AnyPool,
    ) -> Result<PoolConnection<Any>, sqlx::Error> {
        let acquired = async {
            let mut acquired = std::pin::pin!(pool.acquire());
            if self.engine == Engine::Postgres {
                match timeout(LOOKED_FOR_AFTER, &mut acquired).await {
                    Ok(acquired) => return acquired,
                    Err(_) => self.look_for_it(),
                }
            }
            acquired.await
        };
        match (acquired.await, self.absence()) {
            (Err(sqlx::Error::PoolTimedOut), Some(cause)) => {
                Err(sqlx::Error::AnyDriverError(Box::new(cause)))
            }
            (acquired, _) => acquired,
        }
    }

    /// Why nobody is let in; `None` where that is not so, as far as is known.
    pub(crate) fn absence(&self) -> Option<Cause> {
        self.absence.borrow().clone()
    }

    /// Returns when nobody is let in, with the reason.
    pub(crate) async fn absent(&self) -> Cause {
        let mut absence = self.absence.subscribe();
        let told = absence.wait_for(Option::is_some).await;
        let cause = told.ok().and_then(|told| told.clone());
        match cause {
            Some(cause) => cause,
            // It is told for as long as this is there.
            None => std::future::pending().await,
        }
    }

    fn look_for_it(self: &Arc<Self>) {
        if self.is_looked_for.swap(true, Ordering::AcqRel) {
            return;
        }
        let looking = Looking(Arc::downgrade(self));
        tokio::spawn(async move {
            while let Some(reach) = looking.0.upgrade() {
                let absence = reach.look().await;
                if absence.is_none() {
                    // First of all: whoever comes from now on has to have somebody look anew.
                    drop(looking);
                    reach.absence.send_replace(None);
                    return;
                }
                reach.absence.send_replace(absence);
                drop(reach);
                sleep(LOOKED_AGAIN_AFTER).await;
            }
        });
    }

    async fn look(&self) -> Option<Cause> {
        let connected = timeout(LET_IN_WITHIN, AnyConnection::connect_with(&self.options)).await;
        match connected {
            Ok(Ok(connection)) => {
                let _ = timeout(LET_IN_WITHIN, connection.close()).await;
                None
            }
            Ok(Err(error)) => Some(Cause::waited_for(self.engine, &error)),
            Err(_) => None,
        }
    }
}

/// Somebody looks, until this is dropped.
struct Looking(Weak<Reach>);

impl Drop for Looking {
    fn drop(&mut self) {
        if let Some(reach) = self.0.upgrade() {
            reach.is_looked_for.store(false, Ordering::Release);
        }
    }
}
