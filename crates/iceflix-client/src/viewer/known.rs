//! Proxies that this client has been told of, and what it thinks of them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ice::Prx;

/// How many are remembered: those that were named last.
const CAPACITY: usize = 16;

/// How long one that did not answer is asked last.
const DOUBTED: Duration = Duration::from_secs(5);

/// Proxies of one kind, the latest first. Clones share them.
#[derive(Debug)]
pub(super) struct Known<P>(Arc<Mutex<Vec<Entry<P>>>>);

#[derive(Debug)]
struct Entry<P> {
    proxy: P,
    doubted: Option<Instant>,
}

impl<P> Entry<P> {
    fn is_doubted(&self) -> bool {
        self.doubted.is_some_and(|since| since.elapsed() < DOUBTED)
    }
}

impl<P> Clone for Known<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Prx + PartialEq> Known<P> {
    /// These, in this order.
    pub(super) fn new(proxies: impl IntoIterator<Item = P>) -> Self {
        let entries = proxies.into_iter().map(|proxy| Entry {
            proxy,
            doubted: None,
        });
        Self(Arc::new(Mutex::new(entries.collect())))
    }

    /// Remembers one that was named; says whether it is trusted.
    pub(super) fn name(&self, proxy: &P) -> bool {
        let mut entries = self.lock();
        let position = entries.iter().position(|entry| entry.proxy == *proxy);
        let entry = match position {
            Some(position) => entries.remove(position),
            None => Entry {
                proxy: proxy.clone(),
                doubted: None,
            },
        };
        let trusted = !entry.is_doubted();
        entries.insert(0, entry);
        entries.truncate(CAPACITY);
        trusted
    }

    /// All of them, those that are doubted last.
    pub(super) fn all(&self) -> Vec<P> {
        let entries = self.lock();
        let trusted = entries.iter().filter(|entry| !entry.is_doubted());
        let doubted = entries.iter().filter(|entry| entry.is_doubted());
        trusted
            .chain(doubted)
            .map(|entry| entry.proxy.clone())
            .collect()
    }

    /// Asks this one last for a while: it keeps silent, or cannot be reached.
    pub(super) fn doubt(&self, proxy: &P) {
        self.judge(proxy, Some(Instant::now()));
    }

    /// Trusts this one again: it has answered.
    pub(super) fn trust(&self, proxy: &P) {
        self.judge(proxy, None);
    }

    fn judge(&self, proxy: &P, doubted: Option<Instant>) {
        let mut entries = self.lock();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.proxy == *proxy) {
            entry.doubted = doubted;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry<P>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ice::{Communicator, ObjectPrx, Properties};

    use super::*;

    fn proxies(count: usize) -> Vec<ObjectPrx> {
        let communicator = Communicator::new(Properties::new().expect("properties"));
        let communicator = communicator.expect("a communicator");
        let proxies = (1..=count).map(|port| {
            let text = format!("service:tcp -h 127.0.0.1 -p {port}");
            communicator.string_to_proxy(&text).expect("a proxy")
        });
        proxies.collect()
    }

    #[tokio::test]
    async fn who_did_not_answer_is_asked_last_until_it_does() {
        let proxies = proxies(3);
        let [a, b, c] = proxies.as_slice() else {
            unreachable!()
        };
        let known = Known::new(proxies.clone());
        known.doubt(a);
        assert_eq!(known.all(), [b.clone(), c.clone(), a.clone()]);
        assert!(!known.name(a), "it is not trusted for being named");
        known.trust(a);
        assert!(known.name(a));
        assert_eq!(known.all(), proxies);
    }

    #[tokio::test]
    async fn those_that_were_named_last_are_remembered() {
        let proxies = proxies(CAPACITY + 1);
        let known = Known::new([]);
        for proxy in &proxies {
            assert!(known.name(proxy));
        }
        let mut expected = proxies[1..].to_vec();
        expected.reverse();
        assert_eq!(known.all(), expected);
    }
}
