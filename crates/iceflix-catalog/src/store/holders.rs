//! Which providers have a title, newest first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::store::title::Id;

/// The longest id of a provider, in bytes; ours are UUIDs, of 36.
pub const LONGEST_PROVIDER_ID: usize = 256;

/// So many titles of one live provider are kept: some 220 MB of memory.
const TITLES_A_PROVIDER: usize = 1_000_000;

/// So many titles of all providers together, a title counted for each of them.
const TITLES_OF_ALL: usize = 3_000_000;

/// So many providers that are not known to be alive are kept, and so many titles of them all together; of more, the
/// providers that have waited longest are dropped whole. A real one that appears after that is asked to announce
/// everything again, so nothing is lost for long.
const WAITING_PROVIDERS: usize = 256;
const WAITING_TITLES: usize = 100_000;

/// Which providers have which titles, as they announce it; `P` is whatever a provider is called by.
///
/// Announcements of titles and of providers come in any order: what a provider has is kept, within bounds, until
/// it is known to be alive, and counts from then on.
#[derive(Debug)]
pub struct Holders<P> {
    providers: HashMap<Arc<str>, Provider<P>>,
    // Latest announcement last.
    titles: HashMap<Id, Vec<Arc<str>>>,
    // A title counts for each of its providers.
    held: usize,
    // Counts what became waiting, to know which waited longest.
    waits: u64,
    waiting: usize,
    waiting_titles: usize,
}

#[derive(Debug)]
struct Provider<P> {
    state: State<P>,
    titles: HashSet<Id>,
}

#[derive(Debug)]
enum State<P> {
    Alive(P),
    Waiting { since: u64 },
}

impl<P: Clone> Holders<P> {
    /// Nobody has anything.
    pub fn new() -> Self {
        Self {
            providers: HashMap::new(),
            titles: HashMap::new(),
            held: 0,
            waits: 0,
            waiting: 0,
            waiting_titles: 0,
        }
    }

    /// `provider` announced that it has `id`; that makes it the newest, also when it had announced that before.
    /// Returns false where it was refused: the provider's id is too long, it has more than a million titles, or all
    /// together have more than three.
    pub fn announced(&mut self, id: Id, provider: &str) -> bool {
        if provider.len() > LONGEST_PROVIDER_ID {
            return false;
        }
        let name = self.name(provider);
        if !self.providers.contains_key(&name) {
            let state = self.begin_waiting();
            let titles = HashSet::new();
            self.providers
                .insert(Arc::clone(&name), Provider { state, titles });
        }
        let Some(entry) = self.providers.get_mut(&name) else {
            return false;
        };
        if !entry.titles.contains(&id) {
            if entry.titles.len() >= TITLES_A_PROVIDER || self.held >= TITLES_OF_ALL {
                return false;
            }
            entry.titles.insert(id);
            self.held += 1;
            if matches!(entry.state, State::Waiting { .. }) {
                self.waiting_titles += 1;
            }
        }
        // Most titles have one provider.
        let holders = self
            .titles
            .entry(id)
            .or_insert_with(|| Vec::with_capacity(1));
        holders.retain(|one| *one != name);
        holders.push(name);
        self.bound_waiting();
        true
    }

    /// `provider` said that it has `id` no more.
    pub fn removed(&mut self, id: &Id, provider: &str) {
        let Some(entry) = self.providers.get_mut(provider) else {
            return;
        };
        if entry.titles.remove(id) {
            self.held -= 1;
            if matches!(entry.state, State::Waiting { .. }) {
                self.waiting_titles -= 1;
            }
            self.release(id, provider);
        }
    }

    /// `provider` is alive, and is called by `handle` from now on.
    pub fn appeared(&mut self, provider: &str, handle: P) {
        if provider.len() > LONGEST_PROVIDER_ID {
            return;
        }
        self.end_waiting(provider);
        let name = self.name(provider);
        let state = State::Alive(handle);
        match self.providers.get_mut(&name) {
            Some(entry) => entry.state = state,
            None => {
                let titles = HashSet::new();
                self.providers.insert(name, Provider { state, titles });
            }
        }
    }

    /// `provider` does not answer. What it has is kept for its return.
    pub fn lost(&mut self, provider: &str) {
        let Some(entry) = self.providers.get(provider) else {
            return;
        };
        if matches!(entry.state, State::Waiting { .. }) {
            return;
        }
        let titles = entry.titles.len();
        let state = self.begin_waiting();
        if let Some(entry) = self.providers.get_mut(provider) {
            entry.state = state;
        }
        self.waiting_titles += titles;
        self.bound_waiting();
    }

