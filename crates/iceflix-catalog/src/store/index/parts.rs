//! Parts of names: which titles have three bytes in a row in their folded names.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use roaring::{MultiOps, RoaringBitmap};

use super::titles::{Slot, Titles};
use super::trigrams;

/// Three bytes in a row of a folded name; behind its end stand zeros, which no name holds.
pub(super) type Trigram = [u8; 3];

/// An intersection this small is not made smaller: to look at the names themselves costs less.
const FEW: u64 = 64;

/// For each trigram the titles whose folded name has it.
///
/// A term of three bytes is a trigram; a longer one is only in names that have all of its trigrams; and the names with a
/// shorter one have a trigram that begins with it, since each byte of a name begins one.
#[derive(Debug, Default)]
pub(super) struct Parts(BTreeMap<Trigram, RoaringBitmap>);

/// The titles among which all are that contain a term.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    pub(super) titles: Cow<'a, RoaringBitmap>,
    /// Each of them contains it.
    pub(super) certain: bool,
}

impl Parts {
    /// The parts of all titles at once.
    pub(super) fn of_all(titles: &Titles) -> Self {
        let mut parts = Self::default();
        for (trigram, titles) in trigrams::of_all(titles).into_iter().flatten() {
            *parts.0.entry(trigram).or_default() |= titles;
        }
        parts
    }

    pub(super) fn insert(&mut self, slot: Slot, folded: &str) {
        for trigram in trigrams(folded) {
            self.0.entry(trigram).or_default().insert(slot);
        }
    }

    pub(super) fn remove(&mut self, slot: Slot, folded: &str) {
        for trigram in trigrams(folded) {
            if let Some(titles) = self.0.get_mut(&trigram)
                && titles.remove(slot)
                && titles.is_empty()
            {
                self.0.remove(&trigram);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where to look for a term that is not empty. Of a term of one or two bytes no more than `limit` titles are looked for,
    /// or a few more.
    pub(super) fn candidates(&self, term: &str, limit: u64) -> Candidates<'_> {
        let (titles, certain) = match *term.as_bytes() {
            [] => (Cow::default(), true),
            [first] => (
                Cow::Owned(self.within([first, 0, 0], [first, !0, !0], limit)),
                true,
            ),
            [first, second] => (
                Cow::Owned(self.within([first, second, 0], [first, second, !0], limit)),
                true,
            ),
            [first, second, third] => {
                let titles = self.0.get(&[first, second, third]);
                (titles.map_or_else(Cow::default, Cow::Borrowed), true)
            }
            _ => (Cow::Owned(self.with_all(term)), false),
        };
        Candidates { titles, certain }
    }

    fn within(&self, first: Trigram, last: Trigram, limit: u64) -> RoaringBitmap {
        let mut titles = RoaringBitmap::new();
        for (_, more) in self.0.range(first..=last) {
            titles |= more;
            if titles.len() > limit {
                break;
            }
        }
        titles
    }

    fn with_all(&self, term: &str) -> RoaringBitmap {
        let wanted: BTreeSet<Trigram> = windows(term.as_bytes()).collect();
        let Some(mut sets) = wanted
            .iter()
            .map(|trigram| self.0.get(trigram))
            .collect::<Option<Vec<_>>>()
        else {
            return RoaringBitmap::new();
        };
        sets.sort_by_cached_key(|titles| titles.len());
        let mut sets = sets.into_iter();
        let mut titles = sets.by_ref().take(2).intersection();
        for more in sets {
            if titles.len() <= FEW {
                break;
            }
            titles &= more;
        }
        titles
    }
}

fn windows(bytes: &[u8]) -> impl Iterator<Item = Trigram> {
    bytes.windows(3).filter_map(|three| three.try_into().ok())
}

/// The trigrams of a name, some of them twice where it repeats itself.
pub(super) fn trigrams(folded: &str) -> impl Iterator<Item = Trigram> {
    let bytes = folded.as_bytes();
    let end = match *bytes {
        [.., before, last] => [Some([before, last, 0]), Some([last, 0, 0])],
        [last] => [Some([last, 0, 0]), None],
        [] => [None, None],
    };
    windows(bytes).chain(end.into_iter().flatten())
}
