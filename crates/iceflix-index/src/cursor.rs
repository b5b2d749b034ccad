//! Walking along the packets of a title.

use crate::record::{Decoded, MAX_LEN, State};
use crate::{Error, Index, Packet};

/// How many bytes of records are read at once: several hundred packets, about a second of film.
const WINDOW: usize = 4 << 10;

const _: () = assert!(MAX_LEN <= WINDOW, "a whole record must fit into the window");

/// A position in the packets of an [`Index`]: all that a stream must remember of its film.
///
/// It takes about 5 KiB, holds no file, and belongs to the index that made it; with another one it
/// gives errors or another title's packets.
#[derive(Debug)]
pub struct Cursor {
    /// Where in the file of packets the window begins.
    offset: u64,
    window: Box<[u8]>,
    /// The part of the window that holds records not yet given.
    start: usize,
    end: usize,
    state: State,
    decoded: Decoded,
    waiting: bool,
}

impl Cursor {
    pub(crate) fn new(offset: u64, state: State) -> Self {
        let window = vec![0; WINDOW].into_boxed_slice();
        Self {
            offset,
            window,
            start: 0,
            end: 0,
            state,
            decoded: Decoded::default(),
            waiting: false,
        }
    }

    /// The next packet, or `None` behind the last one; where the index [grows](Index::is_growing),
    /// there may be one later ([`is_waiting`](Self::is_waiting)). Allocates nothing; about once a second of
    /// film it reads 4 KiB from the index, which blocks if they are not in the page cache.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] where a record cannot be what a writer wrote, [`Error::Io`] where the
    /// disk refuses, [`Error::Abandoned`] behind the last packet of an index that was never
    /// completed. Every further call gives an error too, or nothing that could be trusted: the
    /// stream should end.
    #[allow(
        clippy::should_implement_trait,
        reason = "a packet borrows from its cursor, which an Iterator cannot express"
    )]
    pub fn next(&mut self, index: &Index) -> Result<Option<Packet<'_>>, Error> {
        if self.end - self.start < MAX_LEN {
            // Asked before reading: what is written in between is read by the next call.
            let goes_on = index.goes_on();
            self.refill(index)?;
            if self.start == self.end {
                self.waiting = goes_on?;
                return Ok(None);
            }
        }
        let records = &self.window[self.start..self.end];
        let used = self
            .state
            .decode(records, index.bounds(), &mut self.decoded);
        self.start +=
            used.map_err(|reason| index.damaged_packets(self.offset + self.start as u64, reason))?;
        Ok(Some(self.decoded.packet(&self.state)))
    }

    /// Whether the last [`next`](Self::next) gave `None` for the only reason that the index has not
    /// been written any further yet.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Where in the file of packets it stands, in bytes; for [`Index::read_ahead`].
    pub fn offset(&self) -> u64 {
        self.offset + self.start as u64
    }

    fn refill(&mut self, index: &Index) -> Result<(), Error> {
        self.window.copy_within(self.start..self.end, 0);
        self.offset += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        self.end +=
            index.read_packets(&mut self.window[self.end..], self.offset + self.end as u64)?;
        Ok(())
    }
}
