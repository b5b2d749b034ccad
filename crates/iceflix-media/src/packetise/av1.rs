//! AV1 (RTP Payload Format For AV1, by the Alliance for Open Media): a temporal unit becomes
//! packets of OBU elements, which are OBUs without their lengths, or fragments of them.

use std::iter;

use gstreamer as gst;

use super::{LONGEST, Packetiser, Packets};

const SEQUENCE_HEADER: u8 = 1;

/// Temporal delimiters, tile lists and padding do not go out (section 5).
const LEFT_OUT: [u8; 3] = [2, 8, 15];

const HAS_EXTENSION: u8 = 1 << 2;
const HAS_SIZE: u8 = 1 << 1;

/// Bits of the aggregation header (section 4.4).
const CONTINUES: u8 = 1 << 7;
const TO_BE_CONTINUED: u8 = 1 << 6;
const NEW_SEQUENCE: u8 = 1 << 3;

/// The most elements of a packet of which the header tells the number, so that the last one needs
/// no length.
const MOST_ELEMENTS: usize = 3;

/// What a packet spends at most beside the elements: the aggregation header, and two lengths.
const OVERHEAD: usize = 1 + 2 * 2;

pub(crate) struct Av1;

impl Packetiser for Av1 {
    fn encoding(&self) -> &'static str {
        "AV1"
    }

    /// Profile, level and tier, as the container's description tells them (section 7.2.1).
    fn parameters(&self, caps: &gst::CapsRef) -> Vec<(String, String)> {
        let described = super::codec_data(caps);
        let Some([_, profile_level, tier, ..]) = described.as_deref() else {
            return Vec::new();
        };
        [
            ("profile", profile_level >> 5),
            ("level-idx", profile_level & 0x1f),
            ("tier", tier >> 7),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .into()
    }

    fn packets(&self, unit: &[u8], _: [u8; 4], packet: Packets<'_>) {
        let obus: Vec<_> = Obus(unit)
            .filter(|obu| !LEFT_OUT.contains(&obu.kind()))
            .collect();
        let begins_sequence = obus.iter().any(|obu| obu.kind() == SEQUENCE_HEADER);
        let mut position = Position::default();
        while position.obu < obus.len() {
            let first = position == Position::default();
            let (elements, next) = fill(&obus, position);
            let continues = position.byte > 0;
            let to_be_continued = next.byte > 0;
            let mut header = (elements.len() as u8) << 4;
            header |= if continues { CONTINUES } else { 0 };
            header |= if to_be_continued { TO_BE_CONTINUED } else { 0 };
            header |= if first && begins_sequence {
                NEW_SEQUENCE
            } else {
                0
            };
            put(header, &elements, next.obu == obus.len(), &mut *packet);
            position = next;
        }
    }
}

/// Where in a unit the next packet begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    obu: usize,
    /// In the OBU without its length.
    byte: usize,
}

/// A part of an OBU in a packet: what of its header falls into it, and what of its content.
struct Element<'a> {
    header: &'a [u8],
    content: &'a [u8],
}

impl Element<'_> {
    fn len(&self) -> usize {
        self.header.len() + self.content.len()
    }
}

/// As many elements from `start` on as a packet holds, and where the next one begins.
fn fill<'a>(obus: &'a [Obu<'_>], start: Position) -> (Vec<Element<'a>>, Position) {
    let mut elements = Vec::with_capacity(MOST_ELEMENTS);
    let mut room = LONGEST - OVERHEAD;
    let mut position = start;
    while elements.len() < MOST_ELEMENTS && room > 0 {
        let Some(obu) = obus.get(position.obu) else {
            break;
        };
        let end = obu.len().min(position.byte + room);
        let element = obu.part(position.byte, end);
        room -= element.len();
        elements.push(element);
        if end < obu.len() {
            position.byte = end;
            break;
        }
        position = Position {
            obu: position.obu + 1,
            byte: 0,
        };
    }
    (elements, position)
}

/// Hands on one packet.
fn put(header: u8, elements: &[Element<'_>], marker: bool, packet: Packets<'_>) {
    let last = elements.len().saturating_sub(1);
    // What is our own before each element: its length, but for the last one, and its OBU's header.
    let mut own: Vec<Vec<u8>> = Vec::with_capacity(elements.len());
    for (number, element) in elements.iter().enumerate() {
        let mut bytes = Vec::with_capacity(5);
        if number == 0 {
            bytes.push(header);
        }
        if number != last {
            leb128(element.len(), &mut bytes);
        }
        bytes.extend(element.header);
        own.push(bytes);
    }
    let parts: Vec<_> = own
        .iter()
        .zip(elements)
        .flat_map(|(own, element)| [own.as_slice(), element.content])
        .collect();
    packet(&parts, marker);
}

/// An OBU: its header without a length, and its content.
#[derive(Debug, PartialEq, Eq)]
struct Obu<'a> {
    header: [u8; 2],
    header_len: usize,
    content: &'a [u8],
}

impl<'a> Obu<'a> {
    fn kind(&self) -> u8 {
        self.header[0] >> 3 & 0xf
    }

    fn len(&self) -> usize {
        self.header_len + self.content.len()
    }

    fn part<'b>(&'b self, start: usize, end: usize) -> Element<'b> {
        let of = |position: usize| position.saturating_sub(self.header_len);
        Element {
            header: &self.header[start.min(self.header_len)..end.min(self.header_len)],
            content: &self.content[of(start)..of(end)],
        }
    }
}

