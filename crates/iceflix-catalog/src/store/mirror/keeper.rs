//! Who looks at the database for everybody.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{sleep, timeout};
use tracing::{error, info};

use super::{Shared, lock};

/// How often it looks while nobody asks: so the next who does finds little to catch up with.
const IDLE: Duration = Duration::from_secs(1);

/// How long it waits after a look that failed.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Looks at the database whenever somebody waits for that.
pub(super) async fn keep(shared: Arc<Shared>) {
    loop {
        let _ = timeout(IDLE, shared.called.notified()).await;
        // Whoever comes later waits for the next look: this one may have read the revision already.
        let callers = std::mem::take(&mut *lock(&shared.callers));
        let began = shared.clock.now();
        // Whoever waits here must not wait for ever, whatever is wrong.
        let look = match AssertUnwindSafe(shared.look()).catch_unwind().await {
            Ok(look) => look.map_err(|error| Some(Arc::new(error))),
            Err(_) => {
                error!(
                    "a fault of this program, please report it: the titles in memory are given up and read anew"
                );
                shared.revision.store(i64::MAX, Ordering::Release);
                Err(None)
            }
        };
        let failed = look.is_err();
        if !failed {
            *lock(&shared.seen) = began;
        }
        if shared.out_of_sight.swap(failed, Ordering::AcqRel) && !failed {
            info!("the catalogue is in step with its database again");
        }
        for caller in callers {
            // One that gave up waits for nothing.
            let _ = caller.send(look.clone());
        }
        if failed {
            sleep(BACK_OFF).await;
        }
    }
}
