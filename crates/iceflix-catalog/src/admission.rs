//! Which titles are entered for whom: anybody can announce titles for servers that do not exist.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::store::title::{Id, Name};

/// So many new titles of servers that have not proven themselves are entered at once.
const BUDGET: u32 = 10_000;

/// How long it takes until one more is.
const REFILL: Duration = Duration::from_secs(1);

/// So many titles beyond that wait for their servers to prove themselves, and so many bytes of names. Of more, those that
/// have waited longest are dropped: a real server is asked for all that it has once it is found.
const WAITING_TITLES: usize = 100_000;
const WAITING_BYTES: usize = 8 << 20;

/// The titles that are not entered yet.
#[derive(Debug)]
pub(crate) struct Admission {
    budget: u32,
    filled: Instant,
    waiting: HashMap<Box<str>, Vec<(Id, Name)>>,
    // In the order in which they began to wait, with what they hold.
    queue: VecDeque<Box<str>>,
    titles: usize,
    bytes: usize,
}

impl Admission {
    /// Nothing was entered for an unproven server before `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            budget: BUDGET,
            filled: now,
            waiting: HashMap::new(),
            queue: VecDeque::new(),
            titles: 0,
            bytes: 0,
        }
    }

    /// Whether a new title of a server that has not proven itself may be entered.
    pub(crate) fn admits(&mut self, now: Instant) -> bool {
        let periods = now.duration_since(self.filled).as_secs() / REFILL.as_secs();
        let earned = u32::try_from(periods).unwrap_or(u32::MAX);
        self.budget = self.budget.saturating_add(earned).min(BUDGET);
        self.filled += REFILL * earned;
        let admitted = self.budget > 0;
        self.budget = self.budget.saturating_sub(1);
        admitted
    }

    /// Keeps a title until its server proves itself. Returns false where others were dropped for it, or it was itself.
    pub(crate) fn keep(&mut self, provider: &str, id: Id, name: Name) -> bool {
        let size = size(&name);
        match self.waiting.get_mut(provider) {
            Some(titles) => titles.push((id, name)),
            None => {
                self.bytes += 2 * provider.len();
                self.queue.push_back(provider.into());
                self.waiting.insert(provider.into(), vec![(id, name)]);
            }
        }
        self.titles += 1;
        self.bytes += size;
        let fits = self.titles <= WAITING_TITLES && self.bytes <= WAITING_BYTES;
        while self.titles > WAITING_TITLES || self.bytes > WAITING_BYTES {
            let Some(longest) = self.queue.pop_front() else {
                break;
            };
            self.release(&longest);
        }
        fits
    }

    /// The titles that waited for this server, which has proven itself, or will not.
    pub(crate) fn take(&mut self, provider: &str) -> Vec<(Id, Name)> {
        let titles = self.release(provider);
        if !titles.is_empty() {
            self.queue.retain(|one| **one != *provider);
        }
        titles
    }

    /// The same where it is out of the queue already, through which nobody goes at each event.
    fn release(&mut self, provider: &str) -> Vec<(Id, Name)> {
        let Some(titles) = self.waiting.remove(provider) else {
            return Vec::new();
        };
        let sizes = titles.iter().map(|(_, name)| size(name));
        self.bytes -= 2 * provider.len() + sizes.sum::<usize>();
        self.titles -= titles.len();
        titles
    }
}

fn size(name: &Name) -> usize {
    name.as_str().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> Id {
        Id::parse(&format!("{n:064x}")).expect("an id")
    }

    fn name(length: usize) -> Name {
        Name::parse(&"a".repeat(length)).expect("a name")
    }

    #[test]
    fn the_budget_is_spent_at_once_and_earned_slowly() {
        let start = Instant::now();
        let mut admission = Admission::new(start);
        let mut admitted = |seconds| {
            let now = start + Duration::from_secs(seconds);
            (0..20_000).filter(|_| admission.admits(now)).count()
        };
        assert_eq!(admitted(0), 10_000);
        assert_eq!(admitted(0), 0);
        assert_eq!(admitted(7), 7);
        assert_eq!(admitted(100_000), 10_000);
    }

    #[test]
    fn what_waits_is_handed_out_once_in_order() {
        let mut admission = Admission::new(Instant::now());
        for n in 0..3 {
            assert!(admission.keep("a", id(n), name(1)));
        }
        assert!(admission.keep("b", id(3), name(1)));
        let taken: Vec<_> = admission.take("a").into_iter().map(|(id, _)| id).collect();
        assert_eq!(taken, [id(0), id(1), id(2)]);
        assert!(admission.take("a").is_empty());
        assert_eq!(admission.take("b").len(), 1);
        assert_eq!((admission.titles, admission.bytes), (0, 0));
    }

    #[test]
    fn a_flood_of_waiting_titles_is_bounded_in_number_and_size() {
        let mut admission = Admission::new(Instant::now());
        // Each of a server of its own: none may cost a walk through all that wait.
        for n in 0..200_000 {
            admission.keep(&format!("server {n}"), id(n), name(1));
        }
        assert!(admission.titles <= WAITING_TITLES);
        assert_eq!(admission.waiting.len(), admission.queue.len());
        for n in 0..20_000 {
            admission.keep(&format!("other {}", n / 100), id(n), name(1_000));
        }
        assert!(admission.bytes <= WAITING_BYTES);
        assert!(
            !admission.take("other 199").is_empty(),
            "the latest are kept"
        );
    }
}
