//! Packets of one viewer that go out at once, laid out behind one another in one buffer.
//!
//! Laid out like this, packets of one length are one piece of memory, which the kernel cuts up
//! again (GSO), and with the frame of RFC 2326 before each they are one write to a TCP connection.
//! The payload is read straight to its place: neighbouring fragments are neighbours in the film,
//! too, so that one `preadv` fetches many of them.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;

use iceflix_index::{Index, Packet, Piece};
use nix::errno::Errno;
use nix::sys::uio::preadv;
use rustix::io::{ReadWriteFlags, preadv2};

use super::Outgoing;
use super::track::HEADER;
use crate::Error;

/// A batch that is as long as this takes no further packet. Large enough for a picture of most
/// films, small enough to stay in the processor's second-level cache between reading and sending.
const FULL: usize = 192 << 10;

/// The most pieces that are read at once; `IOV_MAX` is 1,024, and the gain is gone long before.
const MAX_SCATTER: usize = 64;

/// How packets are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Bare, for UDP.
    Datagram,
    /// Each behind a dollar sign, channel and length (RFC 2326, section 10.12).
    Interleaved,
}

/// Which of a track's two streams a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// The track's media.
    Rtp,
    /// Reports about it.
    Rtcp,
}

/// Where a packet lies in the buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// The track, as a position in the title.
    pub(crate) track: u8,
    /// Media or report.
    pub(crate) stream: Stream,
    start: u32,
    len: u32,
}

/// Payload that is to be read.
#[derive(Clone, Copy, Debug)]
struct Read {
    side: bool,
    offset: u64,
    start: u32,
    len: u32,
}

/// The buffer. One for each sending thread: emptied, it keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// What is beyond `len` is left over from other batches, so that nothing is filled with zeros
    /// only to be written over.
    bytes: Vec<u8>,
    len: usize,
    spans: Vec<Span>,
    reads: Vec<Read>,
}

