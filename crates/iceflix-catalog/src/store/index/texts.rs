//! Texts of titles, one behind the other.

use super::titles::Slot;

/// Less than this is not worth being cleared away.
const WORTH_CLEARING: usize = 1 << 20;

/// A text for each slot. All of them are in one piece, in the order of their slots for the most part: a search that has
/// to look at many reads on, instead of going from place to place.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    places: Vec<Place>,
    /// Bytes of texts that went.
    gone: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    start: usize,
    length: u32,
}

impl Texts {
    /// With room for so many, of so many bytes together.
    pub(super) fn with_capacity(texts: usize, bytes: usize) -> Self {
        Self {
            all: String::with_capacity(bytes),
            places: Vec::with_capacity(texts),
            gone: 0,
        }
    }

    /// How many bytes are kept.
    pub(super) fn size(&self) -> usize {
        self.all.len() - self.gone
    }

    /// The text of a slot; empty where there is none.
    pub(super) fn get(&self, slot: Slot) -> &str {
        let Some(place) = self.places.get(slot as usize) else {
            return "";
        };
        &self.all[place.start..place.start + place.length as usize]
    }

    /// Adds the text of the next slot.
    pub(super) fn push(&mut self, text: &str) {
        self.places.push(Place {
            start: self.all.len(),
            // No name is as long as that.
            length: u32::try_from(text.len()).unwrap_or(0),
        });
        self.all.push_str(text);
    }

    /// Gives a slot its text; it has none, and may be the next.
    pub(super) fn set(&mut self, slot: Slot, text: &str) {
        self.push(text);
        if self.places.len() > slot as usize + 1 {
            self.places.swap_remove(slot as usize);
        }
    }

    /// Takes the text of a slot away.
    pub(super) fn clear(&mut self, slot: Slot) {
        if let Some(place) = self.places.get_mut(slot as usize) {
            self.gone += std::mem::take(place).length as usize;
        }
        // So all together they are cleared away once for each time that they double.
        if self.gone > WORTH_CLEARING.max(self.size()) {
            let mut left = Self::with_capacity(self.places.len(), self.size());
            for slot in 0..self.places.len() {
                left.push(self.get(slot as Slot));
            }
            *self = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Texts, WORTH_CLEARING};

    #[test]
    fn texts_that_go_make_room_and_the_others_stay() {
        let mut texts = Texts::default();
        let text = |n: u32| n.to_string().repeat(100);
        for n in 0..100 {
            texts.push(&text(n));
        }
        let size = texts.size();
        for turn in 100..10_000 {
            let slot = turn % 100;
            texts.clear(slot);
            assert_eq!(texts.get(slot), "");
            texts.set(slot, &text(turn));
        }
        for slot in 0..100 {
            assert_eq!(texts.get(slot), text(9_900 + slot));
        }
        assert!(texts.size() >= size && texts.all.len() <= 2 * WORTH_CLEARING + texts.size());
        assert_eq!(texts.get(100), "");
    }
}
