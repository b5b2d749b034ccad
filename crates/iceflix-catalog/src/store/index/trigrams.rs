//! The trigrams of very many names at once.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::parts::{Trigram, trigrams};
use super::titles::{Slot, Titles};

/// Titles of one container of a bitmap. They are taken together, and two threads never fill the same.
const CONTAINER: usize = 1 << 16;

/// For each trigram the titles in whose names it is, as several lists of which each goes on where the one before ends. On as many
/// threads as there are processors.
pub(super) fn of_all(titles: &Titles) -> Vec<Vec<(Trigram, RoaringBitmap)>> {
    let alphabet = Alphabet::of(titles);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let end = titles.end() as usize;
    let share = end.div_ceil(CONTAINER).div_ceil(processors).max(1) * CONTAINER;
    let ranges = (0..end)
        .step_by(share)
        .map(|start| start..end.min(start + share));
    std::thread::scope(|scope| {
        let started: Vec<_> = ranges
            .map(|slots| scope.spawn(|| Share::of(titles, &alphabet, slots)))
            .collect();
        let ended = started.into_iter().map(|share| share.join());
        ended
            .map(|share| share.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// The bytes that occur in names, numbered, so that all trigrams that there could be fit into a small table. A tree or a hash
/// table takes several times as long.
struct Alphabet {
    numbers: [usize; 256],
    length: usize,
}

impl Alphabet {
    fn of(titles: &Titles) -> Self {
        let mut occurs = [false; 256];
        // What stands behind the end of a name.
        occurs[0] = true;
        for slot in 0..titles.end() {
            for byte in titles.folded(slot).bytes() {
                occurs[usize::from(byte)] = true;
            }
        }
        let mut alphabet = Self {
            numbers: [0; 256],
            length: 0,
        };
        for (number, _) in alphabet
            .numbers
            .iter_mut()
            .zip(occurs)
            .filter(|(_, occurs)| *occurs)
        {
            *number = alphabet.length;
            alphabet.length += 1;
        }
        alphabet
    }

    fn place(&self, [first, second, third]: Trigram) -> usize {
        let number = |byte| self.numbers[usize::from(byte)];
        (number(first) * self.length + number(second)) * self.length + number(third)
    }

    fn places(&self) -> usize {
        self.length.pow(3)
    }
}

/// The trigrams of some of the titles.
struct Share {
    /// By place in the alphabet, one more than where it stands in `found`; 0 where it has not been found yet.
    numbers: Vec<u32>,
    found: Vec<(Trigram, RoaringBitmap)>,
    /// How often each of these is in the names of one container.
    counts: Vec<usize>,
    /// Which ones they are, name after name, each beside its title.
    occurrences: Vec<(u32, Slot)>,
    /// The same titles, trigram after trigram.
    sorted: Vec<Slot>,
}

impl Share {
    fn of(
        titles: &Titles,
        alphabet: &Alphabet,
        slots: Range<usize>,
    ) -> Vec<(Trigram, RoaringBitmap)> {
        let mut share = Self {
            numbers: vec![0; alphabet.places()],
            found: Vec::new(),
            counts: Vec::new(),
            occurrences: Vec::new(),
            sorted: Vec::new(),
        };
        for start in slots.clone().step_by(CONTAINER) {
            for slot in start..slots.end.min(start + CONTAINER) {
                share.read(titles, alphabet, slot as Slot);
            }
            share.enter();
        }
        share.found
    }

    fn read(&mut self, titles: &Titles, alphabet: &Alphabet, slot: Slot) {
        for trigram in trigrams(titles.folded(slot)) {
            let number = &mut self.numbers[alphabet.place(trigram)];
            if *number == 0 {
                self.found.push((trigram, RoaringBitmap::new()));
                self.counts.push(0);
                *number = self.found.len() as u32;
            }
            self.counts[*number as usize - 1] += 1;
            self.occurrences.push((*number - 1, slot));
        }
    }

    /// Enters what was read. Sorted by trigram first: to go from one bitmap to another for each letter takes many times as long.
    fn enter(&mut self) {
        let mut end = 0;
        let mut next: Vec<_> = self
            .counts
            .iter()
            .map(|count| {
                end += count;
                end - count
            })
            .collect();
        self.sorted.resize(end, 0);
        for (number, slot) in self.occurrences.drain(..) {
            let place = &mut next[number as usize];
            self.sorted[*place] = slot;
            *place += 1;
        }
        let mut start = 0;
        for ((_, titles), end) in self.found.iter_mut().zip(next) {
            let mut last = None;
            // A trigram may be in a name twice.
            let slots = self.sorted[start..end].iter().copied();
            let slots = slots.filter(|slot| last.replace(*slot) != Some(*slot));
            // Containers come in their order, and titles in theirs.
            let _ = titles.append(slots);
            start = end;
        }
        self.counts.fill(0);
    }
}
