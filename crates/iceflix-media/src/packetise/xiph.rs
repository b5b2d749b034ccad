//! Vorbis and Theora (RFC 5215; Theora likewise, in a draft that all receivers follow): one frame a
//! packet, or fragments of one.
//!
//! GStreamer's own payloader gathers frames, and loses the last ones of a film.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use gstreamer as gst;
use sha2::{Digest, Sha256};

use super::{LONGEST, Packetiser, Packets, VIDEO_CLOCK};

/// The length of what is before each frame, in bytes: what tells the headers, what it is, how long.
const HEADER: usize = 6;

/// How many headers there are: of the codec, comments, and what the decoder is set up with.
const HEADERS: usize = 3;

/// The length of what each header begins with, in bytes: its kind, and the name of the codec.
const NAME: usize = 7;

/// What a packet holds (RFC 5215, 2.2): the whole of one frame, or which part of one.
const WHOLE: u8 = 1;
const FIRST: u8 = 1 << 6;
const MIDDLE: u8 = 2 << 6;
const LAST: u8 = 3 << 6;

pub(crate) enum Xiph {
    Vorbis,
    Theora,
}

impl Packetiser for Xiph {
    fn encoding(&self) -> &'static str {
        match self {
            Self::Vorbis => "VORBIS",
            Self::Theora => "THEORA",
        }
    }

    fn clock_rate(&self, caps: &gst::CapsRef) -> Option<u32> {
        match self {
            // Without its headers nobody can decode it.
            _ if headers(caps).len() != HEADERS => None,
            Self::Theora => Some(VIDEO_CLOCK),
            Self::Vorbis => {
                let rate = caps.structure(0)?.get::<i32>("rate").ok()?;
                u32::try_from(rate).ok().filter(|rate| *rate > 0)
            }
        }
    }

    fn parameters(&self, caps: &gst::CapsRef) -> Vec<(String, String)> {
        let headers = headers(caps);
        let mut parameters = match self {
            Self::Vorbis => Vec::new(),
            Self::Theora => picture(&headers),
        };
        let configuration = BASE64_STANDARD.encode(packed(&headers));
        parameters.push(("configuration".into(), configuration));
        parameters
    }

    fn state(&self, caps: &gst::CapsRef) -> [u8; 4] {
        let [a, b, c] = ident(&headers(caps));
        [a, b, c, 0]
    }

    fn packets(&self, unit: &[u8], state: [u8; 4], packet: Packets<'_>) {
        // Headers stand in the description.
        let is_header = unit.first().is_some_and(|first| match self {
            Self::Vorbis => first & 1 != 0,
            Self::Theora => first & 0x80 != 0,
        });
        if is_header {
            return;
        }
        // No packet has a marker (RFC 5215, 2.1).
        let mut put = |kind: u8, part: &[u8]| {
            let [a, b, c, _] = state;
            let [high, low] = (part.len() as u16).to_be_bytes();
            packet(&[&[a, b, c, kind, high, low], part], false);
        };
        let room = LONGEST - HEADER;
        if unit.len() <= room {
            put(WHOLE, unit);
            return;
        }
        let last = unit.len().div_ceil(room) - 1;
        for (number, part) in unit.chunks(room).enumerate() {
            match number {
                0 => put(FIRST, part),
                number if number == last => put(LAST, part),
                _ => put(MIDDLE, part),
            }
        }
    }
}

/// The headers that a decoder begins with, as the demultiplexer tells them.
fn headers(caps: &gst::CapsRef) -> Vec<Vec<u8>> {
    let told = caps
        .structure(0)
        .and_then(|track| track.get::<gst::Array>("streamheader").ok());
    let buffers = told.iter().flat_map(|headers| headers.as_slice());
    let mut headers: Vec<_> = buffers
        .filter_map(|header| header.get::<gst::Buffer>().ok())
        .filter_map(|header| header.map_readable().ok().map(|header| header.to_vec()))
        .collect();
    // Of the comments, which may be pictures of megabytes, decoders want only that they are there:
    // the name of the codec, no vendor, no comments, and with Vorbis a last bit.
    if let Some(comments) = headers.get_mut(1) {
        comments.truncate(NAME);
        comments.extend([0; 8]);
        if comments.first() == Some(&3) {
            comments.push(1);
        }
    }
    headers
}

