//! The same credentials, verified once for all who come with them at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::store::{Error, Refusal};

/// What a verification came to.
type Verified = Result<(), Refusal>;

/// The verifications that are under way. A viewer with many windows logs in from all of them at once: that is one
/// verification, and no guessing.
#[derive(Debug, Default)]
pub(crate) struct Joint {
    // As many as there are logins in flight.
    under_way: Mutex<HashMap<[u8; 32], Arc<OnceCell<Verified>>>>,
}

impl Joint {
    /// The outcome of `verify` for these credentials: of one that is under way, or else of this one.
    ///
    /// May be cancelled; another who waits verifies then.
    pub(crate) async fn once<F>(
        &self,
        credentials: [u8; 32],
        verify: impl FnOnce() -> F,
    ) -> Result<Verified, Error>
    where
        F: Future<Output = Result<Verified, Error>>,
    {
        let place = Place::take(self, credentials);
        let verified = place.verified.as_deref().expect("it is not being dropped");
        verified.get_or_try_init(verify).await.copied()
    }
}

/// One of those who wait for an outcome; the last to go takes it away.
struct Place<'a> {
    joint: &'a Joint,
    credentials: [u8; 32],
    // Nothing only while it is dropped.
    verified: Option<Arc<OnceCell<Verified>>>,
}

impl<'a> Place<'a> {
    fn take(joint: &'a Joint, credentials: [u8; 32]) -> Self {
        let mut under_way = joint
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let verified = under_way.entry(credentials).or_default();
        // One that has its outcome is history: who comes now may come after a change.
        if verified.initialized() {
            *verified = Arc::default();
        }
        Self {
            joint,
            credentials,
            verified: Some(Arc::clone(verified)),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut under_way = self
            .joint
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Let go of under the lock: of two who go at once, one is the last.
        let Some(mine) = self.verified.take() else {
            return;
        };
        let last = under_way.get(&self.credentials).is_some_and(|verified| {
            // This one's and the table's.
            Arc::ptr_eq(verified, &mine) && Arc::strong_count(verified) == 2
        });
        if last {
            under_way.remove(&self.credentials);
        }
        drop(mine);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn those_who_come_together_are_verified_once_and_those_who_come_later_again() {
        let (joint, verified) = (Joint::default(), AtomicU32::new(0));
        let verify = async || {
            verified.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(Err(Refusal::Wrong))
        };
        for round in 1..=2 {
            let all = (0..64).map(|_| joint.once([1; 32], verify));
            for outcome in join_all(all).await {
                assert_eq!(outcome.expect("an outcome"), Err(Refusal::Wrong));
            }
            assert_eq!(verified.load(Ordering::Relaxed), round);
        }
        let (one, other) = tokio::join!(joint.once([1; 32], verify), joint.once([2; 32], verify));
        assert!(one.is_ok() && other.is_ok());
        assert_eq!(verified.load(Ordering::Relaxed), 4, "others are others");
        assert!(joint.under_way.lock().expect("the table").is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_is_stood_in_for() {
        let joint = Joint::default();
        {
            let given_up = joint.once([1; 32], std::future::pending::<Result<Verified, Error>>);
            let given_up = std::pin::pin!(given_up);
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(given_up.poll(&mut context).is_pending());
            let waiting = joint.once([1; 32], async || Ok(Ok(())));
            let mut waiting = std::pin::pin!(waiting);
            assert!(waiting.as_mut().poll(&mut context).is_pending());
        }
        let next = joint.once([1; 32], async || Ok(Ok(()))).await;
        assert_eq!(next.expect("an outcome"), Ok(()));
    }
}
