//! Who is alive: the rules, without a network or a clock.

use std::time::{Duration, Instant};

/// The most candidates of one kind that are remembered. A flood of
/// announcements of services that do not exist ends here; a real deployment
/// has a handful.
pub(super) const CAPACITY: usize = 256;

/// The longest service id that is taken: a UUID has 36 characters, and peers
/// of other makes may have a way of their own.
pub(super) const MAX_ID_LEN: usize = 128;

/// What an announcement meant to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// A service that was not known, or one that came back elsewhere.
    New,
    /// A service that was known: it has been seen again.
    Known,
    /// Not taken: the id is empty or longer than [`MAX_ID_LEN`].
    BadId,
    /// Not taken: there are [`CAPACITY`] others.
    Full,
}

#[derive(Clone, Debug)]
struct Entry<P> {
    id: String,
    proxy: P,
    seen: Instant,
}

/// The live services of one kind, in order of arrival, and whose turn it is.
#[derive(Clone, Debug)]
pub(super) struct Table<P> {
    entries: Vec<Entry<P>>,
    next: usize,
}

impl<P> Default for Table<P> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            next: 0,
        }
    }
}

impl<P: Clone + PartialEq> Table<P> {
    /// Enters a service that has announced itself, or notes that it was seen.
    pub(super) fn announce(&mut self, id: &str, proxy: &P, now: Instant) -> Announced {
        if id.is_empty() || id.len() > MAX_ID_LEN {
            return Announced::BadId;
        }
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.seen = now;
            if entry.proxy == *proxy {
                return Announced::Known;
            }
            entry.proxy = proxy.clone();
            return Announced::New;
        }
        if self.entries.len() == CAPACITY {
            return Announced::Full;
        }
        self.entries.push(Entry {
            id: id.to_owned(),
            proxy: proxy.clone(),
            seen: now,
        });
        Announced::New
    }

    /// Whether this very service, at this very place, is in the table.
    pub(super) fn holds(&self, id: &str, proxy: &P) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.id == id && entry.proxy == *proxy)
    }

    /// Notes that the service has answered. Nothing happens when it is gone.
    pub(super) fn answered(&mut self, id: &str, now: Instant) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.seen = now;
        }
    }

    /// Takes out the service with this id, which said goodbye.
    pub(super) fn depart(&mut self, id: &str) -> bool {
        self.remove_where(|entry| entry.id == id)
    }

    /// Takes out the service with this id if it still is where `proxy` points:
    /// one that has come back elsewhere in the meantime stays.
    pub(super) fn lost(&mut self, id: &str, proxy: &P) -> bool {
        self.remove_where(|entry| entry.id == id && entry.proxy == *proxy)
    }

    fn remove_where(&mut self, gone: impl Fn(&Entry<P>) -> bool) -> bool {
        let Some(position) = self.entries.iter().position(gone) else {
            return false;
        };
        self.entries.remove(position);
        // Whose turn it was keeps it.
        if position < self.next {
            self.next -= 1;
        }
        true
    }

    /// The next candidate, going round.
    pub(super) fn next_in_turn(&mut self) -> Option<(String, P)> {
        let entry = self.entries.get(self.next).or_else(|| {
            self.next = 0;
            self.entries.first()
        })?;
        self.next += 1;
        Some((entry.id.clone(), entry.proxy.clone()))
    }

    /// All of them, beginning with the one whose turn it is.
    pub(super) fn round(&mut self) -> Vec<(String, P)> {
        let Some((first, _)) = self.next_in_turn() else {
            return Vec::new();
        };
        let mut round = self.all();
        let position = round.iter().position(|(id, _)| *id == first).unwrap_or(0);
        round.rotate_left(position);
        round
    }

    /// The service with this id.
    pub(super) fn get(&self, id: &str) -> Option<P> {
        self.entries
            .iter()
            .find(|entry| entry.id == id)
            .map(|entry| entry.proxy.clone())
    }

    /// All of them, in order of arrival.
    pub(super) fn all(&self) -> Vec<(String, P)> {
        self.entries
            .iter()
            .map(|entry| (entry.id.clone(), entry.proxy.clone()))
            .collect()
    }

    /// Those not seen for `silence` or longer.
    pub(super) fn silent(&self, silence: Duration, now: Instant) -> Vec<(String, P)> {
        self.entries
            .iter()
            .filter(|entry| now.saturating_duration_since(entry.seen) >= silence)
            .map(|entry| (entry.id.clone(), entry.proxy.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(ids: &[&'static str]) -> (Table<&'static str>, Instant) {
        let now = Instant::now();
        let mut table = Table::default();
        for id in ids {
            assert_eq!(table.announce(id, id, now), Announced::New);
        }
        (table, now)
    }

    fn turns(table: &mut Table<&'static str>, count: usize) -> Vec<&'static str> {
        (0..count)
            .filter_map(|_| table.next_in_turn())
            .map(|(_, proxy)| proxy)
            .collect()
    }

    #[test]
    fn an_empty_table_has_nobody_to_offer() {
        let (mut table, _) = table(&[]);
        assert_eq!(table.next_in_turn(), None);
    }

    #[test]
    fn candidates_take_turns() {
        let (mut table, _) = table(&["a", "b", "c"]);
        assert_eq!(turns(&mut table, 7), ["a", "b", "c", "a", "b", "c", "a"]);
    }

    #[test]
    fn every_round_begins_with_another() {
        let (mut table, _) = table(&["a", "b", "c"]);
        let mut round = || {
            table
                .round()
                .into_iter()
                .map(|(_, proxy)| proxy)
                .collect::<Vec<_>>()
        };
        assert_eq!(round(), ["a", "b", "c"]);
        assert_eq!(round(), ["b", "c", "a"]);
    }

    #[test]
    fn a_loss_skips_nobody_elses_turn() {
        let (mut table, _) = table(&["a", "b", "c"]);
        assert_eq!(turns(&mut table, 2), ["a", "b"]);
        assert!(table.depart("a"));
        assert_eq!(turns(&mut table, 3), ["c", "b", "c"]);
    }

    #[test]
    fn a_service_that_moved_is_new_and_its_old_place_cannot_take_it_out() {
        let (mut table, now) = table(&["a"]);
        assert_eq!(table.announce("a", &"elsewhere", now), Announced::New);
        assert!(!table.lost("a", &"a"));
        assert_eq!(table.get("a"), Some("elsewhere"));
        assert!(table.lost("a", &"elsewhere"));
    }

    #[test]
    fn silence_counts_from_the_last_sign_of_life() {
        let (mut table, start) = table(&["a", "b"]);
        let later = start + Duration::from_secs(6);
        table.answered("b", later);
        let silent = table.silent(Duration::from_secs(6), later);
        assert_eq!(silent, [("a".to_owned(), "a")]);
        assert_eq!(table.announce("a", &"a", later), Announced::Known);
        assert!(table.silent(Duration::from_secs(6), later).is_empty());
    }

    #[test]
    fn a_flood_of_strangers_ends_at_the_capacity() {
        let (mut table, now) = table(&[]);
        for number in 0..CAPACITY {
            assert_eq!(
                table.announce(&number.to_string(), &"somewhere", now),
                Announced::New
            );
        }
        assert_eq!(
            table.announce("one more", &"somewhere", now),
            Announced::Full
        );
        assert_eq!(table.announce("0", &"somewhere", now), Announced::Known);
        assert_eq!(table.all().len(), CAPACITY);
    }

    #[test]
    fn an_id_must_be_there_and_be_short() {
        let (mut table, now) = table(&[]);
        assert_eq!(table.announce("", &"somewhere", now), Announced::BadId);
        assert_eq!(
            table.announce(&"x".repeat(MAX_ID_LEN + 1), &"somewhere", now),
            Announced::BadId
        );
        assert!(table.all().is_empty());
    }
}
