//! Parts of names: which titles have three bytes in a row in their folded names.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use roaring::{MultiOps, RoaringBitmap};

use super::titles::{Slot, Titles};

/// Three bytes in a row of a folded name; behind its end stand zeros, which no name holds.
type Trigram = [u8; 3];

/// An intersection this small is not made smaller: to look at the names themselves costs less.
const FEW: u64 = 64;

/// Titles of one container of a bitmap, which two threads therefore fill without meeting.
const CONTAINER: usize = 1 << 16;

/// For each trigram the titles whose folded name has it.
///
/// A term of three bytes is a trigram; a longer one is only in names that have all of its trigrams; and the names with a
/// shorter one have a trigram that begins with it, since each byte of a name begins one.
#[derive(Debug, Default)]
pub(super) struct Parts(BTreeMap<Trigram, RoaringBitmap>);

/// The titles among which all are that contain a term.
#[derive(Debug)]
pub(super) struct Candidates {
    pub(super) titles: RoaringBitmap,
    /// Each of them contains it.
    pub(super) certain: bool,
}

impl Parts {
    /// The parts of all titles at once, on all processors.
    pub(super) fn of_all(titles: &Titles) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let containers = (titles.end() as usize).div_ceil(CONTAINER);
        let share = containers.div_ceil(processors).max(1) * CONTAINER;
        let ranges = (0..processors).map(|n| n * share..(n + 1) * share);
        let shares: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = ranges
                .map(|range| scope.spawn(move || share_of(titles, range)))
                .collect();
            started
                .into_iter()
                .map(std::thread::ScopedJoinHandle::join)
                .collect()
        });
        let mut parts = Self::default();
        for share in shares {
            let share = share.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for (trigram, titles) in share {
                *parts.0.entry(trigram).or_default() |= titles;
            }
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
    pub(super) fn candidates(&self, term: &str, limit: u64) -> Candidates {
        let (titles, certain) = match *term.as_bytes() {
            [] => (RoaringBitmap::new(), true),
            [first] => (self.within([first, 0, 0], [first, !0, !0], limit), true),
            [first, second] => (
                self.within([first, second, 0], [first, second, !0], limit),
                true,
            ),
            [first, second, third] => {
                let titles = self.0.get(&[first, second, third]);
                (titles.cloned().unwrap_or_default(), true)
            }
            _ => (self.with_all(term), false),
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

fn trigrams(folded: &str) -> impl Iterator<Item = Trigram> {
    let bytes = folded.as_bytes();
    let end = match *bytes {
        [.., before, last] => [Some([before, last, 0]), Some([last, 0, 0])],
        [last] => [Some([last, 0, 0]), None],
        [] => [None, None],
    };
    windows(bytes).chain(end.into_iter().flatten())
}

/// The parts of the titles in some of the slots.
///
/// Each trigram gets a number at first sight, found through a table of all that there could be: 64 MiB of which few pages are ever
/// touched, for a moment. A tree or a hash table takes several times as long.
fn share_of(titles: &Titles, slots: Range<usize>) -> Vec<(Trigram, RoaringBitmap)> {
    let end = slots.end.min(titles.end() as usize);
    if slots.start >= end {
        return Vec::new();
    }
    let mut numbers = vec![0_u32; 1 << 24];
    let mut parts: Vec<(Trigram, RoaringBitmap)> = Vec::new();
    for slot in slots.start..end {
        let slot = Slot::try_from(slot).unwrap_or(Slot::MAX);
        let Some(record) = titles.get(slot) else {
            continue;
        };
        for trigram in trigrams(record.folded()) {
            let [first, second, third] = trigram;
            let place = u32::from_be_bytes([0, first, second, third]) as usize;
            if numbers[place] == 0 {
                parts.push((trigram, RoaringBitmap::new()));
                numbers[place] = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            }
            // One that stands twice in a name is there already.
            let _ = parts[numbers[place] as usize - 1].1.try_push(slot);
        }
    }
    parts
}
