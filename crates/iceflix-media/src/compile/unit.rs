//! One access unit (a picture, a frame of sound), as the packets that it became.

use gstreamer as gst;
use iceflix_index::{MAX_PAYLOAD, Packet, Piece};

use crate::source::Ledger;

/// The length of the RTP header that the payloaders write (RFC 3550, 5.1); the sender writes its
/// own.
pub(super) const HEADER: usize = 12;

/// Its first byte: version 2, no padding, no extension, no contributing sources.
const FIRST_BYTE: u8 = 0x80;

/// What is shorter than this, in bytes, costs less to keep inline than to fetch.
const TINY: usize = 16;

/// How many packets one unit may become: as many as a picture of a hundred megabytes.
const MOST_PACKETS: usize = 75_000;

/// An access unit: when it is due, and its packets without their RTP headers.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// Presentation time in nanoseconds, as running time: of a common, arbitrary zero.
    pub(super) pts: i64,
    /// Time to send it at, likewise. Until it is known, the decoding time of the container, if it
    /// tells one.
    pub(super) at: Option<i64>,
    /// How long it is presented, in nanoseconds; 0 where the container does not say.
    pub(super) duration: i64,
    pub(super) keyframe: bool,
    /// Whether the container told when it is presented, or it was found out.
    pub(super) is_told: bool,
    /// Whether it is a picture that others do not refer to, which is presented when it is decoded.
    pub(super) is_bidirectional: bool,
    parts: Vec<Part>,
    pieces: Vec<Piece>,
    inline: Vec<u8>,
}

#[derive(Debug)]
struct Part {
    marker: bool,
    /// Where its pieces end.
    pieces_end: usize,
}

impl Unit {
    /// A unit without packets, of which only the times matter.
    #[cfg(test)]
    pub(super) fn timed(pts: i64, at: Option<i64>) -> Self {
        Self {
            pts,
            at,
            ..Self::default()
        }
    }

    /// The number of packets.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Takes out everything, and keeps the memory for another unit.
    pub(super) fn clear(&mut self) {
        self.is_bidirectional = false;
        self.parts.clear();
        self.pieces.clear();
        self.inline.clear();
    }

    /// Adds a packet as a payloader made it, and looks where in the file each part of its payload
    /// came from.
    ///
    /// # Errors
    ///
    /// What is unusual about the packet, such that a sender could not send it.
    pub(super) fn add(&mut self, buffer: &gst::BufferRef, ledger: &Ledger) -> Result<(), String> {
        let first = self.pieces.len();
        let mut seen = 0;
        let mut marker = false;
        for memory in buffer.iter_memories() {
            let bytes = memory.map_readable().map_err(|e| e.to_string())?;
            if seen == 0 {
                let [FIRST_BYTE, second, ..] = *bytes.as_slice() else {
                    return Err("does not begin with a plain RTP header".into());
                };
                marker = second & 0x80 != 0;
            }
            let header = HEADER.saturating_sub(seen).min(bytes.len());
            seen += bytes.len();
            self.place(&bytes[header..], first, ledger);
        }
        self.end_packet(seen.saturating_sub(HEADER), marker)
    }

