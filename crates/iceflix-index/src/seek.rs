//! The random access points of a title: the records of `seek`.

use std::time::Duration;

use crate::record::{State, TrackState};

/// A place in the packets of a title where decoding can begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeekPoint {
    /// Send time of the keyframe's first packet, from the beginning of the title.
    pub send_at: Duration,
    /// When the keyframe is presented, from the beginning of the title.
    pub pts: Duration,
    /// Where its first record begins in `packets`.
    pub(crate) offset: u64,
    /// What the distances in that record are measured from.
    pub(crate) state: State,
}

/// The length of an entry in bytes: three numbers, the send time of the packet before, three
/// numbers for each track; all little endian.
pub(crate) fn entry_len(tracks: usize) -> usize {
    8 * (4 + 3 * tracks)
}

impl SeekPoint {
    /// Appends the entry.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let fixed = [
            self.offset,
            micros(self.send_at),
            micros(self.pts),
            self.state.send_at,
        ];
        let tracks = self
            .state
            .tracks
            .iter()
            .flat_map(|track| [track.timestamp, track.source, track.side]);
        for number in fixed.into_iter().chain(tracks) {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// Reads an entry of [`entry_len`] bytes. Whether it leads anywhere shows when it is followed:
    /// a cursor checks every record.
    pub(crate) fn decode(entry: &[u8]) -> Option<Self> {
        let (numbers, []) = entry.as_chunks::<8>() else {
            return None;
        };
        let mut numbers = numbers.iter().map(|number| u64::from_le_bytes(*number));
        let mut next = || numbers.next();
        let (offset, send_at, pts, before) = (next()?, next()?, next()?, next()?);
        let mut tracks = Vec::new();
        while let Some(timestamp) = next() {
            tracks.push(TrackState {
                timestamp,
                source: next()?,
                side: next()?,
            });
        }
        Some(Self {
            send_at: Duration::from_micros(send_at),
            pts: Duration::from_micros(pts),
            offset,
            state: State {
                send_at: before,
                tracks,
            },
        })
    }
}

/// Whole microseconds; no time in an index is longer than 64 bits of them, because the writer
/// checks the send time.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
