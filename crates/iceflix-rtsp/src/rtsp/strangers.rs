//! Connections that have not yet shown a path that exists.
//!
//! Anybody can open connections and say nothing. So that they never keep viewers out, a server that
//! has as many connections as it may have parts with the stranger that has been there the longest,
//! not with the newcomer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

/// The strangers of a server, longest first.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<VecDeque<Weak<Notify>>>);

/// Held by a connection as long as it is a stranger.
#[derive(Debug)]
pub(crate) struct Stranger(Arc<Notify>);

impl Strangers {
    /// One more; `most` connections there are at once.
    pub(crate) fn arrive(&self, most: usize) -> Stranger {
        let stranger = Arc::new(Notify::new());
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() > 2 * most {
            queue.retain(|stranger| stranger.strong_count() > 0);
        }
        queue.push_back(Arc::downgrade(&stranger));
        Stranger(stranger)
    }

    /// Sends the longest away. Returns whether there was one.
    pub(crate) fn send_one_away(&self) -> bool {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let longest =
            std::iter::from_fn(|| queue.pop_front()).find_map(|stranger| stranger.upgrade());
        longest.is_some_and(|stranger| {
            stranger.notify_one();
            true
        })
    }
}

impl Stranger {
    /// Waits until it is sent away. Safe to cancel.
    pub(crate) async fn sent_away(stranger: Option<&Self>) {
        match stranger {
            Some(stranger) => stranger.0.notified().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_goes_first_and_those_who_became_known_stay() {
        let strangers = Strangers::default();
        let [first, second, third] = [(); 3].map(|()| strangers.arrive(3));
        drop(first);
        assert!(strangers.send_one_away());
        Stranger::sent_away(Some(&second)).await;
        assert!(strangers.send_one_away());
        Stranger::sent_away(Some(&third)).await;
        assert!(!strangers.send_one_away());
    }

    #[test]
    fn those_who_are_gone_are_forgotten() {
        let strangers = Strangers::default();
        (0..1_000).for_each(|_| drop(strangers.arrive(10)));
        assert!(strangers.0.lock().expect("not poisoned").len() <= 21);
    }
}
