//! The tracks of a title, merged in the order of sending.

use std::collections::VecDeque;

use super::unit::Unit;

/// How far the tracks may lie apart in a file until the others stop waiting for one, in
/// nanoseconds.
const WINDOW: i64 = 10_000_000_000;

/// How many packets may wait, whatever their times say: some hundred megabytes of film.
const MOST_PACKETS: usize = 300_000;

/// How many units of each track are waited for before the first one is given, so that the earliest
/// presentation time is known: more than a codec reorders.
const PRIMING: usize = 17;

/// Units of several tracks, each in the order of its own, on their way to a common one.
#[derive(Debug, Default)]
pub(super) struct Merge {
    lanes: Vec<Lane>,
    packets: usize,
    newest: i64,
}

#[derive(Debug, Default)]
struct Lane {
    units: VecDeque<Unit>,
    ended: bool,
}

impl Merge {
    /// Adds a track.
    pub(super) fn add(&mut self) {
        self.lanes.push(Lane::default());
    }

    /// Adds the next unit of a track; its time to send it at is known.
    pub(super) fn push(&mut self, lane: usize, unit: Unit) {
        self.packets += unit.len();
        self.newest = self.newest.max(time(&unit));
        self.lanes[lane].units.push_back(unit);
    }

    /// Says that a track has no more units.
    pub(super) fn end(&mut self, lane: usize) {
        self.lanes[lane].ended = true;
    }

    /// Whether enough has come to know where the title begins.
    pub(super) fn is_primed(&self) -> bool {
        self.is_full()
            || self
                .lanes
                .iter()
                .all(|lane| lane.ended || lane.units.len() >= PRIMING)
    }

    /// The earliest presentation time of all that waits.
    pub(super) fn earliest(&self) -> Option<i64> {
        self.lanes
            .iter()
            .flat_map(|lane| &lane.units)
            .map(|unit| unit.pts)
            .min()
    }

    /// Whether a track is over, or was before it began.
    pub(super) fn is_empty(&self, lane: usize) -> bool {
        self.lanes[lane].units.is_empty() && self.lanes[lane].ended
    }

    /// The next unit of all tracks and its track; `None` while one of them might still have an
    /// earlier one.
    pub(super) fn pop(&mut self) -> Option<(usize, Unit)> {
        let waits = self
            .lanes
            .iter()
            .any(|lane| lane.units.is_empty() && !lane.ended);
        if waits && !self.is_full() {
            return None;
        }
        let heads = self
            .lanes
            .iter()
            .enumerate()
            .filter_map(|(n, lane)| Some((time(lane.units.front()?), n)));
        let (_, lane) = heads.min()?;
        let unit = self.lanes[lane].units.pop_front()?;
        self.packets -= unit.len();
        Some((lane, unit))
    }

    /// Whether a track that has nothing is not waited for any longer.
    pub(super) fn is_full(&self) -> bool {
        let oldest = self
            .lanes
            .iter()
            .filter_map(|lane| lane.units.front())
            .map(time)
            .min();
        self.packets > MOST_PACKETS
            || oldest.is_some_and(|oldest| self.newest.saturating_sub(oldest) > WINDOW)
    }
}

fn time(unit: &Unit) -> i64 {
    unit.at.unwrap_or(unit.pts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn unit(at: i64) -> Unit {
        Unit::timed(at, Some(at))
    }

    fn merge(lanes: usize) -> Merge {
        let mut merge = Merge::default();
        (0..lanes).for_each(|_| merge.add());
        merge
    }

    fn drain(merge: &mut Merge) -> Vec<(usize, i64)> {
        std::iter::from_fn(|| merge.pop())
            .map(|(lane, unit)| (lane, unit.pts))
            .collect()
    }

    #[test]
    fn units_come_out_by_time_whatever_the_order_of_the_file() {
        let mut merge = merge(2);
        [0, 4, 8].into_iter().for_each(|at| merge.push(0, unit(at)));
        assert_eq!(drain(&mut merge), []);
        [1, 2, 9].into_iter().for_each(|at| merge.push(1, unit(at)));
        assert_eq!(drain(&mut merge), [(0, 0), (1, 1), (1, 2), (0, 4), (0, 8)]);
        merge.end(0);
        assert_eq!(drain(&mut merge), [(1, 9)]);
    }

    #[test]
    fn a_track_that_stays_away_does_not_hold_up_the_others_for_ever() {
        let mut merge = merge(2);
        for second in 0..=10 {
            merge.push(0, unit(second * SECOND));
        }
        assert_eq!(drain(&mut merge), []);
        merge.push(0, unit(11 * SECOND));
        assert_eq!(drain(&mut merge), [(0, 0)]);
        assert!(!merge.is_primed());
    }

    #[test]
    fn it_is_primed_when_each_track_has_begun_or_ended() {
        let mut merge = merge(2);
        (0..PRIMING as i64).for_each(|at| merge.push(0, unit(at)));
        assert!(!merge.is_primed());
        merge.end(1);
        assert!(merge.is_primed() && merge.is_empty(1));
        assert_eq!(merge.earliest(), Some(0));
    }
}
