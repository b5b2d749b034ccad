//! When to send what is presented in another order than it is decoded in.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::unit::Unit;

/// No picture needs to be sent longer than this before it is presented, in nanoseconds. A longer
/// distance is a jump in the time of a damaged file.
const LONGEST_DELAY: i64 = 1_000_000_000;

/// Gives each unit of one track its time to be sent.
///
/// Where the container tells decoding times, these are it. Where it does not (Matroska never does),
/// they are restored: the presentation times in rising order are the decoding times but for a
/// constant delay, and that is the longest time that a unit is decoded before its place in that
/// order. To know a unit's place takes a lookahead of as many units as the codec may reorder.
#[derive(Debug)]
pub(super) struct Order {
    lookahead: usize,
    waiting: VecDeque<Unit>,
    times: BinaryHeap<Reverse<i64>>,
    /// `None` until the first unit needs it.
    delay: Option<i64>,
}

impl Order {
    /// An order of units of which at most `lookahead` come before one that is presented earlier.
    pub(super) fn new(lookahead: usize) -> Self {
        Self {
            lookahead,
            waiting: VecDeque::new(),
            times: BinaryHeap::new(),
            delay: None,
        }
    }

    /// Adds the next unit in decoding order.
    pub(super) fn push(&mut self, unit: Unit) {
        self.times.push(Reverse(unit.pts));
        self.waiting.push_back(unit);
    }

    /// The next unit that has its time, in decoding order; with `ended`, all that are left.
    pub(super) fn pop(&mut self, ended: bool) -> Option<Unit> {
        let known = self.waiting.front()?.at.is_some();
        if !known && !ended && self.waiting.len() <= self.lookahead {
            return None;
        }
        let delay = self.delay.unwrap_or_else(|| self.first_delay());
        let mut unit = self.waiting.pop_front()?;
        let Reverse(place) = self.times.pop()?;
        let delay = delay.max(place - unit.pts).min(LONGEST_DELAY);
        self.delay = Some(delay);
        let at = unit.at.unwrap_or(place - delay);
        unit.at = Some(at.min(unit.pts));
        Some(unit)
    }

    /// The delay as far as the units tell that wait already. Of the later half of them the place is
    /// not certain yet.
    fn first_delay(&self) -> i64 {
        let mut places: Vec<_> = self.waiting.iter().map(|unit| unit.pts).collect();
        places.sort_unstable();
        let certain = self.waiting.iter().take(self.waiting.len().div_ceil(2));
        certain
            .zip(places)
            .map(|(unit, place)| place - unit.pts)
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(lookahead: usize, units: impl IntoIterator<Item = (i64, Option<i64>)>) -> Vec<i64> {
        let mut order = Order::new(lookahead);
        let mut times = Vec::new();
        for (pts, at) in units {
            order.push(Unit::timed(pts, at));
            times.extend(std::iter::from_fn(|| order.pop(false)).filter_map(|unit| unit.at));
        }
        times.extend(std::iter::from_fn(|| order.pop(true)).filter_map(|unit| unit.at));
        times
    }

    #[test]
    fn without_reordering_units_are_sent_when_they_are_presented() {
        assert_eq!(
            times(16, (0..40).map(|n| (n * 33, None))),
            (0..40).map(|n| n * 33).collect::<Vec<_>>()
        );
        assert_eq!(times(0, (0..4).map(|n| (n * 21, None))), [0, 21, 42, 63]);
    }

    #[test]
    fn decoding_times_are_restored_from_reordered_presentation_times() {
        let pictures = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8].map(|n| n * 40);
        let expected = [-40, 0, 40, 80, 120, 160, 200, 240, 280, 320];
        assert_eq!(times(4, pictures.map(|pts| (pts, None))), expected);
    }

    #[test]
    fn nothing_is_sent_after_it_is_presented() {
        let pictures = [0, 8, 4, 2, 1, 3, 6, 5, 7, 16, 12, 10, 9, 11, 14, 13, 15];
        let sent = times(16, pictures.map(|pts| (pts * 40, None)));
        assert!(
            sent.iter()
                .zip(pictures)
                .all(|(sent, pts)| *sent <= pts * 40),
            "{sent:?}"
        );
        assert!(sent.is_sorted());
    }

    #[test]
    fn decoding_times_of_the_container_are_kept_but_never_after_the_presentation() {
        assert_eq!(
            times(
                16,
                [
                    (0, Some(-80)),
                    (120, Some(-40)),
                    (40, Some(0)),
                    (60, Some(70))
                ]
            ),
            [-80, -40, 0, 60]
        );
    }
}
