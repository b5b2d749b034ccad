//! Who is alive: the rules, without a network or a clock.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

/// The most candidates of one kind that are remembered. A flood of
/// announcements of services that do not exist ends here; a real deployment
/// has a handful.
pub(super) const CAPACITY: usize = 256;

/// The most candidates of one kind at one address: a process is one service,
/// and few foreign ones are several.
pub(super) const AT_ONE_ADDRESS: usize = 8;

/// How many one host keeps where the table is full and others come.
const AT_ONE_HOST: usize = 32;

/// The longest service id that is taken: a UUID has 36 characters, and peers
/// of other makes may have a way of their own.
pub(super) const MAX_ID_LEN: usize = 128;

/// What came of entering a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// It was not known, or it came back elsewhere.
    New,
    /// It was not known, and this one had to go for it.
    Instead(String),
    /// Not taken: another service has its id.
    Taken,
    /// It was known: it has been seen again.
    Known,
    /// Not taken: there are [`CAPACITY`] others.
    Full,
    /// Not taken: there are [`AT_ONE_ADDRESS`] others at its address.
    AddressFull,
}

#[derive(Clone, Debug)]
struct Entry<P> {
    id: String,
    proxy: P,
    /// Where it was reached; `None` where that cannot be told.
    address: Option<SocketAddr>,
    /// When it came, or came back elsewhere.
    since: Instant,
    seen: Instant,
    /// Whether it kept a caller waiting, and gave no sign of life since.
    doubted: bool,
}

/// What a sign of life meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The service is not known.
    Unknown,
    /// It was there and is there.
    There,
    /// Somebody had said goodbye in its name.
    Back,
}

/// The live services of one kind, in order of arrival, and whose turn it is.
#[derive(Clone, Debug)]
pub(super) struct Table<P> {
    entries: Vec<Entry<P>>,
    /// Those in whose name somebody said goodbye. They are nobody's candidate,
    /// but their ids are theirs as long as they live.
    departed: Vec<Entry<P>>,
    next: usize,
}

impl<P> Default for Table<P> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            departed: Vec::new(),
            next: 0,
        }
    }
}

impl<P: Clone + PartialEq> Table<P> {
    /// Notes a sign of life of this very service at this very place, its own
    /// word or an answer long after its goodbye.
    pub(super) fn seen(&mut self, id: &str, proxy: &P, now: Instant) -> Sign {
        if self.answered(id, proxy, now) {
            return Sign::There;
        }
        let is_it = |entry: &Entry<P>| entry.id == id && entry.proxy == *proxy;
        let Some(position) = self.departed.iter().position(is_it) else {
            return Sign::Unknown;
        };
        if self.entries.len() >= CAPACITY {
            return Sign::Unknown;
        }
        let mut entry = self.departed.remove(position);
        (entry.seen, entry.doubted) = (now, false);
        self.entries.push(entry);
        Sign::Back
    }

    /// Notes that this very service has answered a call; says whether it is a
    /// candidate.
    pub(super) fn answered(&mut self, id: &str, proxy: &P, now: Instant) -> bool {
        let entry = self.find(id, proxy);
        if let Some(entry) = entry {
            (entry.seen, entry.doubted) = (now, false);
            return true;
        }
        false
    }

