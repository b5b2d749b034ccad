//! The titles themselves, found by id and by whole name.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table};

use crate::store::title::Id;

/// Where a title stands among the others. The place of one that goes is taken by one that comes later.
pub(super) type Slot = u32;

/// No title stands here: the end of a chain.
const NOWHERE: Slot = Slot::MAX;

/// One title, in about 80 bytes and two allocations.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: Id,
    // The name as it was given, then as it is compared: one allocation instead of two.
    text: Box<str>,
    name_length: u32,
    /// Its tags, in the order of first adding.
    pub(super) spellings: Box<[u32]>,
    // Its neighbours among the titles of the same folded name.
    before: Slot,
    after: Slot,
}

impl Record {
    /// The name, as it was given.
    pub(super) fn name(&self) -> &str {
        &self.text[..self.name_length as usize]
    }

    /// What names are compared by.
    pub(super) fn folded(&self) -> &str {
        &self.text[self.name_length as usize..]
    }

    /// The first letters of what names are compared by, as a number of the same order.
    pub(super) fn rank(&self) -> u64 {
        let mut first = [0; 8];
        let folded = self.folded().as_bytes();
        let length = folded.len().min(first.len());
        first[..length].copy_from_slice(&folded[..length]);
        u64::from_be_bytes(first)
    }

    /// Bytes of its texts.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }
}

/// All titles.
///
/// Any number may have one name, and a sender of announcements may see to it that a million do. So a name is in the
/// table once, with the first of its titles, and the others follow in a chain: no operation walks it but a search.
#[derive(Debug, Default)]
pub(super) struct Titles {
    slots: Vec<Option<Record>>,
    free: Vec<Slot>,
    by_id: HashTable<Slot>,
    by_name: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

impl Titles {
    /// With room for so many.
    pub(super) fn with_capacity(titles: usize) -> Self {
        Self {
            slots: Vec::with_capacity(titles),
            by_id: HashTable::with_capacity(titles),
            by_name: HashTable::with_capacity(titles),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// One more than the last slot that was ever taken.
    pub(super) fn end(&self) -> Slot {
        to_slot(self.slots.len())
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Record> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(super) fn find(&self, id: &Id) -> Option<Slot> {
        let here = |slot: &Slot| at(&self.slots, *slot).is_some_and(|record| record.id == *id);
        self.by_id
            .find(self.hasher.hash_one(Some(*id)), here)
            .copied()
    }

    /// The titles of this folded name.
    pub(super) fn named(&self, folded: &str) -> impl Iterator<Item = Slot> {
        let same = |slot: &Slot| at(&self.slots, *slot).is_some_and(|one| one.folded() == folded);
        let first = self.by_name.find(self.hasher.hash_one(folded), same);
        std::iter::successors(first.copied(), |slot| {
            let after = at(&self.slots, *slot)?.after;
            (after != NOWHERE).then_some(after)
        })
    }

    /// All titles, in the order of their slots.
    pub(super) fn all(&self) -> impl Iterator<Item = Slot> {
        let taken = self.slots.iter().enumerate();
        taken.filter_map(|(slot, record)| record.as_ref().map(|_| to_slot(slot)))
    }

    /// Enters a title whose id is not there yet.
    pub(super) fn insert(&mut self, id: Id, name: &str, folded: &str) -> Slot {
        let mut text = String::with_capacity(name.len() + folded.len());
        text.push_str(name);
        text.push_str(folded);
        let record = Record {
            id,
            text: text.into_boxed_str(),
            name_length: u32::try_from(name.len()).unwrap_or(u32::MAX),
            spellings: Box::default(),
            before: NOWHERE,
            after: NOWHERE,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(record);
                slot
            }
            None => {
                self.slots.push(Some(record));
                to_slot(self.slots.len() - 1)
            }
        };
        let (slots, hasher) = (&self.slots, &self.hasher);
        let rehash = |slot: &Slot| hasher.hash_one(at(slots, *slot).map(|record| record.id));
        self.by_id
            .insert_unique(hasher.hash_one(Some(id)), slot, rehash);
        self.chain(slot);
        slot
    }

    /// Enters the name of the title in `slot` among the names.
    fn chain(&mut self, slot: Slot) {
        let (slots, hasher) = (&self.slots, &self.hasher);
        let name = |slot: Slot| at(slots, slot).map_or("", Record::folded);
        let hash = hasher.hash_one(name(slot));
        let same = |other: &Slot| name(*other) == name(slot);
        let rehash = |slot: &Slot| hasher.hash_one(name(*slot));
        let after = match self.by_name.entry(hash, same, rehash) {
            hash_table::Entry::Occupied(mut first) => std::mem::replace(first.get_mut(), slot),
            hash_table::Entry::Vacant(place) => {
                place.insert(slot);
                NOWHERE
            }
        };
        if let Some(Some(next)) = self.slots.get_mut(after as usize) {
            next.before = slot;
        }
        if let Some(Some(record)) = self.slots.get_mut(slot as usize) {
            record.after = after;
        }
    }

    /// Takes the name of the title in `slot` from among the names.
    fn unchain(&mut self, slot: Slot) {
        let Some(record) = at(&self.slots, slot) else {
            return;
        };
        let (before, after) = (record.before, record.after);
        if before == NOWHERE {
            let hash = self.hasher.hash_one(record.folded());
            if let Ok(mut first) = self.by_name.find_entry(hash, |first| *first == slot) {
                if after == NOWHERE {
                    first.remove();
                } else {
                    *first.get_mut() = after;
                }
            }
        }
        if let Some(Some(previous)) = self.slots.get_mut(before as usize) {
            previous.after = after;
        }
        if let Some(Some(next)) = self.slots.get_mut(after as usize) {
            next.before = before;
        }
    }

    /// Gives the title in `slot` its tags.
    pub(super) fn set_spellings(&mut self, slot: Slot, spellings: Box<[u32]>) {
        if let Some(Some(record)) = self.slots.get_mut(slot as usize) {
            record.spellings = spellings;
        }
    }

    /// Takes a title out.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Record> {
        self.unchain(slot);
        let record = self.slots.get_mut(slot as usize)?.take()?;
        let hash = self.hasher.hash_one(Some(record.id));
        if let Ok(entry) = self.by_id.find_entry(hash, |one| *one == slot) {
            entry.remove();
        }
        self.free.push(slot);
        Some(record)
    }
}

fn at(slots: &[Option<Record>], slot: Slot) -> Option<&Record> {
    slots.get(slot as usize)?.as_ref()
}

/// There are never as many titles as a slot can number: their number is bounded far below.
fn to_slot(place: usize) -> Slot {
    Slot::try_from(place).unwrap_or(NOWHERE)
}
