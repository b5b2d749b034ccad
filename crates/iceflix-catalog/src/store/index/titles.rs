//! The titles themselves, found by id and by whole name.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table};

use super::ids::Ids;
use super::texts::Texts;
use crate::store::title::Id;

/// Where a title stands among the others. The place of one that goes is taken by one that comes later.
pub(super) type Slot = u32;

/// No title stands here: the end of a chain.
const NOWHERE: Slot = Slot::MAX;

/// What is known of a title besides its id and its texts.
#[derive(Debug)]
struct Record {
    /// Its tags, in the order of first adding.
    spellings: Box<[u32]>,
    // Its neighbours among the titles of the same folded name.
    before: Slot,
    after: Slot,
}

/// All titles.
///
/// Those that were there at the start stand in the order of their names, so that what is found among them needs no
/// sorting. What comes or gets another name later stands behind them.
///
/// Any number may have one name, and a sender of announcements may see to it that a million do. So a name is in the
/// table once, with the first of its titles, and the others follow in a chain: no operation walks it but a search.
#[derive(Debug, Default)]
pub(super) struct Titles {
    ids: Ids,
    names: Texts,
    folded: Texts,
    records: Vec<Option<Record>>,
    /// The slots before this one are in the order of names, and no other title ever gets one of them.
    ordered: Slot,
    free: Vec<Slot>,
    by_name: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

impl Titles {
    /// Titles that stand in the order of their names already, but for their ids: at each place stands the one whose id is where
    /// `order` says. Their names and tags are still to come, by [`complete`](Self::complete).
    pub(super) fn of_ordered(mut ids: Ids, folded: Texts, order: &[Slot]) -> Self {
        ids.reorder(order);
        let mut titles = Self {
            ids,
            folded,
            by_name: HashTable::with_capacity(order.len()),
            ordered: to_slot(order.len()),
            ..Self::default()
        };
        titles.records.resize_with(order.len(), Self::untagged);
        for slot in 0..titles.ordered {
            titles.chain(slot);
        }
        titles
    }

