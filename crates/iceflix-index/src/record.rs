//! How a packet is written in `packets`: as its distance from the packets before.
//!
//! A record is a head, what changed, and the pieces, all as variable-length numbers:
//!
//! ```text
//! head       track << 4 | timestamp << 3 | time << 2 | keyframe << 1 | marker
//! time       only with the flag: microseconds since the packet before
//! timestamp  only with the flag: signed distance from the track's packet before
//! pieces     len << 3 | last << 2 | place, then
//!            place 0: the bytes themselves
//!            place 1: nothing, the piece begins in the source where the track's last one ended
//!            place 2: signed distance in the source from where the track's last one ended
//!            place 3: the same in the side file
//! ```
//!
//! A fragment of an H.264 picture takes 6 bytes: head, two bytes of its own, the length that
//! follows in the source.

use std::time::Duration;

use crate::packet::{MAX_PAYLOAD, MAX_PIECES, Packet, Piece};
use crate::varint;

/// The longest record in bytes: the head, two distances, and pieces with their distances around a
/// full payload.
pub(crate) const MAX_LEN: usize = (3 + 2 * MAX_PIECES) * varint::MAX_LEN + MAX_PAYLOAD;

const MARKER: u64 = 1;
const KEYFRAME: u64 = 1 << 1;
const TIME: u64 = 1 << 2;
const TIMESTAMP: u64 = 1 << 3;
const LAST: u64 = 1 << 2;

/// What the distances are measured from. A copy of it makes a place in `packets` one to start from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Send time of the packet before, in microseconds.
    pub(crate) send_at: u64,
    /// One for each track of the title.
    pub(crate) tracks: Vec<TrackState>,
}

/// The part of a [`State`] that each track has for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrackState {
    /// Time stamp of the track's packet before.
    pub(crate) timestamp: u64,
    /// Where its last piece in the source ended.
    pub(crate) source: u64,
    /// Where its last piece in the side file ended.
    pub(crate) side: u64,
}

/// The lengths of the files that pieces lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) source: u64,
    pub(crate) side: u64,
}

/// A record's content, in memory that is used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) track: u8,
    pub(crate) timestamp: u64,
    pub(crate) marker: bool,
    pub(crate) keyframe: bool,
    pub(crate) inline: Vec<u8>,
    pub(crate) pieces: Vec<Piece>,
}

impl State {
    /// The state before the first packet.
    pub(crate) fn new(tracks: usize) -> Self {
        Self {
            send_at: 0,
            tracks: vec![TrackState::default(); tracks],
        }
    }

    /// Appends `packet`, after checking that a reader will accept it.
    pub(crate) fn encode(
        &mut self,
        packet: &Packet<'_>,
        bounds: Bounds,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        let send_at = self.check(packet, bounds)?;
        let track = &mut self.tracks[usize::from(packet.track)];
        let mut head = u64::from(packet.track) << 4;
        head |= if packet.marker { MARKER } else { 0 };
        head |= if packet.keyframe { KEYFRAME } else { 0 };
        head |= if send_at > self.send_at { TIME } else { 0 };
        head |= if packet.timestamp != track.timestamp {
            TIMESTAMP
        } else {
            0
        };
        varint::put(out, head);
        if head & TIME != 0 {
            varint::put(out, send_at - self.send_at);
            self.send_at = send_at;
        }
        if head & TIMESTAMP != 0 {
            varint::put_signed(out, distance(track.timestamp, packet.timestamp));
            track.timestamp = packet.timestamp;
        }
        for (position, piece) in packet.pieces.iter().enumerate() {
            let last = if position + 1 == packet.pieces.len() {
                LAST
            } else {
                0
            };
            let head = u64::from(piece.len()) << 3 | last;
            match *piece {
                Piece::Inline { start, len } => {
                    varint::put(out, head);
                    out.extend_from_slice(&packet.inline[start as usize..(start + len) as usize]);
                }
                Piece::Source { offset, len } => {
                    if offset == track.source {
                        varint::put(out, head | 1);
                    } else {
                        varint::put(out, head | 2);
                        varint::put_signed(out, distance(track.source, offset));
                    }
                    track.source = offset + u64::from(len);
                }
                Piece::Side { offset, len } => {
                    varint::put(out, head | 3);
                    varint::put_signed(out, distance(track.side, offset));
                    track.side = offset + u64::from(len);
                }
            }
        }
        Ok(())
    }