    /// `provider` said goodbye. An id never comes back, so all is forgotten.
    pub fn stopped(&mut self, provider: &str) {
        self.end_waiting(provider);
        if let Some(entry) = self.providers.remove(provider) {
            self.held -= entry.titles.len();
            for id in &entry.titles {
                self.release(id, provider);
            }
        }
    }

    /// Whether `provider` is alive.
    pub fn is_alive(&self, provider: &str) -> bool {
        let entry = self.providers.get(provider);
        entry.is_some_and(|entry| matches!(entry.state, State::Alive(_)))
    }

    /// How many titles a provider has that is alive. Looks at all titles where there are several providers.
    pub fn available(&self) -> usize {
        let mut alive = self
            .providers
            .values()
            .filter(|one| matches!(one.state, State::Alive(_)));
        match (alive.next(), alive.next()) {
            (None, _) => 0,
            (Some(only), None) => only.titles.len(),
            _ => self
                .titles
                .keys()
                .filter(|id| self.alive(id).next().is_some())
                .count(),
        }
    }

    /// The provider that is alive and announced the title last.
    pub fn newest(&self, id: &Id) -> Option<P> {
        self.alive(id).next().cloned()
    }

    /// The providers of a title that are alive, newest first.
    pub fn alive(&self, id: &Id) -> impl Iterator<Item = &P> {
        let holders = self.titles.get(id).map_or(&[][..], Vec::as_slice);
        holders
            .iter()
            .rev()
            .filter_map(|name| match &self.providers.get(name)?.state {
                State::Alive(handle) => Some(handle),
                State::Waiting { .. } => None,
            })
    }

    /// The one copy of a provider's id.
    fn name(&self, provider: &str) -> Arc<str> {
        self.providers
            .get_key_value(provider)
            .map_or_else(|| Arc::from(provider), |(name, _)| Arc::clone(name))
    }

    fn release(&mut self, id: &Id, provider: &str) {
        if let Some(holders) = self.titles.get_mut(id) {
            holders.retain(|one| **one != *provider);
            if holders.is_empty() {
                self.titles.remove(id);
            }
        }
    }

    fn begin_waiting(&mut self) -> State<P> {
        self.waits += 1;
        self.waiting += 1;
        State::Waiting { since: self.waits }
    }

    fn end_waiting(&mut self, provider: &str) {
        if let Some(entry) = self.providers.get(provider)
            && matches!(entry.state, State::Waiting { .. })
        {
            self.waiting -= 1;
            self.waiting_titles -= entry.titles.len();
        }
    }

    fn bound_waiting(&mut self) {
        while self.waiting > WAITING_PROVIDERS || self.waiting_titles > WAITING_TITLES {
            let longest = self
                .providers
                .iter()
                .filter_map(|(name, entry)| match entry.state {
                    State::Waiting { since } => Some((since, name)),
                    State::Alive(_) => None,
                })
                .min();
            let Some((_, name)) = longest else {
                return;
            };
            let name = Arc::clone(name);
            self.stopped(&name);
        }
    }
}