/// The OBUs of a temporal unit (AV1 specification, 5.3); it ends where one is damaged.
struct Obus<'a>(&'a [u8]);

impl<'a> Iterator for Obus<'a> {
    type Item = Obu<'a>;

    fn next(&mut self) -> Option<Obu<'a>> {
        let (first, mut rest) = self.0.split_first()?;
        let mut header = [first & !HAS_SIZE, 0];
        let mut header_len = 1;
        if first & HAS_EXTENSION != 0 {
            (header[1], rest) = rest.split_first().map(|(byte, rest)| (*byte, rest))?;
            header_len = 2;
        }
        let (content, after) = match first & HAS_SIZE {
            0 => (rest, &[][..]),
            _ => {
                let (size, rest) = read_leb128(rest)?;
                rest.split_at_checked(size)?
            }
        };
        self.0 = after;
        Some(Obu {
            header,
            header_len,
            content,
        })
    }
}

/// Reads a number of a variable number of bytes (AV1 specification, 4.10.5).
fn read_leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let len = bytes.iter().take(8).position(|byte| byte & 0x80 == 0)? + 1;
    let (number, rest) = bytes.split_at(len);
    let number = number
        .iter()
        .rev()
        .fold(0_u64, |number, byte| number << 7 | u64::from(byte & 0x7f));
    Some((usize::try_from(number).ok()?, rest))
}

fn leb128(number: usize, out: &mut Vec<u8>) {
    let groups = iter::successors(Some(number), |number| Some(number >> 7).filter(|n| *n > 0));
    let from = out.len();
    out.extend(groups.map(|group| (group & 0x7f) as u8 | 0x80));
    if let Some(last) = out[from..].last_mut() {
        *last &= 0x7f;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aggregation header, length and marker of a packet.
    type Seen = (u8, usize, bool);

    /// What a receiver puts together again of the packets of a unit: OBUs without lengths.
    fn received(unit: &[u8]) -> (Vec<Vec<u8>>, Vec<Seen>) {
        let (mut obus, mut packets) = (Vec::<Vec<u8>>::new(), Vec::new());
        let mut open = false;
        Av1.packets(unit, [0; 4], &mut |parts, marker| {
            let payload = parts.concat();
            packets.push((payload[0], payload.len(), marker));
            let count = usize::from(payload[0] >> 4 & 3);
            let mut rest = &payload[1..];
            for number in 0..count {
                let element = if number + 1 == count {
                    std::mem::take(&mut rest)
                } else {
                    let (len, after) = read_leb128(rest).expect("a length");
                    let (element, after) = after.split_at(len);
                    rest = after;
                    element
                };
                if number == 0 && payload[0] & CONTINUES != 0 {
                    assert!(open, "what goes on was begun");
                    obus.last_mut().expect("begun").extend(element);
                } else {
                    obus.push(element.to_vec());
                }
            }
            open = payload[0] & TO_BE_CONTINUED != 0;
        });
        assert!(!open, "what was begun is ended");
        (obus, packets)
    }

    fn obu(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind << 3 | HAS_SIZE];
        leb128(content.len(), &mut bytes);
        bytes.extend(content);
        bytes
    }

    fn bare(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind << 3], content].concat()
    }

    #[test]
    fn a_unit_arrives_without_its_delimiter_and_its_lengths() {
        let picture = vec![7; 5_000];
        let unit = [obu(2, &[]), obu(1, &[1, 2, 3]), obu(6, &picture)].concat();
        let (obus, packets) = received(&unit);
        assert_eq!(obus, [bare(1, &[1, 2, 3]), bare(6, &picture)]);
        let new: Vec<_> = packets
            .iter()
            .map(|packet| packet.0 & NEW_SEQUENCE != 0)
            .collect();
        assert_eq!(new, [true, false, false, false]);
        let markers: Vec<_> = packets.iter().map(|packet| packet.2).collect();
        assert_eq!(markers, [false, false, false, true]);
        assert!(packets.iter().all(|packet| packet.1 <= LONGEST));
    }

    #[test]
    fn units_of_every_length_and_number_of_obus_arrive() {
        for count in 1..6 {
            for len in (1..60).chain(1_300..1_450).chain(2_700..2_800) {
                let contents: Vec<_> = (0..count).map(|n| vec![n as u8; len]).collect();
                let unit: Vec<_> = contents
                    .iter()
                    .flat_map(|content| obu(6, content))
                    .collect();
                let expected: Vec<_> = contents.iter().map(|content| bare(6, content)).collect();
                let (obus, packets) = received(&unit);
                assert!(obus == expected, "{count} of {len} bytes");
                assert!(packets.iter().all(|packet| packet.1 <= LONGEST));
            }
        }
    }

    #[test]
    fn the_extension_stays_and_the_last_one_needs_no_length() {
        let unit = [&[6 << 3 | HAS_EXTENSION, 0x28, 9, 9][..]].concat();
        assert_eq!(received(&unit).0, [unit]);
    }

    #[test]
    fn damaged_units_end_where_they_are_damaged() {
        for unit in [
            &[][..],
            &[0x32],
            &[0x36],
            &[0x32, 5, 1],
            &[0x32, 255, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert_eq!(received(unit).0, Vec::<Vec<u8>>::new(), "{unit:?}");
        }
    }
}