    /// Enters a service that has proven itself, reached at this address, in the
    /// place of `over`, which had its id and is dead.
    pub(super) fn enter(
        &mut self,
        id: &str,
        proxy: &P,
        over: Option<&P>,
        address: Option<SocketAddr>,
        now: Instant,
    ) -> Entered {
        match self.seen(id, proxy, now) {
            Sign::There => return Entered::Known,
            Sign::Back => return Entered::New,
            Sign::Unknown => {}
        }
        if self.holder(id).as_ref() != over {
            return Entered::Taken;
        }
        let beside = |entry: &&Entry<P>| entry.address == address && entry.id != id;
        if self.entries.iter().filter(beside).count() >= AT_ONE_ADDRESS {
            return Entered::AddressFull;
        }
        self.departed.retain(|entry| entry.id != id);
        let new = Entry {
            id: id.to_owned(),
            proxy: proxy.clone(),
            address,
            since: now,
            seen: now,
            doubted: false,
        };
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            *entry = new;
            return Entered::New;
        }
        if self.entries.len() < CAPACITY {
            self.entries.push(new);
            return Entered::New;
        }
        let Some(latest) = self.latest_of_the_most(address.map(|address| address.ip())) else {
            return Entered::Full;
        };
        let gone = self.remove(latest);
        self.entries.push(new);
        Entered::Instead(gone.id)
    }

    /// Where the latest service stands of the host that has most, if that has
    /// more than its share and is another one than `host`.
    fn latest_of_the_most(&self, host: Option<IpAddr>) -> Option<usize> {
        let host_of = |entry: &Entry<P>| entry.address.map(|address| address.ip());
        let mut counts: HashMap<Option<IpAddr>, usize> = HashMap::new();
        for entry in &self.entries {
            *counts.entry(host_of(entry)).or_default() += 1;
        }
        let (most, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        if count <= AT_ONE_HOST || most == host {
            return None;
        }
        self.entries
            .iter()
            .rposition(|entry| host_of(entry) == most)
    }

    /// Who has this id, candidate or not.
    pub(super) fn holder(&self, id: &str) -> Option<P> {
        let mut all = self.entries.iter().chain(&self.departed);
        let holder = all.find(|entry| entry.id == id)?;
        Some(holder.proxy.clone())
    }

    fn find(&mut self, id: &str, proxy: &P) -> Option<&mut Entry<P>> {
        self.entries
            .iter_mut()
            .find(|entry| entry.id == id && entry.proxy == *proxy)
    }

    /// Whether this very service, at this very place, is a candidate.
    pub(super) fn offers(&self, id: &str, proxy: &P) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.id == id && entry.proxy == *proxy)
    }

    /// Whether this very service, at this very place, has its id, candidate or
    /// not.
    pub(super) fn holds(&self, id: &str, proxy: &P) -> bool {
        self.holder(id).as_ref() == Some(proxy)
    }

    /// Doubts a service: until it gives a sign of life it is the last to be
    /// asked. Says whether it was trusted before.
    pub(super) fn doubt(&mut self, id: &str, proxy: &P) -> bool {
        self.find(id, proxy)
            .is_some_and(|entry| !std::mem::replace(&mut entry.doubted, true))
    }

    /// Sets the service with this id aside: it said goodbye, or somebody did in
    /// its name.
    pub(super) fn depart(&mut self, id: &str, now: Instant) -> bool {
        let Some(position) = self.entries.iter().position(|entry| entry.id == id) else {
            return false;
        };
        let mut entry = self.remove(position);
        entry.seen = now;
        if self.departed.len() >= CAPACITY {
            self.departed.remove(0);
        }
        self.departed.push(entry);
        true
    }

    /// Takes out the service with this id if it still is where `proxy` points:
    /// one that has come back elsewhere in the meantime stays. Says whether it
    /// was a candidate.
    pub(super) fn lost(&mut self, id: &str, proxy: &P) -> bool {
        let is_it = |entry: &Entry<P>| entry.id == id && entry.proxy == *proxy;
        self.departed.retain(|entry| !is_it(entry));
        let position = self.entries.iter().position(is_it);
        position.map(|position| self.remove(position)).is_some()
    }

    fn remove(&mut self, position: usize) -> Entry<P> {
        // Whose turn it was keeps it.
        if position < self.next {
            self.next -= 1;
        }
        self.entries.remove(position)
    }

    /// The next candidate, going round; a doubted one only where all are.
    pub(super) fn next_in_turn(&mut self) -> Option<(String, P)> {
        let count = self.entries.len();
        let from = self.next;
        let position = (0..count)
            .map(|step| (from + step) % count)
            .find(|&position| {
                self.entries
                    .get(position)
                    .is_some_and(|entry| !entry.doubted)
            })
            .or_else(|| (count > 0).then(|| from % count))?;
        self.next = position + 1;
        let entry = self.entries.get(position)?;
        Some((entry.id.clone(), entry.proxy.clone()))
    }

    /// All of them, beginning with the one whose turn it is, those that are
    /// doubted last.
    pub(super) fn round(&mut self) -> Vec<(String, P)> {
        if self.next_in_turn().is_none() {
            return Vec::new();
        }
        let (before, from) = self.entries.split_at(self.next - 1);
        let in_turn = || from.iter().chain(before);
        let trusted = in_turn().filter(|entry| !entry.doubted);
        trusted
            .chain(in_turn().filter(|entry| entry.doubted))
            .map(|entry| (entry.id.clone(), entry.proxy.clone()))
            .collect()
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

    /// All of them, in order of arrival, each with when it came.
    pub(super) fn arrivals(&self) -> Vec<(String, P, Instant)> {
        self.entries
            .iter()
            .map(|entry| (entry.id.clone(), entry.proxy.clone(), entry.since))
            .collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Those not seen for `silence` or longer, also of those that said goodbye.
    pub(super) fn silent(&self, silence: Duration, now: Instant) -> Vec<(String, P)> {
        self.entries
            .iter()
            .chain(&self.departed)
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
            assert_eq!(table.enter(id, id, None, None, now), Entered::New);
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
        let (mut table, now) = table(&["a", "b", "c"]);
        assert_eq!(turns(&mut table, 2), ["a", "b"]);
        assert!(table.depart("a", now));
        assert_eq!(turns(&mut table, 3), ["c", "b", "c"]);
    }

    #[test]
    fn a_service_that_moved_is_new_and_its_old_place_cannot_take_it_out() {
        let (mut table, now) = table(&["a"]);
        assert_eq!(
            table.enter("a", &"elsewhere", Some(&"a"), None, now),
            Entered::New
        );
        assert!(!table.lost("a", &"a"));
        assert_eq!(table.get("a"), Some("elsewhere"));
        assert!(table.lost("a", &"elsewhere"));
    }

    #[test]
    fn silence_counts_from_the_last_sign_of_life() {
        let (mut table, start) = table(&["a", "b"]);
        let later = start + Duration::from_secs(6);
        assert!(table.answered("b", &"b", later));
        let silent = table.silent(Duration::from_secs(6), later);
        assert_eq!(silent, [("a".to_owned(), "a")]);
        assert_eq!(table.enter("a", &"a", None, None, later), Entered::Known);
        assert!(table.silent(Duration::from_secs(6), later).is_empty());
    }

    /// An address on this host, for one service or another.
    fn at(host: u8, port: usize) -> Option<SocketAddr> {
        let port = u16::try_from(port).ok()?;
        Some(SocketAddr::from(([127, 0, 0, host], port)))
    }

    fn full_of_one_host() -> (Table<&'static str>, Instant) {
        let (mut table, now) = table(&[]);
        for number in 0..CAPACITY {
            let entered = table.enter(&number.to_string(), &"x", None, at(1, number), now);
            assert_eq!(entered, Entered::New);
        }
        (table, now)
    }

    #[test]
    fn a_flood_of_strangers_ends_at_the_capacity() {
        let (mut table, now) = full_of_one_host();
        let one_more = table.enter("one more", &"x", None, at(1, 9999), now);
        assert_eq!(one_more, Entered::Full);
        assert_eq!(table.seen("0", &"x", now), Sign::There);
        assert_eq!(table.all().len(), CAPACITY);
    }

    #[test]
    fn no_host_keeps_the_table_from_others() {
        let (mut table, now) = full_of_one_host();
        let other = table.enter("other", &"x", None, at(2, 1), now);
        assert_eq!(other, Entered::Instead((CAPACITY - 1).to_string()));
        assert_eq!(table.all().len(), CAPACITY);
        assert!(table.offers("other", &"x") && table.offers("0", &"x"));
    }

    #[test]
    fn no_address_fills_the_table() {
        let (mut table, now) = table(&["before"]);
        for number in 0..AT_ONE_ADDRESS {
            let entered = table.enter(&number.to_string(), &"x", None, at(1, 1), now);
            assert_eq!(entered, Entered::New);
        }
        let one_more = table.enter("one more", &"x", None, at(1, 1), now);
        assert_eq!(one_more, Entered::AddressFull);
        let moved = table.enter("0", &"moved", Some(&"x"), at(1, 1), now);
        assert_eq!(moved, Entered::New);
        assert_eq!(
            table.enter("other", &"x", None, at(1, 2), now),
            Entered::New
        );
    }

    #[test]
    fn an_id_stays_with_its_holder_though_somebody_says_goodbye_in_its_name() {
        let (mut table, now) = table(&["a"]);
        assert!(table.depart("a", now));
        assert!(!table.depart("a", now), "once is enough");
        assert!(table.all().is_empty() && table.next_in_turn().is_none());
        assert_eq!(table.enter("a", &"thief", None, None, now), Entered::Taken);
        assert_eq!(table.silent(Duration::ZERO, now).len(), 1);
        assert!(!table.answered("a", &"a", now), "an answer under way");
        assert_eq!(table.seen("a", &"a", now), Sign::Back);
        assert_eq!(table.get("a"), Some("a"));

        assert!(table.depart("a", now));
        assert!(!table.lost("a", &"a"), "it was no candidate");
        assert_eq!(table.holder("a"), None);
    }

    #[test]
    fn who_is_doubted_is_asked_last_until_it_gives_a_sign_of_life() {
        let (mut table, now) = table(&["a", "b", "c"]);
        assert!(table.doubt("a", &"a"));
        assert!(!table.doubt("a", &"a"), "once is enough");
        assert_eq!(turns(&mut table, 3), ["b", "c", "b"]);
        let round: Vec<_> = table.round().into_iter().map(|(_, proxy)| proxy).collect();
        assert_eq!(round, ["c", "b", "a"]);
        assert_eq!(table.seen("a", &"a", now), Sign::There);
        assert_eq!(turns(&mut table, 3), ["a", "b", "c"]);
        for all in ["a", "b", "c"] {
            assert!(table.doubt(all, &all));
        }
        assert_eq!(turns(&mut table, 2), ["a", "b"], "better than nobody");
    }
}
