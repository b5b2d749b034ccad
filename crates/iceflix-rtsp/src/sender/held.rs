//! The packet that a stream waits for.

use std::time::Duration;

use iceflix_index::{Packet, Piece};

/// A copy of the first packet that is not due yet: a cursor only goes forward, and its packets live
/// until the next one. One in a few packets is copied, into memory that is used again and again.
#[derive(Debug, Default)]
pub(super) struct Held {
    full: bool,
    track: u8,
    send_at: Duration,
    timestamp: u64,
    marker: bool,
    keyframe: bool,
    inline: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Held {
    pub(super) fn keep(&mut self, packet: &Packet<'_>) {
        let Packet {
            track,
            send_at,
            timestamp,
            marker,
            keyframe,
            inline,
            pieces,
        } = *packet;
        (self.full, self.track, self.send_at) = (true, track, send_at);
        (self.timestamp, self.marker, self.keyframe) = (timestamp, marker, keyframe);
        self.inline.clear();
        self.inline.extend_from_slice(inline);
        self.pieces.clear();
        self.pieces.extend_from_slice(pieces);
    }

    pub(super) fn packet(&self) -> Option<Packet<'_>> {
        self.full.then_some(Packet {
            track: self.track,
            send_at: self.send_at,
            timestamp: self.timestamp,
            marker: self.marker,
            keyframe: self.keyframe,
            inline: &self.inline,
            pieces: &self.pieces,
        })
    }

    pub(super) fn send_at(&self) -> Option<Duration> {
        self.full.then_some(self.send_at)
    }

    /// Where in the film's file its payload begins; `None` where nothing is held, or none of it lies
    /// there.
    pub(super) fn source(&self) -> Option<u64> {
        let places = self.pieces.iter().map(|piece| match *piece {
            Piece::Source { offset, .. } => Some(offset),
            Piece::Inline { .. } | Piece::Side { .. } => None,
        });
        places.flatten().next().filter(|_| self.full)
    }

    pub(super) fn let_go(&mut self) {
        self.full = false;
    }
}
