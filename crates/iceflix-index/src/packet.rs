//! One RTP packet, as the index knows it.

use std::time::Duration;

/// The longest payload of a packet, in bytes, without the RTP header. With the headers of RTP (12),
/// UDP (8) and IPv6 (40) it stays below the 1,500 bytes of an Ethernet frame, with room for a
/// tunnel.
pub const MAX_PAYLOAD: usize = 1_400;

/// The most pieces that a packet's payload is made of. Payload that is torn further than that is
/// cheaper to keep inline than to gather.
pub const MAX_PIECES: usize = 32;

/// One RTP packet: what [`Writer::push`](crate::Writer::push) takes and
/// [`Cursor::next`](crate::Cursor::next) gives.
///
/// What belongs to a session and not to the film is not here: SSRC, sequence number, random offset
/// of the time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The track, as a position in [`Title::tracks`](crate::Title::tracks).
    pub track: u8,
    /// When to send it, from the beginning of the title, in whole microseconds; never earlier than
    /// the packet before. Packets of one access unit have the same time.
    pub send_at: Duration,
    /// When its content is presented, from the beginning of the title, in units of the track's
    /// clock rate. It is not wrapped to 32 bits, and with reordered video it goes back and forth.
    pub timestamp: u64,
    /// The marker bit of the RTP header.
    pub marker: bool,
    /// Whether this is the first packet of a random access point of the video.
    pub keyframe: bool,
    /// The bytes that [`Piece::Inline`] refers to.
    pub inline: &'a [u8],
    /// The RTP payload is these pieces, in this order; at most [`MAX_PIECES`].
    pub pieces: &'a [Piece],
}

impl Packet<'_> {
    /// The length of the RTP payload in bytes, without the RTP header; from 1 to [`MAX_PAYLOAD`] in
    /// every packet that a cursor gives.
    pub fn payload_len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len() as usize).sum()
    }
}

/// A part of a packet's payload, and where its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In the packet's own `inline[start..start + len]`.
    Inline {
        /// The position in [`Packet::inline`], in bytes.
        start: u32,
        /// The length in bytes.
        len: u32,
    },
    /// In the film's file.
    Source {
        /// The position in the file, in bytes.
        offset: u64,
        /// The length in bytes.
        len: u32,
    },
    /// In the index's side file.
    Side {
        /// The position in the side file, in bytes.
        offset: u64,
        /// The length in bytes.
        len: u32,
    },
}

impl Piece {
    /// The length in bytes.
    #[allow(clippy::len_without_is_empty, reason = "no piece is empty")]
    pub fn len(&self) -> u32 {
        match *self {
            Self::Inline { len, .. } | Self::Source { len, .. } | Self::Side { len, .. } => len,
        }
    }
}
