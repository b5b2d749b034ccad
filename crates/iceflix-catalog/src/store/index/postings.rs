//! Sets of titles, small and large ones.

use roaring::{MultiOps, RoaringBitmap};

use super::titles::Slot;

/// Up to so many titles are a list: most tags have few, which a compressed bitmap would keep in a dozen pieces each.
const FEW: usize = 4_096;

/// Lists of more titles than this are not united by sorting.
const SORTED: usize = 1 << 16;

/// The slots of some titles, in their order.
#[derive(Debug)]
pub(super) enum Postings {
    /// Sorted, none twice.
    Few(Vec<Slot>),
    Many(RoaringBitmap),
}

impl Default for Postings {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Postings {
    /// A set of these, which are sorted, none twice.
    pub(super) fn of_sorted(slots: &[Slot]) -> Self {
        if slots.len() <= FEW {
            return Self::Few(slots.to_vec());
        }
        let many = RoaringBitmap::from_sorted_iter(slots.iter().copied());
        Self::Many(many.unwrap_or_default())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => usize::try_from(many.len()).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn contains(&self, slot: Slot) -> bool {
        match self {
            Self::Few(few) => few.binary_search(&slot).is_ok(),
            Self::Many(many) => many.contains(slot),
        }
    }

    /// Returns whether it was not there.
    pub(super) fn insert(&mut self, slot: Slot) -> bool {
        match self {
            Self::Few(few) => {
                let Err(place) = few.binary_search(&slot) else {
                    return false;
                };
                few.insert(place, slot);
                if few.len() > FEW {
                    *self = Self::of_sorted(few);
                }
                true
            }
            Self::Many(many) => many.insert(slot),
        }
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        match self {
            Self::Few(few) => {
                if let Ok(place) = few.binary_search(&slot) {
                    few.remove(place);
                }
            }
            Self::Many(many) => {
                many.remove(slot);
                if many.len() <= FEW as u64 / 2 {
                    *self = Self::Few(many.iter().collect());
                }
            }
        }
    }

    /// All of them, the lowest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Slot> {
        let (few, many) = match self {
            Self::Few(few) => (few.as_slice(), None),
            Self::Many(many) => (&[][..], Some(many)),
        };
        few.iter()
            .copied()
            .chain(many.into_iter().flat_map(RoaringBitmap::iter))
    }

    /// Those that are in each of the sets.
    pub(super) fn in_all(mut sets: Vec<&Self>) -> Self {
        // The smallest first: what is left after it is small.
        sets.sort_by_cached_key(|set| set.len());
        let Some((Self::Few(few), others)) = sets.split_first() else {
            let many = sets.into_iter().filter_map(Self::many);
            return Self::Many(many.intersection());
        };
        let in_others = |slot: &Slot| others.iter().all(|set| set.contains(*slot));
        Self::Few(few.iter().copied().filter(in_others).collect())
    }

    /// Those that are in one of the sets or more.
    pub(super) fn in_any<'a>(sets: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let few = || {
            let few = sets.clone().filter(|set| set.many().is_none());
            few.flat_map(Self::iter)
        };
        let many = || sets.clone().filter_map(Self::many);
        if many().next().is_none() && few().take(SORTED + 1).count() <= SORTED {
            let mut united: Vec<_> = few().collect();
            united.sort_unstable();
            united.dedup();
            return Self::Few(united);
        }
        let mut united = many().union();
        united.extend(few());
        Self::Many(united)
    }

    fn many(&self) -> Option<&RoaringBitmap> {
        match self {
            Self::Few(_) => None,
            Self::Many(many) => Some(many),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{FEW, Postings, SORTED, Slot};

    /// Sets on both sides of the bound.
    fn set() -> impl Strategy<Value = BTreeSet<Slot>> {
        let few = prop::collection::btree_set(0..200_u32, 0..50);
        let many = (0..3_u32, 1..4_u32).prop_map(|(from, step)| {
            let slots = (from..).step_by(step as usize);
            slots.take(FEW + 10).collect()
        });
        prop_oneof![3 => few, 1 => many]
    }

    fn postings(set: &BTreeSet<Slot>) -> Postings {
        let slots: Vec<_> = set.iter().copied().collect();
        Postings::of_sorted(&slots)
    }

    fn slots(postings: &Postings) -> BTreeSet<Slot> {
        let slots: Vec<_> = postings.iter().collect();
        assert!(slots.is_sorted());
        assert_eq!(slots.len(), postings.len());
        slots.into_iter().collect()
    }

    proptest! {
        #[test]
        fn small_and_large_sets_are_sets(sets in prop::collection::vec(set(), 1..4)) {
            let all: Vec<_> = sets.iter().map(postings).collect();
            let common = |slot: &Slot| sets.iter().all(|set| set.contains(slot));
            let expected: BTreeSet<_> = sets[0].iter().copied().filter(common).collect();
            prop_assert_eq!(slots(&Postings::in_all(all.iter().collect())), expected);
            let expected: BTreeSet<_> = sets.iter().flatten().copied().collect();
            prop_assert_eq!(slots(&Postings::in_any(all.iter())), expected);
        }
    }

    #[test]
    fn a_set_that_grows_and_shrinks_stays_one() {
        let mut postings = Postings::default();
        let end = 2 * FEW as Slot;
        for slot in (0..end).rev() {
            assert!(postings.insert(slot));
            assert!(!postings.insert(slot));
        }
        assert_eq!(postings.len(), 2 * FEW);
        for slot in 0..end {
            assert!(postings.contains(slot));
            postings.remove(slot);
            assert!(!postings.contains(slot));
        }
        assert_eq!(postings.len(), 0);
    }

    #[test]
    fn very_many_lists_are_united() {
        let lists: Vec<_> = (0..100)
            .map(|n| Postings::of_sorted(&(n..n + 1_000).collect::<Vec<_>>()))
            .collect();
        assert!(lists.iter().map(Postings::len).sum::<usize>() > SORTED);
        assert_eq!(Postings::in_any(lists.iter()).len(), 1_099);
    }
}
