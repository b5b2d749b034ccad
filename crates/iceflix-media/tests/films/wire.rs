//! What a receiver makes of the packets: a depacketiser of its own, after the standards.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use iceflix_index::{Index, Packet, Piece};

/// A packet as it goes out.
#[derive(Debug, PartialEq)]
pub(crate) struct Sent {
    pub(crate) send_at: Duration,
    pub(crate) timestamp: u64,
    pub(crate) marker: bool,
    pub(crate) keyframe: bool,
    pub(crate) payload: Vec<u8>,
}

/// A picture or a frame of sound, as it arrives.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) send_at: Duration,
    pub(crate) timestamp: u64,
    pub(crate) keyframe: bool,
    /// NAL units, or the frame of sound.
    pub(crate) content: Vec<Vec<u8>>,
}

/// All packets of a track.
pub(crate) fn packets(index: &Index, track: u8) -> Vec<Sent> {
    let mut sent = Vec::new();
    let mut cursor = index.cursor();
    while let Some(packet) = cursor.next(index).expect("a sound index") {
        if packet.track == track {
            let Packet {
                send_at,
                timestamp,
                marker,
                keyframe,
                ..
            } = packet;
            sent.push(Sent {
                send_at,
                timestamp,
                marker,
                keyframe,
                payload: payload(&packet, index),
            });
        }
    }
    sent
}

fn payload(packet: &Packet<'_>, index: &Index) -> Vec<u8> {
    let mut payload = Vec::new();
    for piece in packet.pieces {
        match *piece {
            Piece::Inline { start, len } => {
                payload.extend(&packet.inline[start as usize..][..len as usize])
            }
            Piece::Source { offset, len } => payload.extend(read(index.source(), offset, len)),
            Piece::Side { offset, len } => {
                payload.extend(read(index.side().expect("a side file"), offset, len))
            }
        }
    }
    payload
}

fn read(file: &File, offset: u64, len: u32) -> Vec<u8> {
    let mut bytes = vec![0; len as usize];
    file.read_exact_at(&mut bytes, offset).expect("it is there");
    bytes
}

/// The pictures of a track of H.264 (RFC 6184, 5.6 to 5.8: single NAL units, STAP-A, FU-A).
pub(crate) fn pictures(packets: &[Sent]) -> Vec<Unit> {
    units(packets, |packets| {
        let mut nals = Vec::new();
        let mut fragment: Option<Vec<u8>> = None;
        for Sent { payload, .. } in packets {
            assert!(
                payload.len() <= 1_388,
                "a packet of {} bytes",
                payload.len()
            );
            match payload[0] & 0x1f {
                1..=23 => nals.push(payload.clone()),
                24 => {
                    let mut rest = &payload[1..];
                    while let [high, low, after @ ..] = rest {
                        let (nal, after) =
                            after.split_at(usize::from(u16::from_be_bytes([*high, *low])));
                        nals.push(nal.to_vec());
                        rest = after;
                    }
                }
                28 => {
                    let (indicator, header) = (payload[0], payload[1]);
                    let (is_start, is_end) = (header & 0x80 != 0, header & 0x40 != 0);
                    assert_eq!(is_start, fragment.is_none(), "fragments are in order");
                    let nal =
                        fragment.get_or_insert_with(|| vec![indicator & 0xe0 | header & 0x1f]);
                    nal.extend(&payload[2..]);
                    if is_end {
                        nals.extend(fragment.take());
                    }
                }
                other => panic!("a packet of type {other}"),
            }
        }
        assert!(fragment.is_none(), "each fragment comes to its end");
        nals
    })
}

/// The frames of a track of AAC (RFC 3640, 3.3.6: AAC-hbr, sizes of 13 bits and indices of 3).
pub(crate) fn frames(packets: &[Sent]) -> Vec<Unit> {
    units(packets, |packets| {
        let mut frame = Vec::new();
        let mut frames = Vec::new();
        for Sent { payload, .. } in packets {
            let headers = usize::from(u16::from_be_bytes([payload[0], payload[1]])) / 16;
            let mut rest = &payload[2 + 2 * headers..];
            for header in payload[2..].as_chunks::<2>().0.iter().take(headers) {
                let size = usize::from(u16::from_be_bytes(*header) >> 3);
                let (part, after) = rest.split_at((size - frame.len()).min(rest.len()));
                frame.extend(part);
                rest = after;
                if frame.len() == size {
                    frames.push(std::mem::take(&mut frame));
                }
            }
            assert!(rest.is_empty(), "nothing is left in a packet");
        }
        assert!(frame.is_empty(), "each frame is whole");
        frames
    })
}

/// Cuts packets after each marker, which both formats set on the last packet of a unit and on no
/// other.
fn units(packets: &[Sent], content: impl Fn(&[Sent]) -> Vec<Vec<u8>>) -> Vec<Unit> {
    let units: Vec<_> = packets
        .chunk_by(|packet, _| !packet.marker)
        .map(|packets| {
            let first = &packets[0];
            for packet in packets {
                assert_eq!(
                    (packet.timestamp, packet.send_at),
                    (first.timestamp, first.send_at),
                    "one unit, one time"
                );
            }
            let keyframes = packets.iter().filter(|packet| packet.keyframe).count();
            assert_eq!(
                keyframes,
                usize::from(first.keyframe),
                "only the first packet of a unit is a keyframe's"
            );
            assert!(packets[packets.len() - 1].marker, "the last unit is whole");
            Unit {
                send_at: first.send_at,
                timestamp: first.timestamp,
                keyframe: first.keyframe,
                content: content(packets),
            }
        })
        .collect();
    for pair in units.windows(2) {
        assert_ne!(
            pair[0].timestamp, pair[1].timestamp,
            "each unit has a time of its own"
        );
        assert!(
            pair[0].send_at <= pair[1].send_at,
            "units are sent in order"
        );
    }
    units
}
