//! MPEG-1 and MPEG-2 video (RFC 2250): packets that begin with a slice, or with the headers before
//! one, where a slice is not longer than a packet.
//!
//! GStreamer's own payloader gathers pictures that are short, gives them one time, and leaves the
//! header empty.

use std::ops::Range;

use gstreamer as gst;

use super::{LONGEST, Packetiser, Packets};

const PICTURE: u8 = 0x00;
const SLICES: std::ops::RangeInclusive<u8> = 0x01..=0xaf;
const SEQUENCE: u8 = 0xb3;

/// The kind of picture that others do not refer to (ISO/IEC 13818-2, table 6-12).
const B: u32 = 3;

/// The length of the header that is before each packet's video (RFC 2250, 3.4).
const HEADER: usize = 4;

const HAS_SEQUENCE: u32 = 1 << 13;
const BEGINS_SLICE: u32 = 1 << 12;
const ENDS_SLICE: u32 = 1 << 11;

pub(crate) struct MpegVideo;

impl Packetiser for MpegVideo {
    fn encoding(&self) -> &'static str {
        "MPV"
    }

    fn parameters(&self, _: &gst::CapsRef) -> Vec<(String, String)> {
        Vec::new()
    }

    fn is_bidirectional(&self, unit: &[u8]) -> Option<bool> {
        Some(picture(unit) >> 8 & 7 == B)
    }

    fn packets(&self, unit: &[u8], _: [u8; 4], packet: Packets<'_>) {
        // A frame may be two pictures, of its odd lines and of its even ones.
        let second = start_codes(unit)
            .filter(|(_, code)| *code == PICTURE)
            .nth(1)
            .map_or(unit.len(), |(at, _)| at);
        let (first, second) = unit.split_at(second);
        cut(first, second.is_empty(), packet);
        cut(second, true, packet);
    }
}

/// Hands on the packets of one picture, which is the last one of its frame or not.
fn cut(unit: &[u8], is_last: bool, packet: Packets<'_>) {
    let picture = picture(unit);
    let parts = parts(unit);
    let mut start = 0;
    let mut next = 0;
    while start < unit.len() {
        let room = start + LONGEST - HEADER;
        let begins = parts.get(next).is_some_and(|part| part.start == start);
        // As many whole slices as there is room for, or what there is room for of one. Nothing
        // follows in a packet on the rest of one.
        let most = if begins { usize::MAX } else { 1 };
        let whole = parts[next..]
            .iter()
            .take(most)
            .take_while(|part| part.end <= room)
            .count();
        let (end, ends) = match parts[next..].get(whole.wrapping_sub(1)) {
            Some(last) if whole > 0 => (last.end, true),
            _ => (room.min(unit.len()), false),
        };
        next += whole;
        let mut header = picture;
        if begins {
            header |= BEGINS_SLICE;
            header |= if has_sequence(&unit[start..end]) {
                HAS_SEQUENCE
            } else {
                0
            };
        }
        header |= if ends { ENDS_SLICE } else { 0 };
        packet(
            &[&header.to_be_bytes(), &unit[start..end]],
            is_last && end == unit.len(),
        );
        start = end;
    }
}

/// What the header says of the picture as a whole: its place in the order of presentation, its
/// type, and how far its motion vectors reach, all copied from the picture's own header.
fn picture(unit: &[u8]) -> u32 {
    let found = start_codes(unit).find(|(_, code)| *code == PICTURE);
    let Some([b0, b1, _, b3, b4, ..]) = found.map(|(at, _)| &unit[at + 4..]) else {
        return 0;
    };
    let reference = u32::from(*b0) << 2 | u32::from(*b1) >> 6;
    let kind = u32::from(*b1 >> 3 & 7);
    let forward = match kind {
        2 | B => u32::from(*b3 & 7) << 1 | u32::from(*b4 >> 7),
        _ => 0,
    };
    let backward = match kind {
        B => u32::from(*b4 >> 3 & 0xf),
        _ => 0,
    };
    reference << 16 | kind << 8 | backward << 4 | forward
}

