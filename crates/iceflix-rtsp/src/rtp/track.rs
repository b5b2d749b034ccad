//! One outgoing RTP stream: a track on its way to one viewer.

use std::time::Duration;

use crate::random;

/// The length of an RTP header without contributing sources, in bytes (RFC 3550, section 5.1).
pub(crate) const HEADER: usize = 12;

/// What a session adds to the packets of one track of the index: identity, numbers, and counts for
/// the sender reports.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// The synchronisation source, told in the answer to SETUP.
    pub(crate) ssrc: u32,
    payload_type: u8,
    clock_rate: u32,
    /// The sequence number of the next packet.
    sequence: u16,
    /// The random offset of the time stamps.
    base: u32,
    /// How far the session's own time is ahead of the film's, in ticks.
    shift: i64,
    /// The highest time stamp sent, in ticks of the film.
    highest: Option<u64>,
    packets: u32,
    octets: u32,
}

impl Outgoing {
    /// A stream that has sent nothing yet. The three numbers are to be random (RFC 3550, section
    /// 5.1).
    pub(crate) fn new(
        payload_type: u8,
        clock_rate: u32,
        ssrc: u32,
        sequence: u16,
        base: u32,
    ) -> Self {
        Self {
            ssrc,
            payload_type,
            clock_rate,
            sequence,
            base,
            shift: 0,
            highest: None,
            packets: 0,
            octets: 0,
        }
    }

    /// A stream that has sent nothing yet, with random numbers.
    pub(crate) fn random(payload_type: u8, clock_rate: u32) -> Self {
        let [a, b, c, d, e, f, g, h, i, j] = random::bytes();
        let (ssrc, base) = (
            u32::from_be_bytes([a, b, c, d]),
            u32::from_be_bytes([e, f, g, h]),
        );
        Self::new(
            payload_type,
            clock_rate,
            ssrc,
            u16::from_be_bytes([i, j]),
            base,
        )
    }

    /// Writes the header of the next packet, and counts it with its payload of `payload` bytes.
    pub(crate) fn header(&mut self, timestamp: u64, marker: bool, payload: usize) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[0] = 2 << 6;
        header[1] = u8::from(marker) << 7 | self.payload_type;
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        header[4..8].copy_from_slice(&self.on_wire(timestamp).to_be_bytes());
        header[8..].copy_from_slice(&self.ssrc.to_be_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        self.highest = self.highest.max(Some(timestamp));
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload as u32);
        header
    }

    /// The last packets were not sent after all: their numbers are those of the next ones.
    pub(crate) fn take_back(&mut self, packets: u16, octets: u32) {
        self.sequence = self.sequence.wrapping_sub(packets);
        self.packets = self.packets.wrapping_sub(u32::from(packets));
        self.octets = self.octets.wrapping_sub(octets);
    }

    /// The sequence number of the next packet.
    pub(crate) fn next_sequence(&self) -> u16 {
        self.sequence
    }

    /// The RTP time of a moment of the film.
    pub(crate) fn rtp_time(&self, film: Duration) -> u32 {
        self.on_wire(ticks(film, self.clock_rate))
    }

    /// From here on the session's time is `shift` microseconds ahead of the film's.
    pub(crate) fn shift_to(&mut self, shift: i64) {
        let ticks = i128::from(shift) * i128::from(self.clock_rate);
        self.shift = (ticks / 1_000_000) as i64;
        self.highest = None;
    }

    /// The latest moment of the film that was sent since the last shift.
    pub(crate) fn latest(&self) -> Option<Duration> {
        let highest = u128::from(self.highest?);
        let micros = highest * 1_000_000 / u128::from(self.clock_rate);
        Some(Duration::from_micros(
            u64::try_from(micros).unwrap_or(u64::MAX),
        ))
    }

    /// Packets and payload bytes sent, as sender reports count them: modulo 2^32.
    pub(crate) fn counts(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    fn on_wire(&self, timestamp: u64) -> u32 {
        // Time stamps are modulo 2^32 on the wire, so cutting off the upper half is what is wanted.
        self.base
            .wrapping_add(self.shift as u32)
            .wrapping_add(timestamp as u32)
    }
}

/// A moment in ticks of a clock, rounded to the nearest one: the index keeps moments in
/// microseconds, cut off, and a keyframe's moment must give the very time stamp of its packets
/// again.
fn ticks(moment: Duration, clock_rate: u32) -> u64 {
    let ticks = (moment.as_micros() * u128::from(clock_rate) + 500_000) / 1_000_000;
    ticks as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_what_rfc_3550_draws() {
        let mut track = Outgoing::new(96, 90_000, 0x0102_0304, 0xffff, 0xffff_fff0);
        assert_eq!(
            track.header(0x20, true, 100),
            [0x80, 0xe0, 0xff, 0xff, 0, 0, 0, 0x10, 1, 2, 3, 4]
        );
        assert_eq!(track.header(0x21, false, 5)[..4], [0x80, 0x60, 0, 0]);
        assert_eq!(track.counts(), (2, 105));
    }

    proptest! {
        #[test]
        fn the_moment_of_a_keyframe_gives_its_time_stamp_again(timestamp in 0..1u64 << 40, rate in prop::sample::select(vec![8_000u32, 44_100, 48_000, 90_000])) {
            let moment = Duration::from_micros((u128::from(timestamp) * 1_000_000 / u128::from(rate)) as u64);
            prop_assert_eq!(ticks(moment, rate), timestamp);
        }

        #[test]
        fn numbers_go_on_across_a_shift(before in 0..1u64 << 40, shift in -1i64 << 40..1i64 << 40) {
            let mut track = Outgoing::new(96, 90_000, 1, 7, 9);
            track.header(before, true, 1);
            track.shift_to(shift);
            prop_assert_eq!(track.next_sequence(), 8);
            let moved = i128::from(shift) * 90_000 / 1_000_000;
            let wanted = (i128::from(before) + moved + 9).rem_euclid(1 << 32) as u32;
            prop_assert_eq!(u32::from_be_bytes(track.header(before, true, 1)[4..8].try_into().expect("four")), wanted);
        }
    }
}