impl<P: Clone> Default for Holders<P> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(n: u32) -> Id {
        Id::parse(&format!("{n:064x}")).expect("an id")
    }

    fn holders(alive: &[&'static str]) -> Holders<&'static str> {
        let mut holders = Holders::new();
        for provider in alive {
            holders.appeared(provider, *provider);
        }
        holders
    }

    #[test]
    fn the_provider_that_announced_last_is_the_newest() {
        let mut holders = holders(&["a", "b"]);
        assert_eq!(holders.newest(&id(1)), None);
        holders.announced(id(1), "a");
        holders.announced(id(1), "b");
        assert_eq!(holders.newest(&id(1)), Some("b"));
        holders.announced(id(1), "a");
        assert_eq!(
            holders.alive(&id(1)).copied().collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(holders.newest(&id(2)), None);
    }

    #[test]
    fn a_title_waits_for_its_provider() {
        let mut holders = holders(&[]);
        assert!(holders.announced(id(1), "a"));
        assert_eq!(holders.newest(&id(1)), None);
        holders.appeared("a", "a");
        assert_eq!(holders.newest(&id(1)), Some("a"));
    }

    #[test]
    fn a_lost_provider_is_out_until_it_returns_by_another_handle() {
        let mut holders = holders(&["a", "b"]);
        holders.announced(id(1), "a");
        holders.announced(id(1), "b");
        holders.lost("b");
        assert_eq!(holders.newest(&id(1)), Some("a"));
        holders.appeared("b", "b again");
        assert_eq!(holders.newest(&id(1)), Some("b again"));
    }

    #[test]
    fn a_stopped_provider_leaves_nothing() {
        let mut holders = holders(&["a"]);
        holders.announced(id(1), "a");
        holders.stopped("a");
        holders.stopped("a");
        assert!(holders.titles.is_empty() && holders.providers.is_empty());
        holders.appeared("a", "a");
        assert_eq!(holders.newest(&id(1)), None);
    }

    #[test]
    fn a_removed_title_is_gone_from_that_provider_alone() {
        let mut holders = holders(&["a", "b"]);
        holders.announced(id(1), "a");
        holders.announced(id(1), "b");
        holders.removed(&id(1), "b");
        holders.removed(&id(1), "nobody");
        assert_eq!(holders.newest(&id(1)), Some("a"));
    }

    #[test]
    fn a_flood_of_providers_that_do_not_exist_is_bounded_and_harms_no_live_one() {
        let mut holders = holders(&["a"]);
        holders.announced(id(1), "a");
        for n in 0..10_000 {
            holders.announced(id(n), &format!("fake {n}"));
        }
        assert_eq!(holders.providers.len(), WAITING_PROVIDERS + 1);
        for n in 0..2 * WAITING_TITLES as u32 {
            holders.announced(id(n), "one fake");
        }
        assert!(holders.waiting_titles <= WAITING_TITLES);
        assert!(holders.titles.len() <= WAITING_TITLES + 1);
        assert!(!holders.announced(id(1), &"x".repeat(1 << 20)));
        assert_eq!(holders.newest(&id(1)), Some("a"));
    }

    /// What may happen, to one of three titles and one of three providers.
    #[derive(Debug, Clone)]
    enum Event {
        Announced(u32, &'static str),
        Removed(u32, &'static str),
        Appeared(&'static str),
        Lost(&'static str),
        Stopped(&'static str),
    }

    fn event() -> impl Strategy<Value = Event> {
        let provider = || prop::sample::select(vec!["a", "b", "c"]);
        prop_oneof![
            4 => (0..3_u32, provider()).prop_map(|(id, one)| Event::Announced(id, one)),
            1 => (0..3_u32, provider()).prop_map(|(id, one)| Event::Removed(id, one)),
            2 => provider().prop_map(Event::Appeared),
            1 => provider().prop_map(Event::Lost),
            1 => provider().prop_map(Event::Stopped),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_the_latest_announcements_of_the_living_count(
            events in prop::collection::vec(event(), 0..40)
        ) {
            let mut holders = holders(&[]);
            let mut announced: Vec<(u32, &str)> = Vec::new();
            let mut alive: HashSet<&str> = HashSet::new();
            for event in events {
                match event {
                    Event::Announced(title, one) => {
                        holders.announced(id(title), one);
                        announced.retain(|known| *known != (title, one));
                        announced.push((title, one));
                    }
                    Event::Removed(title, one) => {
                        holders.removed(&id(title), one);
                        announced.retain(|known| *known != (title, one));
                    }
                    Event::Appeared(one) => {
                        holders.appeared(one, one);
                        alive.insert(one);
                    }
                    Event::Lost(one) => {
                        holders.lost(one);
                        alive.remove(one);
                    }
                    Event::Stopped(one) => {
                        holders.stopped(one);
                        alive.remove(one);
                        announced.retain(|known| known.1 != one);
                    }
                }
            }
            for title in 0..3 {
                let expected: Vec<_> = announced
                    .iter()
                    .rev()
                    .filter(|(known, one)| *known == title && alive.contains(one))
                    .map(|(_, one)| *one)
                    .collect();
                let found: Vec<_> = holders.alive(&id(title)).copied().collect();
                prop_assert_eq!(found, expected);
            }
            let waiting = holders.providers.values();
            let waiting = waiting.filter(|one| matches!(one.state, State::Waiting { .. }));
            let (count, titles) = waiting.fold((0, 0), |(n, m), one| (n + 1, m + one.titles.len()));
            prop_assert_eq!((holders.waiting, holders.waiting_titles), (count, titles));
            let held: usize = holders.providers.values().map(|one| one.titles.len()).sum();
            prop_assert_eq!(holders.held, held);
            let available = (0..3).filter(|title| holders.newest(&id(*title)).is_some());
            prop_assert_eq!(holders.available(), available.count());
        }
    }
}
