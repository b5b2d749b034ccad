//! Inputs made of other inputs, in the ways of libFuzzer.

use fastrand::Rng;

/// So long an input may grow.
const LONGEST: usize = 4096;
/// Numbers that lie about lengths.
const LIES: [&[u8]; 8] = [
    &[0],
    &[254],
    &[255],
    &[255, 255, 0, 0, 0],
    &[255, 255, 255, 255, 127],
    &[255, 255, 255, 255, 255],
    &[255, 255, 255, 255],
    &[0, 0, 0, 128],
];

pub(crate) struct Mutator<'a> {
    random: Rng,
    seeds: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub(crate) fn new(seed: u64, seeds: &'a [Vec<u8>]) -> Self {
        Self {
            random: Rng::with_seed(seed),
            seeds,
        }
    }

    /// A seed after some changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed().to_vec();
        for _ in 0..self.random.usize(1..=6) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn seed(&mut self) -> &'a [u8] {
        &self.seeds[self.random.usize(..self.seeds.len())]
    }

    fn place(&mut self, input: &[u8]) -> usize {
        self.random.usize(..=input.len())
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.place(input);
        match self.random.usize(..8) {
            0 if at < input.len() => input[at] ^= 1 << self.random.usize(..8),
            1 if at < input.len() => input[at] = self.random.u8(..),
            2 => input.insert(at, self.random.u8(..)),
            3 => input.truncate(at),
            4 => {
                let end = self.place(input);
                input.drain(at.min(end)..at.max(end));
            }
            5 => {
                let lie = LIES[self.random.usize(..LIES.len())];
                let end = (at + lie.len()).min(input.len());
                input.splice(at..end, lie.iter().copied());
            }
            6 => {
                let other = self.seed();
                let from = self.random.usize(..=other.len());
                input.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let end = self.place(input);
                let copy = input[at.min(end)..at.max(end)].to_vec();
                input.splice(at..at, copy);
            }
        }
    }
}