impl Batch {
    /// Forgets all packets.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.spans.clear();
        self.reads.clear();
    }

    /// Whether no packet should be added any more.
    pub(crate) fn is_full(&self) -> bool {
        self.len >= FULL
    }

    /// How many bytes there are to send.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Adds a packet of the film; its payload is there only after [`fetch`](Self::fetch). `channel`
    /// is meaningful with [`Framing::Interleaved`] alone.
    pub(crate) fn rtp(
        &mut self,
        packet: &Packet<'_>,
        track: &mut Outgoing,
        framing: Framing,
        channel: u8,
    ) {
        let payload = packet.payload_len();
        self.frame(framing, channel, HEADER + payload);
        let start = self.len;
        self.put(&track.header(packet.timestamp, packet.marker, payload));
        for piece in packet.pieces {
            match *piece {
                Piece::Inline { start, len } => {
                    let start = start as usize;
                    self.put(&packet.inline[start..start + len as usize]);
                }
                Piece::Source { offset, len } => self.read_later(false, offset, len),
                Piece::Side { offset, len } => self.read_later(true, offset, len),
            }
        }
        self.span(packet.track, Stream::Rtp, start);
    }

    /// Adds a report, which `write` appends to the buffer that it is given.
    pub(crate) fn rtcp(
        &mut self,
        track: u8,
        framing: Framing,
        channel: u8,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let frame = self.len;
        self.frame(framing, channel, 0);
        let start = self.len;
        self.bytes.truncate(start);
        write(&mut self.bytes);
        self.len = self.bytes.len();
        if framing == Framing::Interleaved {
            let len = (self.len - start) as u16;
            self.bytes[frame + 2..frame + 4].copy_from_slice(&len.to_be_bytes());
        }
        self.span(track, Stream::Rtcp, start);
    }

    /// Reads all payload to its place, and returns whether it was in memory. If not,
    /// [`fetch`](Self::fetch) is to be called, by somebody who may wait.
    ///
    /// # Errors
    ///
    /// [`Error::Film`] where there is no file to read.
    pub(crate) fn fetch_cached(&mut self, index: &Index) -> Result<bool, Error> {
        self.gather(index, |file, places, offset| {
            let wanted: usize = places.iter().map(|place| place.len()).sum();
            let read = preadv2(file, places, offset, ReadWriteFlags::NOWAIT);
            // All else, errors too, is told by the one that may wait.
            Ok(read.is_ok_and(|read| read == wanted))
        })
    }

    /// Reads all payload to its place. Blocks where the film is not in the page cache.
    ///
    /// # Errors
    ///
    /// [`Error::Film`] where the disk refuses or the file has become shorter.
    pub(crate) fn fetch(&mut self, index: &Index) -> Result<(), Error> {
        self.gather(index, |file, places, offset| {
            scatter(file, places, offset).map(|()| true)
        })
        .map(|_| ())
    }

    /// Has neighbours read, run by run, as long as that goes well; returns whether all were.
    fn gather(
        &mut self,
        index: &Index,
        mut read: impl FnMut(&File, &mut [IoSliceMut<'_>], u64) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        let mut rest = &mut self.bytes[..self.len];
        let mut passed = 0;
        let mut reads = self.reads.as_slice();
        while let Some(first) = reads.first() {
            let run = run_len(reads);
            let (now, later) = reads.split_at(run);
            let mut places: [IoSliceMut<'_>; MAX_SCATTER] =
                std::array::from_fn(|_| IoSliceMut::new(&mut []));
            for (piece, place) in now.iter().zip(&mut places) {
                let (_, from_here) = rest.split_at_mut(piece.start as usize - passed);
                let (wanted, behind) = from_here.split_at_mut(piece.len as usize);
                *place = IoSliceMut::new(wanted);
                passed = (piece.start + piece.len) as usize;
                rest = behind;
            }
            let file = if first.side {
                index.side()
            } else {
                Some(index.source())
            };
            let file = file.ok_or_else(|| Error::Film {
                offset: first.offset,
                source: io::ErrorKind::NotFound.into(),
            })?;
            if !read(file, &mut places[..run], first.offset)? {
                return Ok(false);
            }
            reads = later;
        }
        self.reads.clear();
        Ok(true)
    }

    /// The lengths of all packets together, in bytes, without their frames.
    pub(crate) fn payload(&self) -> usize {
        self.spans.iter().map(Span::len).sum()
    }

    /// All bytes, as they go into a TCP connection.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The packets, in the order in which they were added.
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The bytes from the beginning of the first of these neighbouring packets to the end of the
    /// last.
    pub(crate) fn bytes_of(&self, spans: &[Span]) -> &[u8] {
        match spans {
            [] => &[],
            [first, ..] => {
                let last = spans[spans.len() - 1];
                &self.bytes[first.start as usize..(last.start + last.len) as usize]
            }
        }
    }

    fn frame(&mut self, framing: Framing, channel: u8, len: usize) {
        if framing == Framing::Interleaved {
            let [high, low] = (len as u16).to_be_bytes();
            self.put(&[b'$', channel, high, low]);
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        let start = self.len;
        self.grow(bytes.len());
        self.bytes[start..self.len].copy_from_slice(bytes);
    }

    /// Makes room for so many bytes more, which are to be written.
    fn grow(&mut self, by: usize) {
        self.len += by;
        if self.bytes.len() < self.len {
            self.bytes.resize(self.len, 0);
        }
    }

    fn read_later(&mut self, side: bool, offset: u64, len: u32) {
        let start = self.len;
        self.grow(len as usize);
        self.reads.push(Read {
            side,
            offset,
            start: start as u32,
            len,
        });
    }

    fn span(&mut self, track: u8, stream: Stream, start: usize) {
        self.spans.push(Span {
            track,
            stream,
            start: start as u32,
            len: (self.len - start) as u32,
        });
    }
}

impl Span {
    /// The packet's length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }
}

/// How many of the reads, from the first on, are neighbours in one file.
fn run_len(reads: &[Read]) -> usize {
    let neighbours = reads.windows(2).take(MAX_SCATTER - 1);
    1 + neighbours
        .take_while(|two| {
            two[0].side == two[1].side && two[0].offset + u64::from(two[0].len) == two[1].offset
        })
        .count()
}

fn scatter(file: &File, places: &mut [IoSliceMut<'_>], offset: u64) -> Result<(), Error> {
    let wanted: usize = places.iter().map(|place| place.len()).sum();
    match preadv(file, places, offset as i64) {
        Ok(read) if read == wanted => return Ok(()),
        // Cut short, or merely interrupted, as network file systems may: reading one by one tells.
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => {
            return Err(Error::Film {
                offset,
                source: error.into(),
            });
        }
    }
    let mut offset = offset;
    for place in places {
        file.read_exact_at(place, offset)
            .map_err(|source| Error::Film { offset, source })?;
        offset += place.len() as u64;
    }
    Ok(())
}
