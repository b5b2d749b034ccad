//! Who is being asked whether it is what it says it is: how many at a time, and
//! who goes first.
//!
//! Announcements cost their sender nothing, and one that leads to a black hole
//! holds its slot until the time-out. So no place has many slots, a place that
//! was silent is left alone for a moment, and half of all slots are kept for
//! those that found none free and announce themselves again: a service that
//! lives does that, a flood of new names does not.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::proxy::Way;

/// How many are asked at the same time, of those that are new.
const NEW: usize = 128;

/// How many are asked besides, of those that were turned away before.
const AGAIN: usize = 128;

/// How many are asked at one place at the same time.
const AT_ONE_PLACE: usize = 8;

/// How many are asked at the same time whose host is a name. Ice looks names up
/// one after the other, those of everybody else too.
const NAMED: usize = 4;

/// How long a place is left alone where nobody answered.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// How many silent places are remembered.
const SILENT_PLACES: usize = 1024;

/// How many of those that were turned away are remembered, by a number each.
const TURNED_AWAY: usize = 16_384;

/// The slots for services of one kind. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Proofs(Arc<Mutex<Slots>>);

#[derive(Debug, Default)]
struct Slots {
    /// The ids that are under way, each with the place.
    ids: HashSet<(String, String)>,
    named: usize,
    new: usize,
    again: usize,
    places: HashMap<String, usize>,
    silent: HashMap<String, Instant>,
    hasher: RandomState,
    turned_away: HashSet<u64>,
    /// The same, the earliest first.
    order: VecDeque<u64>,
}

/// Why nobody is asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The same service is being asked already.
    UnderWay,
    /// Nobody answered there a moment ago.
    Silent,
    /// Too many at that place are being asked.
    PlaceFull,
    /// Too many are being asked.
    Full,
}

/// A slot, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Proof {
    proofs: Proofs,
    id: String,
    place: String,
    is_named: bool,
    is_new: bool,
}

