//! When pictures are presented of which the container tells only when they are decoded.

use std::collections::VecDeque;

use super::unit::Unit;

/// How many pictures may stand between two that others refer to. More are a damaged film's.
const MOST_BETWEEN: usize = 32;

/// Gives each picture of one track its presentation time, where the container told none.
///
/// In MPEG-1, MPEG-2 and MPEG-4 a picture of kind B is presented when it is decoded, and one of
/// another kind when the next such picture is decoded: that is how they are ordered (ISO/IEC
/// 13818-2, 6.1.1.11). An AVI file counts from the first picture that is presented, all others from
/// the first that is decoded, which is one picture earlier.
#[derive(Debug, Default)]
pub(super) struct Presentation {
    /// Pictures whose time, or that of one before them, is not known yet: the first one waits.
    waiting: VecDeque<Unit>,
    /// Whether times are counted from the first picture that is presented.
    from_first_presented: bool,
}

impl Presentation {
    /// Of a container that tells no presentation times at all.
    pub(super) fn untold() -> Self {
        Self {
            from_first_presented: true,
            ..Self::default()
        }
    }

    /// Adds the next picture in decoding order.
    pub(super) fn push(&mut self, mut unit: Unit) {
        let decoded = unit.at.unwrap_or(unit.pts);
        let early = match self.from_first_presented {
            true => unit.duration,
            false => 0,
        };
        if unit.is_bidirectional {
            if !unit.is_told {
                unit.pts = decoded - early;
                unit.is_told = true;
            }
        } else {
            let between = self.waiting.len();
            if let Some(first) = self.waiting.front_mut() {
                // Without others between, nothing is presented in another order.
                if !self.from_first_presented || between > 1 {
                    first.pts = decoded - early;
                }
                first.is_told = true;
            }
            if unit.is_told && unit.at.is_some() {
                self.from_first_presented = unit.pts == decoded;
            }
        }
        self.waiting.push_back(unit);
    }

    /// The next picture whose time is known, in decoding order; with `ended`, all that are left.
    pub(super) fn pop(&mut self, ended: bool) -> Option<Unit> {
        let first = self.waiting.front()?;
        if !first.is_told && !ended && self.waiting.len() <= MOST_BETWEEN {
            return None;
        }
        let mut unit = self.waiting.pop_front()?;
        if !unit.is_told && !self.from_first_presented {
            unit.pts += unit.duration;
        }
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presentation times of pictures that are decoded one after the other, one each 10.
    fn times(mut presentation: Presentation, kinds: &str, told: &[(usize, i64)]) -> Vec<i64> {
        let mut times = Vec::new();
        for (n, kind) in kinds.chars().enumerate() {
            let decoded = n as i64 * 10;
            let pts = told.iter().find(|(at, _)| *at == n).map(|(_, pts)| *pts);
            let mut unit = Unit::timed(pts.unwrap_or(decoded), Some(decoded));
            unit.duration = 10;
            unit.is_bidirectional = kind == 'B';
            unit.is_told = pts.is_some();
            presentation.push(unit);
            let known = std::iter::from_fn(|| presentation.pop(false));
            times.extend(known.map(|unit| unit.pts));
        }
        times.extend(std::iter::from_fn(|| presentation.pop(true)).map(|unit| unit.pts));
        times
    }

    #[test]
    fn an_order_that_is_nowhere_told_is_restored() {
        let restored = times(Presentation::untold(), "IPBBPBBIPBB", &[]);
        assert_eq!(restored[..7], [0, 30, 10, 20, 60, 40, 50]);
        let plain = times(Presentation::untold(), "IPPPIPPP", &[]);
        assert_eq!(plain, [0, 10, 20, 30, 40, 50, 60, 70]);
    }

    #[test]
    fn times_that_are_told_now_and_then_are_kept_and_the_others_fit_between() {
        let restored = times(Presentation::default(), "IPBBPBBIBB", &[(0, 10), (7, 100)]);
        assert_eq!(restored, [10, 40, 20, 30, 70, 50, 60, 100, 80, 90]);
        let last = times(Presentation::default(), "IPBBP", &[(0, 10)]);
        assert_eq!(last, [10, 40, 20, 30, 50]);
    }

    #[test]
    fn without_reordering_pictures_are_presented_when_they_are_decoded() {
        let restored = times(Presentation::default(), "IPPPIPPP", &[(0, 0), (4, 40)]);
        assert_eq!(restored, [0, 10, 20, 30, 40, 50, 60, 70]);
    }

    #[test]
    fn nothing_waits_for_ever() {
        let kinds = format!("I{}", "B".repeat(500));
        assert_eq!(times(Presentation::default(), &kinds, &[]).len(), 501);
    }
}