/// The slices of a picture; the headers before the first one belong to it.
fn parts(unit: &[u8]) -> Vec<Range<usize>> {
    let slices = start_codes(unit).filter(|(_, code)| SLICES.contains(code));
    let mut starts: Vec<_> = slices.map(|(at, _)| at).collect();
    match starts.first_mut() {
        Some(first) => *first = 0,
        None => starts.push(0),
    }
    let ends = starts.iter().skip(1).copied().chain([unit.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| *start..end)
        .collect()
}

fn has_sequence(bytes: &[u8]) -> bool {
    start_codes(bytes)
        .take_while(|(_, code)| !SLICES.contains(code))
        .any(|(_, code)| code == SEQUENCE)
}

/// Places and values of the start codes (ISO/IEC 13818-2, 6.2.1).
fn start_codes(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    memchr::memmem::find_iter(bytes, &[0, 0, 1]).filter_map(|at| Some((at, *bytes.get(at + 3)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(number: u8, len: usize) -> Vec<u8> {
        [&[0, 0, 1, number], &vec![0x55; len][..]].concat()
    }

    /// Headers and payloads of a unit's packets, and their markers.
    fn packets(unit: &[u8]) -> Vec<(u32, Vec<u8>, bool)> {
        let mut packets = Vec::new();
        MpegVideo.packets(unit, [0; 4], &mut |parts, marker| {
            let payload = parts.concat();
            assert!(payload.len() <= LONGEST);
            let (header, rest) = payload.split_at(HEADER);
            let header = u32::from_be_bytes(header.try_into().expect("four bytes"));
            packets.push((header, rest.to_vec(), marker));
        });
        packets
    }

    #[test]
    fn slices_stay_whole_where_they_can_and_the_header_tells_of_the_picture() {
        // Picture 5 of its group, of kind B, with vectors forward (2) and backward (3).
        let header = [
            &[0, 0, 1, SEQUENCE, 9, 9, 0, 0, 1, PICTURE][..],
            &[1, 0b0101_1000, 0, 0b0000_0001, 0b0001_1000],
        ]
        .concat();
        let unit = [
            header,
            slice(1, 600),
            slice(2, 600),
            slice(3, 600),
            slice(4, 3_000),
        ]
        .concat();
        let packets = packets(&unit);
        let whole: Vec<u8> = packets.iter().flat_map(|packet| packet.1.clone()).collect();
        assert_eq!(whole, unit);
        let slices = (BEGINS_SLICE, ENDS_SLICE);
        let picture = 5 << 16 | 3 << 8 | 3 << 4 | 2;
        let expected = [
            HAS_SEQUENCE | slices.0 | slices.1,
            slices.0 | slices.1,
            slices.0,
            0,
            slices.1,
        ];
        let headers: Vec<_> = packets.iter().map(|packet| packet.0).collect();
        assert_eq!(headers, expected.map(|flags| picture | flags));
        let markers: Vec<_> = packets.iter().map(|packet| packet.2).collect();
        assert_eq!(markers, [false, false, false, false, true]);
    }

    #[test]
    fn what_follows_on_a_slice_that_is_cut_begins_a_packet_and_so_does_a_second_picture() {
        let head = [0, 0, 1, PICTURE, 0, 8, 0, 0, 0];
        let field = [&head[..], &slice(1, 2_000), &slice(2, 100)].concat();
        let packets = packets(&[field.clone(), field.clone()].concat());
        let begins: Vec<_> = packets
            .iter()
            .map(|packet| packet.0 & BEGINS_SLICE != 0)
            .collect();
        assert_eq!(begins, [true, false, true, true, false, true]);
        assert!(packets[2].1.starts_with(&[0, 0, 1, 2]) && packets[3].1.starts_with(&head));
        let markers = packets.iter().filter(|packet| packet.2).count();
        assert!(markers == 1 && packets[5].2);
    }

    #[test]
    fn what_is_no_picture_goes_out_too_and_ends() {
        assert_eq!(packets(&[]), []);
        for unit in [&[1][..], &[0, 0, 1], &[0, 0, 1, 0, 5], &[7; 10_000]] {
            let whole: Vec<u8> = packets(unit)
                .into_iter()
                .flat_map(|packet| packet.1)
                .collect();
            assert_eq!(whole, unit);
        }
    }
}
