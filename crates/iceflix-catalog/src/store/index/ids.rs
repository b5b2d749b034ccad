//! Ids of titles, by slot, and the way back.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable, hash_table};

use super::titles::Slot;
use crate::store::title::Id;

/// The id of each slot. One that was taken away stays legible until its slot gets another.
#[derive(Debug, Default)]
pub(super) struct Ids {
    all: Vec<Id>,
    slots: HashTable<Slot>,
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// With room for so many.
    pub(super) fn with_capacity(ids: usize) -> Self {
        Self {
            all: Vec::with_capacity(ids),
            slots: HashTable::with_capacity(ids),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// By slot.
    pub(super) fn all(&self) -> &[Id] {
        &self.all
    }

    /// The slot of an id.
    pub(super) fn find(&self, id: &Id) -> Option<Slot> {
        let same = |slot: &Slot| self.all.get(*slot as usize) == Some(id);
        self.slots.find(self.hasher.hash_one(id), same).copied()
    }

    /// Gives an id the next slot; returns false where it has one.
    pub(super) fn push(&mut self, id: Id) -> bool {
        let (all, hasher) = (&self.all, &self.hasher);
        let same = |slot: &Slot| all[*slot as usize] == id;
        let rehash = |slot: &Slot| hasher.hash_one(all[*slot as usize]);
        match self.slots.entry(hasher.hash_one(id), same, rehash) {
            hash_table::Entry::Occupied(_) => false,
            hash_table::Entry::Vacant(place) => {
                place.insert(all.len() as Slot);
                self.all.push(id);
                true
            }
        }
    }

    /// Gives an id that has none a slot that is nobody's, and may be the next.
    pub(super) fn set(&mut self, slot: Slot, id: Id) {
        if slot as usize == self.all.len() {
            self.push(id);
            return;
        }
        self.all[slot as usize] = id;
        let (all, hasher) = (&self.all, &self.hasher);
        let rehash = |slot: &Slot| hasher.hash_one(all[*slot as usize]);
        let hash = hasher.hash_one(id);
        self.slots.insert_unique(hash, slot, rehash);
    }

    /// Takes the id of a slot away.
    pub(super) fn clear(&mut self, slot: Slot) {
        let hash = self.hasher.hash_one(self.all[slot as usize]);
        if let Ok(entry) = self.slots.find_entry(hash, |one| *one == slot) {
            entry.remove();
        }
    }

    /// Gives each id the slot at which `order` names the one that it has; each of all slots is named once.
    pub(super) fn reorder(&mut self, order: &[Slot]) {
        let mut now_at = vec![0; order.len()];
        for (slot, before) in order.iter().enumerate() {
            now_at[*before as usize] = slot as Slot;
        }
        for slot in self.slots.iter_mut() {
            *slot = now_at[*slot as usize];
        }
        self.all = order.iter().map(|slot| self.all[*slot as usize]).collect();
    }
}