/// What tells which headers a packet belongs to: any number that changes with them.
fn ident(headers: &[Vec<u8>]) -> [u8; 3] {
    let sum = Sha256::digest(headers.concat());
    [sum[0], sum[1], sum[2]]
}

/// The headers as SDP carries them (RFC 5215, 3.2.1).
fn packed(headers: &[Vec<u8>]) -> Vec<u8> {
    let len: usize = headers.iter().map(Vec::len).sum();
    let before = headers.split_last().map_or(&[][..], |(_, before)| before);
    let mut packed = vec![0, 0, 0, 1];
    packed.extend(ident(headers));
    packed.extend((len as u16).to_be_bytes());
    packed.push(before.len() as u8);
    for header in before {
        // Seven bits a byte, the highest first, all but the last one marked.
        let groups = (0..5).rev().map(|n| header.len() >> (7 * n));
        let groups: Vec<_> = groups.skip_while(|group| *group == 0).collect();
        let last = groups.len().saturating_sub(1);
        let marked = groups.iter().enumerate().map(|(position, group)| {
            let more = if position == last { 0 } else { 0x80 };
            (group & 0x7f) as u8 | more
        });
        packed.extend(marked);
    }
    packed.extend(headers.concat());
    packed
}

/// What SDP says of a picture of Theora (Theora specification, 6.2).
fn picture(headers: &[Vec<u8>]) -> Vec<(String, String)> {
    let Some(first) = headers.first().filter(|first| first.len() >= 42) else {
        return Vec::new();
    };
    let number = |at: usize| u32::from_be_bytes([0, first[at], first[at + 1], first[at + 2]]);
    let sampling = match first[41] >> 3 & 3 {
        2 => "YCbCr-4:2:2",
        3 => "YCbCr-4:4:4",
        _ => "YCbCr-4:2:0",
    };
    [
        ("sampling", sampling.to_owned()),
        ("width", number(14).to_string()),
        ("height", number(17).to_string()),
        ("delivery-method", "inline".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(unit: &[u8]) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        Xiph::Vorbis.packets(unit, [1, 2, 3, 0], &mut |parts, marker| {
            assert!(!marker);
            packets.push(parts.concat());
        });
        packets
    }

    #[test]
    fn a_frame_is_one_packet_or_the_fragments_of_it() {
        assert_eq!(packets(&[4, 5]), [[1, 2, 3, 1, 0, 2, 4, 5]]);
        let long: Vec<_> = (0..4_000).map(|n| (n * 2) as u8).collect();
        let sent = packets(&long);
        let whole: Vec<_> = sent.iter().flat_map(|payload| &payload[6..]).collect();
        assert!(whole.into_iter().eq(&long));
        let kinds: Vec<_> = sent.iter().map(|payload| payload[3]).collect();
        assert_eq!(kinds, [FIRST, MIDDLE, LAST]);
    }

    #[test]
    fn headers_do_not_go_out_among_the_frames() {
        assert_eq!(packets(b"\x03vorbis"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn headers_are_packed_with_the_lengths_of_all_but_the_last() {
        let headers = [vec![1; 30], vec![2; 200], vec![3; 5]];
        let packed = packed(&headers);
        assert_eq!(packed[..4], [0, 0, 0, 1]);
        assert_eq!(packed[4..7], ident(&headers));
        assert_eq!(packed[7..13], [0, 235, 2, 30, 0x81, 72]);
        assert_eq!(packed[13..], headers.concat());
    }
}
