//! Times of a container as time stamps of RTP.

/// What a container may have lost by rounding its times, in nanoseconds: Matroska's are whole
/// milliseconds.
const ROUNDING: u64 = 1_100_000;

/// Turns the times of one track into time stamps.
///
/// Where all units of the codec have one length, times that a container rounded are set right
/// again: a unit that begins within the rounding of where the one before ended begins there. Each
/// is held against the container's time, so that no error adds up.
#[derive(Debug)]
pub(super) struct Ticks {
    rate: u64,
    unit: Option<u32>,
    next: Option<u64>,
}

impl Ticks {
    /// Time stamps of this clock rate in Hz, for units of this many of its ticks.
    pub(super) fn new(rate: u32, unit: Option<u32>) -> Self {
        Self {
            rate: rate.into(),
            unit,
            next: None,
        }
    }

    /// The time stamp of a unit that begins at this time in nanoseconds.
    pub(super) fn at(&mut self, time: u64) -> u64 {
        let told = scale(time, self.rate);
        let rounding = scale(ROUNDING, self.rate);
        let ticks = self
            .next
            .filter(|next| next.abs_diff(told) <= rounding)
            .unwrap_or(told);
        self.next = self.unit.map(|unit| ticks + u64::from(unit));
        ticks
    }
}

/// Nanoseconds in units of a clock rate, rounded to the nearest. No time of 64 bits is out of range
/// for a rate of 32.
fn scale(time: u64, rate: u64) -> u64 {
    const SECOND: u64 = 1_000_000_000;
    let rest = (u128::from(time % SECOND) * u128::from(rate) + u128::from(SECOND / 2))
        / u128::from(SECOND);
    (time / SECOND)
        .saturating_mul(rate)
        .saturating_add(rest as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_nanoseconds_become_exact_ticks() {
        let mut ticks = Ticks::new(48_000, None);
        for n in [0, 1, 2, 3, 1_000_000] {
            assert_eq!(ticks.at(n * 1_024 * 1_000_000_000 / 48_000), n * 1_024);
        }
        assert_eq!(
            Ticks::new(90_000, None).at(36_000_000_033_333_333),
            3_240_000_003_000
        );
    }

    #[test]
    fn times_rounded_to_milliseconds_are_set_right_and_do_not_drift() {
        let mut ticks = Ticks::new(44_100, Some(1_024));
        for n in 0..100_000_u64 {
            let exact = n * 1_024 * 1_000_000 / 44_100;
            let rounded = (exact + 500) / 1_000 * 1_000_000;
            assert_eq!(ticks.at(rounded), n * 1_024);
        }
    }

    #[test]
    fn a_gap_in_the_sound_stays_a_gap() {
        let mut ticks = Ticks::new(48_000, Some(1_024));
        assert_eq!(ticks.at(0), 0);
        assert_eq!(ticks.at(500_000_000), 24_000);
        assert_eq!(ticks.at(521_000_000), 25_024);
    }

    #[test]
    fn units_of_another_length_than_expected_keep_their_own_times() {
        let mut ticks = Ticks::new(48_000, Some(1_024));
        for n in 0..1_000 {
            let told = n * 960;
            assert!(ticks.at(n * 20_000_000).abs_diff(told) <= 53);
        }
    }
}
