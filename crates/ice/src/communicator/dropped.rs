//! Communicators that nobody destroyed: they end in the background.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many are being destroyed at this moment.
static UNDER_WAY: Mutex<usize> = Mutex::new(0);
static ONE_ENDED: Condvar = Condvar::new();

/// Destroys a communicator on a thread of its own: that blocks, and whoever drops the last clone may not.
pub(super) fn destroy(communicator: ice_sys::Communicator) {
    count(1);
    let thread = std::thread::Builder::new()
        .name("ice-destroy".to_owned())
        .spawn(move || {
            // Nobody is left to whom a failure could be told.
            let _ = communicator.destroy();
            count(-1);
        });
    // Without a thread there is nothing to be done.
    if thread.is_err() {
        count(-1);
    }
}

fn count(change: isize) {
    let mut under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    *under_way = under_way.saturating_add_signed(change);
    ONE_ENDED.notify_all();
}

/// Waits until the communicators that were dropped without [`destroy`](crate::Communicator::destroy) have ended, for
/// so long at the most, and says whether they have. Blocks the thread.
///
/// For the end of `main`, of a program that can end in many places: a process that goes before its communicators is
/// told so by Ice on standard error.
pub fn wait_for_dropped_communicators(within: Duration) -> bool {
    let under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    let (under_way, _) = ONE_ENDED
        .wait_timeout_while(under_way, within, |under_way| *under_way > 0)
        .unwrap_or_else(PoisonError::into_inner);
    *under_way == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Communicator, Properties};

    #[tokio::test]
    async fn a_dropped_communicator_can_be_waited_for() {
        let communicator =
            Communicator::new(Properties::new().expect("properties")).expect("a communicator");
        drop(communicator);
        assert!(wait_for_dropped_communicators(Duration::from_secs(30)));
    }
}
