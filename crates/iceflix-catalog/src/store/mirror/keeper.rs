//! Who looks at the database for everybody.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tracing::info;

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
        let began = Instant::now();
        let look = shared.look().await;
        let failed = look.is_err();
        if !failed {
            *lock(&shared.seen) = began;
        }
        if shared.out_of_sight.swap(failed, Ordering::AcqRel) && !failed {
            info!("the catalogue is in step with its database again");
        }
        let look = look.map_err(Arc::new);
        for caller in callers {
            // One that gave up waits for nothing.
            let _ = caller.send(look.clone());
        }
        if failed {
            sleep(BACK_OFF).await;
        }
    }
}
