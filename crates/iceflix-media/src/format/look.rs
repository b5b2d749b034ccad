//! What a demultiplexer does not say of a track, found in the first of it.

use gstreamer as gst;

/// Said of pictures that RTP can carry.
pub(super) const SENDABLE: &str = "iceflix-sendable";

/// Whether the first of a track has to be seen before it is known how to serve it.
pub(crate) fn must_be_seen(caps: &gst::CapsRef) -> bool {
    caps.structure(0)
        .is_some_and(|track| match track.name().as_str() {
            "image/jpeg" => true,
            // Of the kinds that a disc knows, the demultiplexer guesses.
            "audio/x-eac3" => !track.has_field("framed"),
            _ => false,
        })
}

/// What a track holds, whose first access unit is `unit` and of which the demultiplexer says
/// `caps`.
pub(crate) fn seen(caps: &gst::Caps, unit: &gst::BufferRef) -> gst::Caps {
    let mut caps = caps.clone();
    let Ok(bytes) = unit.map_readable() else {
        return caps;
    };
    if let Some(track) = caps.make_mut().structure_mut(0) {
        match track.name().as_str() {
            "image/jpeg" => track.set(SENDABLE, is_sendable_jpeg(&bytes)),
            "audio/x-eac3" if is_ac3(&bytes) => track.set_name("audio/x-ac3"),
            _ => (),
        }
    }
    caps
}

/// Whether this is AC-3 (ETSI TS 102 366, 4.4.2.1: the version is 8 or less, and up to 10 for
/// variants of it; that of E-AC-3 is 16).
fn is_ac3(bytes: &[u8]) -> bool {
    matches!(bytes, [0x0b, 0x77, _, _, _, version, ..] if version >> 3 <= 10)
}

/// The Huffman tables that receivers assume (ITU-T T.81, K.3), of which RTP carries none: class and
/// number, how many codes of each length, and what they stand for.
const TABLES: [&str; 4] = [
    "0000010501010101010100000000000000000102030405060708090a0b",
    "0100030101010101010101010000000000000102030405060708090a0b",
    "100002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
    "1100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
];

/// The largest width and height that the payload format tells (RFC 2435, 3.1.5), in pixels.
const LARGEST: u16 = 2_040;

const TABLE_OF_CODES: u8 = 0xc4;
const BASELINE: u8 = 0xc0;
const OTHER_FRAMES: [u8; 11] = [
    0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
];
const SCAN: u8 = 0xda;

/// Whether the payload format for JPEG can carry a picture (RFC 2435, 3): baseline, of the usual
/// sampling, and with the usual Huffman tables.
fn is_sendable_jpeg(picture: &[u8]) -> bool {
    let Some(mut rest) = picture.strip_prefix(&[0xff, 0xd8]) else {
        return false;
    };
    let mut is_sendable = false;
    while let [0xff, marker, high, low, after @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(2);
        let Some((segment, behind)) = after.split_at_checked(len) else {
            return false;
        };
        match *marker {
            SCAN => return is_sendable,
            BASELINE => is_sendable = is_usual_frame(segment),
            TABLE_OF_CODES if !are_usual(segment) => return false,
            other if OTHER_FRAMES.contains(&other) => return false,
            _ => (),
        }
        rest = behind;
    }
    false
}

/// Eight bits a sample, three components, of which the colours have half the width, and half the
/// height or all of it.
fn is_usual_frame(segment: &[u8]) -> bool {
    let [8, h0, h1, w0, w1, 3, _, light, _, _, 0x11, _, _, 0x11, _] = *segment else {
        return false;
    };
    let (height, width) = (u16::from_be_bytes([h0, h1]), u16::from_be_bytes([w0, w1]));
    matches!(light, 0x21 | 0x22) && height <= LARGEST && width <= LARGEST
}

fn are_usual(mut segment: &[u8]) -> bool {
    while let Some(counts) = segment.get(1..17) {
        let len = 17
            + counts
                .iter()
                .map(|count| usize::from(*count))
                .sum::<usize>();
        let Some((table, rest)) = segment.split_at_checked(len) else {
            return false;
        };
        if !TABLES.contains(&hex::encode(table).as_str()) {
            return false;
        }
        segment = rest;
    }
    segment.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of no content, with these segments before its scan.
    fn picture(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        for (marker, content) in segments.iter().chain([&(SCAN, vec![0; 10])]) {
            bytes.extend([0xff, *marker, 0, content.len() as u8 + 2]);
            bytes.extend(content);
        }
        bytes
    }

    fn frame(width: u8, sampling: u8) -> Vec<u8> {
        vec![
            8, 0, 144, width, 0, 3, 1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1,
        ]
    }

    #[test]
    fn pictures_that_the_payload_format_cannot_carry_are_told() {
        let usual = (BASELINE, frame(1, 0x22));
        let tables = (TABLE_OF_CODES, hex::decode(TABLES[3]).expect("hex"));
        assert!(is_sendable_jpeg(&picture(std::slice::from_ref(&usual))));
        assert!(is_sendable_jpeg(&picture(&[tables.clone(), usual.clone()])));
        let mut others = tables;
        others.1[20] ^= 1;
        for segments in [
            vec![],
            vec![others, usual],
            vec![(BASELINE, frame(1, 0x11))],
            vec![(BASELINE, frame(8, 0x22))],
            vec![(0xc2, frame(1, 0x22))],
        ] {
            assert!(!is_sendable_jpeg(&picture(&segments)), "{segments:?}");
        }
        for cut in 0..picture(&[(BASELINE, frame(1, 0x22))]).len() - 10 {
            is_sendable_jpeg(&picture(&[(BASELINE, frame(1, 0x22))])[..cut]);
        }
    }

    #[test]
    fn ac3_is_told_from_its_successor() {
        assert!(is_ac3(&[0x0b, 0x77, 1, 2, 3, 8 << 3 | 1]));
        assert!(!is_ac3(&[0x0b, 0x77, 1, 2, 3, 16 << 3]));
        assert!(!is_ac3(&[0x0b, 0x77]));
    }
}