    fn check(&self, packet: &Packet<'_>, bounds: Bounds) -> Result<u64, String> {
        if usize::from(packet.track) >= self.tracks.len() {
            return Err(format!(
                "a packet of track {}, of which there are {}",
                packet.track,
                self.tracks.len()
            ));
        }
        let send_at = u64::try_from(packet.send_at.as_micros())
            .map_err(|_| "a send time past all bounds".to_owned())?;
        if send_at < self.send_at {
            return Err(format!(
                "a packet for {send_at} µs after one for {} µs",
                self.send_at
            ));
        }
        if packet.pieces.is_empty() || packet.pieces.len() > MAX_PIECES {
            return Err(format!(
                "a packet of {} pieces, where 1 to {MAX_PIECES} can be",
                packet.pieces.len()
            ));
        }
        for piece in packet.pieces {
            let (end, bound) = match *piece {
                Piece::Inline { start, len } => (
                    start.checked_add(len).map(u64::from),
                    packet.inline.len() as u64,
                ),
                Piece::Source { offset, len } => {
                    (offset.checked_add(u64::from(len)), bounds.source)
                }
                Piece::Side { offset, len } => (offset.checked_add(u64::from(len)), bounds.side),
            };
            if piece.len() == 0
                || piece.len() as usize > MAX_PAYLOAD
                || end.is_none_or(|end| end > bound)
            {
                return Err(format!(
                    "{piece:?} is empty or lies outside of the {bound} bytes that there are"
                ));
            }
        }
        match packet.payload_len() {
            1..=MAX_PAYLOAD => Ok(send_at),
            len => Err(format!(
                "a payload of {len} bytes, where {MAX_PAYLOAD} can be"
            )),
        }
    }

    /// Reads the record at the front of `bytes` into `out`, and returns its length. On an error the
    /// state is useless.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        bounds: Bounds,
        out: &mut Decoded,
    ) -> Result<usize, &'static str> {
        const SHORT: &str = "a record ends too early";
        let mut rest = bytes;
        let head = varint::take(&mut rest).ok_or(SHORT)?;
        let track = usize::try_from(head >> 4)
            .ok()
            .and_then(|number| self.tracks.get_mut(number));
        let track = track.ok_or("a record of a track that the title does not have")?;
        out.track = (head >> 4) as u8;
        out.marker = head & MARKER != 0;
        out.keyframe = head & KEYFRAME != 0;
        if head & TIME != 0 {
            let step = varint::take(&mut rest).ok_or(SHORT)?;
            self.send_at = self
                .send_at
                .checked_add(step)
                .ok_or("a send time past all bounds")?;
        }
        if head & TIMESTAMP != 0 {
            let step = varint::take_signed(&mut rest).ok_or(SHORT)?;
            track.timestamp = track
                .timestamp
                .checked_add_signed(step)
                .ok_or("a time stamp past all bounds")?;
        }
        out.timestamp = track.timestamp;
        out.inline.clear();
        out.pieces.clear();
        let mut payload = 0;
        loop {
            let head = varint::take(&mut rest).ok_or(SHORT)?;
            if !(1..=MAX_PAYLOAD as u64).contains(&(head >> 3)) || out.pieces.len() == MAX_PIECES {
                return Err("a piece too long, or one too many");
            }
            let len = (head >> 3) as u32;
            payload += len as usize;
            if payload > MAX_PAYLOAD {
                return Err("a payload longer than can be");
            }
            out.pieces.push(match head & 3 {
                0 => {
                    let (own, after) = rest.split_at_checked(len as usize).ok_or(SHORT)?;
                    rest = after;
                    let start = out.inline.len() as u32;
                    out.inline.extend_from_slice(own);
                    Piece::Inline { start, len }
                }
                1 => Piece::Source {
                    offset: advance(&mut track.source, 0, len, bounds.source)?,
                    len,
                },
                2 => {
                    let step = varint::take_signed(&mut rest).ok_or(SHORT)?;
                    Piece::Source {
                        offset: advance(&mut track.source, step, len, bounds.source)?,
                        len,
                    }
                }
                _ => {
                    let step = varint::take_signed(&mut rest).ok_or(SHORT)?;
                    Piece::Side {
                        offset: advance(&mut track.side, step, len, bounds.side)?,
                        len,
                    }
                }
            });
            if head & LAST != 0 {
                return Ok(bytes.len() - rest.len());
            }
        }
    }
}

impl Decoded {
    /// The record as a packet, which takes its send time from the state that it was decoded with.
    pub(crate) fn packet(&self, state: &State) -> Packet<'_> {
        Packet {
            track: self.track,
            send_at: Duration::from_micros(state.send_at),
            timestamp: self.timestamp,
            marker: self.marker,
            keyframe: self.keyframe,
            inline: &self.inline,
            pieces: &self.pieces,
        }
    }
}

/// From `from` to `to`. Both are positions in files or time stamps, of which no real one comes near
/// the sign bit; of others the distance wraps, and the reader refuses it.
fn distance(from: u64, to: u64) -> i64 {
    to.wrapping_sub(from) as i64
}

/// Moves `end` by `step` to where a piece of `len` bytes begins, then behind it.
fn advance(end: &mut u64, step: i64, len: u32, bound: u64) -> Result<u64, &'static str> {
    let start = end
        .checked_add_signed(step)
        .ok_or("a piece before the beginning of its file")?;
    *end = start
        .checked_add(u64::from(len))
        .filter(|end| *end <= bound)
        .ok_or("a piece past the end of its file")?;
    Ok(start)
}