    /// Adds a packet whose payload is `parts`.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub(super) fn add_parts(
        &mut self,
        parts: &[&[u8]],
        marker: bool,
        ledger: &Ledger,
    ) -> Result<(), String> {
        let first = self.pieces.len();
        for part in parts {
            self.place(part, first, ledger);
        }
        self.end_packet(parts.iter().map(|part| part.len()).sum(), marker)
    }

    /// Ends a packet, whose payload has so many bytes.
    fn end_packet(&mut self, len: usize, marker: bool) -> Result<(), String> {
        // Damaged films make payloaders give empty packets, and never stop giving them.
        if !(1..=MAX_PAYLOAD).contains(&len) || self.parts.len() == MOST_PACKETS {
            return Err(format!(
                "has {len} bytes and is number {} of its picture",
                self.parts.len() + 1
            ));
        }
        self.parts.push(Part {
            marker,
            pieces_end: self.pieces.len(),
        });
        Ok(())
    }

    /// Adds a part of a payload to the packet whose pieces begin at `first`.
    fn place(&mut self, bytes: &[u8], first: usize, ledger: &Ledger) {
        if bytes.is_empty() {
            return;
        }
        let added = bytes.len() as u32;
        let found = if bytes.len() < TINY {
            None
        } else {
            ledger.locate(bytes)
        };
        let last = if self.pieces.len() > first {
            self.pieces.last_mut()
        } else {
            None
        };
        match (found, last) {
            (Some(place), Some(Piece::Source { offset, len }))
                if *offset + u64::from(*len) == place =>
            {
                *len += added
            }
            (Some(offset), _) => self.pieces.push(Piece::Source { offset, len: added }),
            (None, last) => {
                match last {
                    Some(Piece::Inline { len, .. }) => *len += added,
                    _ => self.pieces.push(Piece::Inline {
                        start: self.inline.len() as u32,
                        len: added,
                    }),
                }
                self.inline.extend_from_slice(bytes);
            }
        }
    }

    /// Adds a packet of its own, which goes out before all that are added later.
    pub(super) fn lead(&mut self, payload: &[u8]) {
        let (start, len) = (self.inline.len() as u32, payload.len() as u32);
        self.inline.extend_from_slice(payload);
        self.pieces.push(Piece::Inline { start, len });
        self.parts.push(Part {
            marker: false,
            pieces_end: self.pieces.len(),
        });
    }

    /// The packets, as an index takes them, of a track that the index knows as `track`; their times
    /// are left 0.
    pub(super) fn packets(&self, track: u8) -> impl Iterator<Item = Packet<'_>> {
        let starts = std::iter::once(0).chain(self.parts.iter().map(|part| part.pieces_end));
        self.parts
            .iter()
            .zip(starts)
            .enumerate()
            .map(move |(position, (part, start))| Packet {
                track,
                send_at: std::time::Duration::ZERO,
                timestamp: 0,
                marker: part.marker,
                keyframe: self.keyframe && position == 0,
                inline: &self.inline,
                pieces: &self.pieces[start..part.pieces_end],
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTP: [u8; 12] = [0x80, 0xe0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];

    fn packet(parts: impl IntoIterator<Item = gst::Memory>) -> gst::Buffer {
        let mut buffer = gst::Buffer::new();
        for part in [gst::Memory::from_slice(RTP)].into_iter().chain(parts) {
            buffer.get_mut().expect("it is new").append_memory(part);
        }
        buffer
    }

    /// Memory as the source hands it out, and the ledger that knows it.
    fn source(len: usize) -> (gst::Memory, Ledger) {
        gst::init().expect("GStreamer starts");
        let memory = gst::Memory::from_slice(vec![7; len]);
        let ledger = Ledger::default();
        ledger.enter(&memory.map_readable().expect("it is memory"), 5_000);
        (memory, ledger)
    }

    #[test]
    fn neighbours_in_the_file_become_one_piece_and_the_header_goes() {
        let (film, ledger) = source(1_000);
        let own = gst::Memory::from_slice([0x7c, 0x85]);
        let mut unit = Unit {
            keyframe: true,
            ..Unit::default()
        };
        unit.add(
            &packet([own, film.share(100..400), film.share(400..500)]),
            &ledger,
        )
        .expect("a good packet");
        unit.add(&packet([film.share(600..)]), &ledger)
            .expect("a good packet");
        let packets: Vec<_> = unit.packets(3).collect();
        let pieces = [
            Piece::Inline { start: 0, len: 2 },
            Piece::Source {
                offset: 5_100,
                len: 400,
            },
        ];
        assert_eq!(packets[0].pieces, pieces);
        assert_eq!(packets[0].inline, [0x7c, 0x85]);
        assert_eq!(
            packets[1].pieces,
            [Piece::Source {
                offset: 5_600,
                len: 400
            }]
        );
        assert!(
            packets[0].marker
                && packets[0].keyframe
                && !packets[1].keyframe
                && packets[1].track == 3
        );
    }

    #[test]
    fn what_leads_goes_out_first_and_alone() {
        let (film, ledger) = source(1_000);
        let mut unit = Unit {
            keyframe: true,
            ..Unit::default()
        };
        unit.lead(&[0x67, 1, 2]);
        unit.add(&packet([film.share(..50)]), &ledger)
            .expect("a good packet");
        let packets: Vec<_> = unit
            .packets(0)
            .map(|packet| (packet.marker, packet.keyframe, packet.pieces))
            .collect();
        let own = [Piece::Inline { start: 0, len: 3 }];
        let film = [Piece::Source {
            offset: 5_000,
            len: 50,
        }];
        assert_eq!(packets, [(false, true, &own[..]), (true, false, &film[..])]);
    }

    #[test]
    fn packets_that_could_not_be_sent_are_refused() {
        let (film, ledger) = source(2_000);
        let mut unit = Unit::default();
        unit.add(&packet([]), &ledger)
            .expect_err("it has no payload");
        unit.add(&packet([film.share(..1_401)]), &ledger)
            .expect_err("it is too long");
        let extended = gst::Buffer::from_slice([0x90; 40]);
        unit.add(&extended, &ledger)
            .expect_err("it has a header extension");
        assert!(unit.add(&gst::Buffer::new(), &ledger).is_err());
    }
}
