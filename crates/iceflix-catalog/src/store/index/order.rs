//! Very many names put into order.

use super::texts::Texts;
use super::titles::{Slot, first_letters};
use crate::store::title::Id;

/// So many letters, as bytes, are compared at once, as a number.
const LETTERS: usize = 8;

/// Fewer than this are compared letter by letter.
const FEW: usize = 16;

/// Texts with their ids, to be put into order.
#[derive(Clone, Copy)]
struct Unordered<'a> {
    texts: &'a Texts,
    ids: &'a [Id],
}

/// The slots of all texts in the order of these, and, where they are the same, of their ids. On as many threads as
/// there are processors.
pub(super) fn of_all(texts: &Texts, ids: &[Id]) -> Vec<Slot> {
    let unordered = Unordered { texts, ids };
    let mut ranked: Vec<_> = (0..ids.len())
        .map(|slot| unordered.ranked(slot as Slot, 0))
        .collect();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    unordered.sort_by_halves(&mut ranked, processors);
    ranked.into_iter().map(|(_, slot)| slot).collect()
}

impl Unordered<'_> {
    /// The letters of a text from `start` on, as a number of the same order.
    fn ranked(self, slot: Slot, start: usize) -> (u64, Slot) {
        let rest = self.rest(slot, start);
        (first_letters(rest), slot)
    }

    fn rest(&self, slot: Slot, start: usize) -> &[u8] {
        let text = self.texts.get(slot).as_bytes();
        text.get(start..).unwrap_or_default()
    }

    fn sort_by_halves(self, ranked: &mut [(u64, Slot)], threads: usize) {
        if threads < 2 || ranked.len() < FEW {
            return self.sort(ranked, 0);
        }
        let middle = ranked.len() / 2;
        let (lower, (pivot, _), _) =
            ranked.select_nth_unstable_by_key(middle, |(letters, _)| *letters);
        let pivot = *pivot;
        // What begins with the same letters stays together.
        let mut below = 0;
        for place in 0..lower.len() {
            if lower[place].0 < pivot {
                lower.swap(below, place);
                below += 1;
            }
        }
        let (lower, upper) = ranked.split_at_mut(below);
        std::thread::scope(|scope| {
            scope.spawn(move || self.sort_by_halves(lower, threads / 2));
            self.sort_by_halves(upper, threads - threads / 2);
        });
    }

    /// Sorts texts that are the same before `start`, each beside its next letters.
    fn sort(self, ranked: &mut [(u64, Slot)], start: usize) {
        ranked.sort_unstable_by_key(|(letters, _)| *letters);
        let next = start + LETTERS;
        for same in ranked.chunk_by_mut(|(one, _), (other, _)| one == other) {
            if same.len() == 1 {
                continue;
            }
            let ended = |(_, slot): &(u64, Slot)| self.rest(*slot, next).is_empty();
            if same.len() < FEW || same.iter().all(ended) {
                same.sort_unstable_by_key(|(_, slot)| {
                    (self.rest(*slot, next), &self.ids[*slot as usize])
                });
                continue;
            }
            for title in same.iter_mut() {
                *title = self.ranked(title.1, next);
            }
            self.sort(same, next);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FEW, of_all};
    use crate::store::index::texts::Texts;
    use crate::store::title::Id;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_order_is_that_of_the_texts_then_of_the_ids(
            names in prop::collection::vec(("[aé]{0,12}", "[ab]{0,2}"), 0..10 * FEW),
            turned in any::<u64>(),
        ) {
            let ids: Vec<_> = (0..names.len() as u64)
                .map(|n| Id::parse(&format!("{:064x}", n ^ (turned & 0xff))).expect("an id"))
                .collect();
            let mut texts = Texts::default();
            let names: Vec<_> = names.into_iter().map(|(one, other)| one + &other).collect();
            for name in &names {
                texts.push(name);
            }
            let mut expected: Vec<_> = (0..names.len()).collect();
            expected.sort_by_key(|slot| (&names[*slot], ids[*slot]));
            let order: Vec<_> = of_all(&texts, &ids).into_iter().map(|slot| slot as usize).collect();
            prop_assert_eq!(order, expected);
        }
    }
}
