//! Compound packets of a sender: each begins with a report and names its source (RFC 3550, section
//! 6.1).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::rtp::Outgoing;

const SENDER_REPORT: u8 = 200;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// Seconds from the epoch of NTP (1900) to that of Unix (1970): 70 years with 17 leap days.
const NTP_TO_UNIX: u64 = (70 * 365 + 17) * 86_400;

/// A moment on the wall clock, as NTP writes it: seconds since 1900 in the upper half, fractions in
/// the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NtpTime(u64);

impl NtpTime {
    /// The moment `since_start` after `start`. Seconds wrap in 2036, as the protocol has it.
    pub(crate) fn new(start: SystemTime, since_start: Duration) -> Self {
        let unix = start.duration_since(UNIX_EPOCH).unwrap_or_default() + since_start;
        let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
        Self((unix.as_secs() + NTP_TO_UNIX) << 32 | fraction)
    }
}

/// Writes a sender report with the source's name: at `now`, the track's RTP time was `rtp_time`.
pub(crate) fn report(to: &mut Vec<u8>, track: &Outgoing, now: NtpTime, rtp_time: u32, name: &str) {
    let (packets, octets) = track.counts();
    head(to, 0, SENDER_REPORT, 6);
    to.extend_from_slice(&track.ssrc.to_be_bytes());
    to.extend_from_slice(&now.0.to_be_bytes());
    for number in [rtp_time, packets, octets] {
        to.extend_from_slice(&number.to_be_bytes());
    }
    describe(to, track.ssrc, name);
}

/// Writes the last packet of a source: a report, and the goodbye.
pub(crate) fn bye(to: &mut Vec<u8>, track: &Outgoing, now: NtpTime, rtp_time: u32, name: &str) {
    report(to, track, now, rtp_time, name);
    head(to, 1, GOODBYE, 1);
    to.extend_from_slice(&track.ssrc.to_be_bytes());
}

/// A source description with the one item that is mandatory, CNAME: tracks of one name belong
/// together and are played in step.
fn describe(to: &mut Vec<u8>, ssrc: u32, name: &str) {
    const CNAME: u8 = 1;
    let name = &name.as_bytes()[..name.len().min(255)];
    // SSRC, type, length, text, and one to four zero bytes up to a multiple of four.
    let words = 1 + (2 + name.len()) / 4 + 1;
    head(to, 1, SOURCE_DESCRIPTION, words as u16);
    let end = to.len() + words * 4;
    to.extend_from_slice(&ssrc.to_be_bytes());
    to.extend_from_slice(&[CNAME, name.len() as u8]);
    to.extend_from_slice(name);
    to.resize(end, 0);
}

/// The common head: version 2, no padding, a count, the type, and the length in words without the
/// head.
fn head(to: &mut Vec<u8>, count: u8, kind: u8, words: u16) {
    to.extend_from_slice(&[2 << 6 | count, kind]);
    to.extend_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::is_from_receiver;

    fn track() -> Outgoing {
        let mut track = Outgoing::new(96, 90_000, 0x0a0b_0c0d, 1, 0);
        track.header(0, false, 1_000);
        track
    }

    #[test]
    fn a_report_is_what_rfc_3550_draws() {
        let mut bytes = Vec::new();
        let noon = NtpTime::new(UNIX_EPOCH + Duration::from_millis(1_500), Duration::ZERO);
        report(&mut bytes, &track(), noon, 0x1122_3344, "ice");
        let wanted = [
            0x80, 200, 0, 6, 0x0a, 0x0b, 0x0c, 0x0d, 0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0, 0x11,
            0x22, 0x33, 0x44, 0, 0, 0, 1, 0, 0, 3, 0xe8, 0x81, 202, 0, 3, 0x0a, 0x0b, 0x0c, 0x0d,
            1, 3, b'i', b'c', b'e', 0, 0, 0,
        ];
        assert_eq!(bytes, wanted);
    }

    #[test]
    fn every_packet_of_a_compound_tells_its_own_length() {
        for name in ["", "a", "ab", "abc", "abcd", "iceflix-0123456789abcdef"] {
            let mut bytes = Vec::new();
            bye(&mut bytes, &track(), NtpTime(0), 0, name);
            let mut kinds = Vec::new();
            let mut rest = bytes.as_slice();
            while let [_, kind, high, low, ..] = *rest {
                kinds.push(kind);
                rest = &rest[4 + 4 * usize::from(u16::from_be_bytes([high, low]))..];
            }
            assert_eq!((kinds, rest.len()), (vec![200, 202, 203], 0), "{name:?}");
            assert!(is_from_receiver(&bytes), "a sender may be a receiver, too");
        }
    }
}