    /// The names of all titles, as they were given, and their tags.
    pub(super) fn complete(&mut self, names: Texts, spellings: Vec<Box<[u32]>>) {
        self.names = names;
        for (slot, spellings) in spellings.into_iter().enumerate() {
            self.set_spellings(to_slot(slot), spellings);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// One more than the last slot that was ever taken.
    pub(super) fn end(&self) -> Slot {
        to_slot(self.records.len())
    }

    /// How many bytes their names have, as they were given and as they are compared.
    pub(super) fn text(&self) -> usize {
        self.names.size() + self.folded.size()
    }

    pub(super) fn find(&self, id: &Id) -> Option<Slot> {
        self.ids.find(id)
    }

    /// The id of the title in `slot`, in which one stands.
    pub(super) fn id(&self, slot: Slot) -> Id {
        self.ids.all()[slot as usize]
    }

    /// Its name, as it was given.
    pub(super) fn name(&self, slot: Slot) -> &str {
        self.names.get(slot)
    }

    /// What names are compared by; empty where no title stands.
    pub(super) fn folded(&self, slot: Slot) -> &str {
        self.folded.get(slot)
    }

    /// Its tags, in the order of first adding.
    pub(super) fn spellings(&self, slot: Slot) -> &[u32] {
        at(&self.records, slot).map_or(&[], |record| &record.spellings)
    }

    /// The titles of this folded name.
    pub(super) fn named(&self, folded: &str) -> impl Iterator<Item = Slot> {
        let same = |slot: &Slot| self.folded(*slot) == folded;
        let first = self.by_name.find(self.hasher.hash_one(folded), same);
        std::iter::successors(first.copied(), |slot| {
            let after = at(&self.records, *slot)?.after;
            (after != NOWHERE).then_some(after)
        })
    }

    /// All titles, in the order of their slots.
    pub(super) fn all(&self) -> impl Iterator<Item = Slot> {
        let taken = self.records.iter().enumerate();
        taken.filter_map(|(slot, record)| record.as_ref().map(|_| to_slot(slot)))
    }

    /// Puts titles into the order of their names, then of their ids.
    pub(super) fn sort(&self, slots: &mut [Slot]) {
        // Lower slots first: where one of the last is one that is in order, all are.
        if slots.is_sorted() && slots.last().is_none_or(|last| *last < self.ordered) {
            return;
        }
        let mut ranked: Vec<_> = slots.iter().map(|slot| (self.rank(*slot), *slot)).collect();
        // Stable, because that finds what is in order already.
        ranked.sort_by(|(rank, one), (other_rank, other)| {
            rank.cmp(other_rank)
                .then_with(|| self.compare(*one, *other))
        });
        for (place, (_, slot)) in slots.iter_mut().zip(ranked) {
            *place = slot;
        }
    }

    /// The first letters of what names are compared by, as a number of the same order.
    fn rank(&self, slot: Slot) -> u64 {
        first_letters(self.folded(slot).as_bytes())
    }

    fn compare(&self, one: Slot, other: Slot) -> Ordering {
        if one.max(other) < self.ordered {
            return one.cmp(&other);
        }
        let by_name = self.folded(one).cmp(self.folded(other));
        by_name.then_with(|| self.id(one).cmp(&self.id(other)))
    }

    /// Enters a title whose id is not there yet.
    pub(super) fn insert(&mut self, id: Id, name: &str, folded: &str) -> Slot {
        let slot = self.free.pop().unwrap_or(self.end());
        match self.records.get_mut(slot as usize) {
            Some(free) => *free = Self::untagged(),
            None => self.records.push(Self::untagged()),
        }
        self.ids.set(slot, id);
        self.names.set(slot, name);
        self.folded.set(slot, folded);
        self.chain(slot);
        slot
    }

    fn untagged() -> Option<Record> {
        Some(Record {
            spellings: Box::default(),
            before: NOWHERE,
            after: NOWHERE,
        })
    }

    /// Enters the name of the title in `slot` among the names.
    fn chain(&mut self, slot: Slot) {
        let (folded, hasher) = (&self.folded, &self.hasher);
        let name = folded.get(slot);
        let entry = self.by_name.entry(
            hasher.hash_one(name),
            |other| folded.get(*other) == name,
            |slot| hasher.hash_one(folded.get(*slot)),
        );
        let after = match entry {
            hash_table::Entry::Occupied(mut first) => std::mem::replace(first.get_mut(), slot),
            hash_table::Entry::Vacant(place) => {
                place.insert(slot);
                NOWHERE
            }
        };
        if let Some(Some(next)) = self.records.get_mut(after as usize) {
            next.before = slot;
        }
        if let Some(Some(record)) = self.records.get_mut(slot as usize) {
            record.after = after;
        }
    }

    /// Takes the name of the title in `slot` from among the names.
    fn unchain(&mut self, slot: Slot) {
        let Some(record) = at(&self.records, slot) else {
            return;
        };
        let (before, after) = (record.before, record.after);
        if before == NOWHERE {
            let hash = self.hasher.hash_one(self.folded.get(slot));
            if let Ok(mut first) = self.by_name.find_entry(hash, |first| *first == slot) {
                if after == NOWHERE {
                    first.remove();
                } else {
                    *first.get_mut() = after;
                }
            }
        }
        if let Some(Some(previous)) = self.records.get_mut(before as usize) {
            previous.after = after;
        }
        if let Some(Some(next)) = self.records.get_mut(after as usize) {
            next.before = before;
        }
    }

    /// Gives the title in `slot` its tags.
    pub(super) fn set_spellings(&mut self, slot: Slot, spellings: Box<[u32]>) {
        if let Some(Some(record)) = self.records.get_mut(slot as usize) {
            record.spellings = spellings;
        }
    }

    /// Takes a title out.
    pub(super) fn remove(&mut self, slot: Slot) {
        self.unchain(slot);
        let Some(record) = self.records.get_mut(slot as usize) else {
            return;
        };
        if record.take().is_none() {
            return;
        }
        self.ids.clear(slot);
        self.names.clear(slot);
        self.folded.clear(slot);
        if slot >= self.ordered {
            self.free.push(slot);
        }
    }
}

/// Eight bytes at most from the front of a text, as a number of the same order.
pub(super) fn first_letters(text: &[u8]) -> u64 {
    let mut first = [0; 8];
    let length = text.len().min(first.len());
    first[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(first)
}

fn at(records: &[Option<Record>], slot: Slot) -> Option<&Record> {
    records.get(slot as usize)?.as_ref()
}

/// There are never as many titles as a slot can number: their number is bounded far below.
fn to_slot(place: usize) -> Slot {
    Slot::try_from(place).unwrap_or(NOWHERE)
}