impl Proofs {
    /// Takes a slot for a service.
    pub(super) fn begin<P>(&self, id: &str, way: &Way<P>, now: Instant) -> Result<Proof, Refusal> {
        let place = way.place.as_str();
        let mut slots = self.lock();
        let under_way = (id.to_owned(), place.to_owned());
        if slots.ids.contains(&under_way) {
            return Err(Refusal::UnderWay);
        }
        if let Some(since) = slots.silent.get(place) {
            if now.saturating_duration_since(*since) < LEFT_ALONE {
                return Err(Refusal::Silent);
            }
            slots.silent.remove(place);
        }
        if slots.places.get(place).copied().unwrap_or(0) >= AT_ONE_PLACE {
            return Err(Refusal::PlaceFull);
        }
        if way.is_named && slots.named >= NAMED {
            return Err(Refusal::Full);
        }
        let number = slots.hasher.hash_one(id);
        let is_new = if slots.new < NEW {
            slots.new += 1;
            true
        } else if slots.again < AGAIN && slots.turned_away.contains(&number) {
            slots.again += 1;
            false
        } else {
            slots.turn_away(number);
            return Err(Refusal::Full);
        };
        slots.ids.insert(under_way);
        slots.named += usize::from(way.is_named);
        *slots.places.entry(place.to_owned()).or_default() += 1;
        Ok(Proof {
            proofs: self.clone(),
            id: id.to_owned(),
            place: place.to_owned(),
            is_named: way.is_named,
            is_new,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn turn_away(&mut self, number: u64) {
        if !self.turned_away.insert(number) {
            return;
        }
        self.order.push_back(number);
        if self.order.len() > TURNED_AWAY
            && let Some(earliest) = self.order.pop_front()
        {
            self.turned_away.remove(&earliest);
        }
    }
}

impl Proof {
    /// Notes that nobody answered there in time.
    pub(super) fn was_silent(&self, now: Instant) {
        let mut slots = self.proofs.lock();
        if slots.silent.len() >= SILENT_PLACES {
            slots
                .silent
                .retain(|_, since| now.saturating_duration_since(*since) < LEFT_ALONE);
        }
        if slots.silent.len() < SILENT_PLACES {
            slots.silent.insert(self.place.clone(), now);
        }
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        let mut slots = self.proofs.lock();
        let under_way = (std::mem::take(&mut self.id), self.place.clone());
        slots.ids.remove(&under_way);
        slots.named -= usize::from(self.is_named);
        if self.is_new {
            slots.new -= 1;
        } else {
            slots.again -= 1;
        }
        if let Some(count) = slots.places.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                slots.places.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(place: &str) -> Way<()> {
        Way {
            proxy: (),
            place: place.to_owned(),
            is_named: false,
        }
    }

    #[test]
    fn no_place_takes_all_slots() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let held: Vec<_> = (0..100)
            .filter_map(|number| proofs.begin(&number.to_string(), &way("hole"), now).ok())
            .collect();
        assert_eq!(held.len(), AT_ONE_PLACE);
        assert_eq!(
            proofs.begin("another", &way("hole"), now).map(drop),
            Err(Refusal::PlaceFull)
        );
        assert!(proofs.begin("real", &way("elsewhere"), now).is_ok());
        drop(held);
        assert!(proofs.begin("another", &way("hole"), now).is_ok());
    }

    #[test]
    fn who_is_asked_already_is_not_asked_again() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let held = proofs.begin("id", &way("here"), now);
        assert_eq!(
            proofs.begin("id", &way("here"), now).map(drop),
            Err(Refusal::UnderWay)
        );
        // Somebody else may say that it is there, and is asked there.
        assert!(proofs.begin("id", &way("there"), now).is_ok());
        drop(held);
        assert!(proofs.begin("id", &way("here"), now).is_ok());
    }

    #[test]
    fn a_silent_place_is_left_alone_for_a_moment() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let held = proofs
            .begin("id", &way("hole"), now)
            .unwrap_or_else(|_| unreachable!());
        held.was_silent(now);
        drop(held);
        assert_eq!(
            proofs.begin("id", &way("hole"), now).map(drop),
            Err(Refusal::Silent)
        );
        assert!(proofs.begin("id", &way("hole"), now + LEFT_ALONE).is_ok());
    }

    #[test]
    fn names_that_have_to_be_looked_up_wait_for_each_other_and_nobody_for_them() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let mut held = Vec::new();
        for number in 0..100 {
            let mut way = way(&format!("host{number}:1"));
            way.is_named = true;
            held.extend(proofs.begin("id", &way, now));
        }
        assert_eq!(held.len(), NAMED);
        assert!(proofs.begin("id", &way("127.0.0.1:1"), now).is_ok());
    }

    #[test]
    fn a_flood_from_everywhere_keeps_a_newcomer_out_once() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let mut held = Vec::new();
        let mut flood = (0..).map(|number: usize| number.to_string());
        let mut next = || flood.next().unwrap_or_default();
        for _ in 0..1000 {
            let id = next();
            held.extend(proofs.begin(&id, &way(&id), now));
        }
        assert_eq!(held.len(), NEW);
        assert_eq!(
            proofs.begin("real", &way("home"), now).map(drop),
            Err(Refusal::Full)
        );
        for _ in 0..10_000 {
            let id = next();
            held.extend(proofs.begin(&id, &way(&id), now));
        }
        assert!(proofs.begin("real", &way("home"), now).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (proofs, now) = (Proofs::default(), Instant::now());
        let held: Vec<_> = (0..3 * TURNED_AWAY)
            .filter_map(|number| {
                let id = number.to_string();
                let proof = proofs.begin(&id, &way(&id), now).ok()?;
                proof.was_silent(now);
                Some(proof)
            })
            .collect();
        let slots = proofs.lock();
        assert_eq!(slots.order.len(), TURNED_AWAY);
        assert_eq!(slots.turned_away.len(), TURNED_AWAY);
        assert!(slots.silent.len() <= SILENT_PLACES);
        drop(slots);
        drop(held);
        let slots = proofs.lock();
        assert!(slots.ids.is_empty() && slots.places.is_empty());
        assert_eq!((slots.new, slots.again), (0, 0));
    }
}
