//! A batch that waits for the disk.

use std::io;
use std::mem;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::fs::{Advice, fadvise};

use super::turn::{Filled, LATE, failed};
use super::{LOOK_EVERY, Next, State, Stream};
use crate::Error;
use crate::event::End;
use crate::rtp;
use crate::sender::route::Route;
use crate::sender::worker::Surroundings;

/// What was laid out and is not sent yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// Tells this batch from others that the stream has given up meanwhile.
    number: u64,
    since: Instant,
    filled: Filled,
    /// Where it is back already, while the stream may not send.
    batch: Option<Box<rtp::Batch>>,
    /// Packets in it, and bytes of payload, of each track of the title.
    counts: Vec<(u16, u32)>,
}

/// A look that is under way, until this is dropped.
struct Looking(Arc<AtomicBool>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Pending {
    /// The stream rolls on: what it waited while it was parked counts for nothing.
    pub(super) fn roll(&mut self, now: Instant) {
        self.since = now;
    }

    /// How many packets of a track have a number already and are not sent.
    pub(super) fn packets(&self, track: usize) -> u16 {
        self.counts.get(track).map_or(0, |(packets, _)| *packets)
    }
}

impl Stream {
    /// Has the batch filled by somebody who may wait, and the stream wait for that.
    pub(super) fn hand_over(
        &mut self,
        filled: Filled,
        now: Instant,
        around: &mut Surroundings<'_>,
    ) -> Next {
        let mut batch = Box::new(mem::take(around.batch));
        let mut counts = vec![(0, 0); self.opening.legs.len()];
        for span in batch.spans() {
            if span.stream == rtp::Stream::Rtp {
                let (packets, octets) = &mut counts[usize::from(span.track)];
                *packets += 1;
                *octets += (span.len() - rtp::HEADER) as u32;
            }
        }
        self.handed_over += 1;
        let number = self.handed_over;
        self.pending = Some(Pending {
            number,
            since: now,
            filled,
            batch: None,
            counts,
        });
        let (index, lane) = (Arc::clone(&self.opening.index), Arc::clone(around.lane));
        let key = around.key;
        self.disk.run(move || {
            // Whatever becomes of this, the stream must not wait for ever.
            let outcome = catch_unwind(AssertUnwindSafe(|| batch.fetch(&index).map(|()| batch)));
            let outcome = outcome.unwrap_or_else(|_| {
                let source = io::Error::other("reading it panicked");
                Err(Error::Film { offset: 0, source })
            });
            lane.fetched(key, number, outcome);
        });
        Next::Parked
    }

    /// The batch with this number is filled. Returns what to do next, if it is anything else than
    /// before.
    pub(in crate::sender) fn fetched(
        &mut self,
        number: u64,
        outcome: Result<Box<rtp::Batch>, Error>,
        now: Instant,
    ) -> Option<Next> {
        let pending = self.pending.as_mut().filter(|it| it.number == number)?;
        match outcome {
            Ok(batch) => pending.batch = Some(batch),
            Err(error) => return Some(Next::Gone(failed(error))),
        }
        (self.state == State::Rolling).then_some(Next::At(now))
    }

    /// Sends the batch that waits, if it is filled. `None` where none waits, or nothing comes of it
    /// but that the stream may go on.
    pub(super) fn send_pending(
        &mut self,
        now: Instant,
        around: &mut Surroundings<'_>,
    ) -> Result<Option<Next>, End> {
        let Some(pending) = &mut self.pending else {
            return Ok(None);
        };
        let Some(batch) = pending.batch.take() else {
            return Ok(Some(Next::Parked));
        };
        let (filled, since) = (pending.filled, pending.since);
        self.pending = None;
        let waited = now.saturating_duration_since(since);
        if waited > LATE {
            let late = batch.spans().len() as u64;
            around.counters.late.fetch_add(late, Ordering::Relaxed);
            if matches!(self.opening.route, Route::Datagram(_)) {
                // All that is overdue at once would only be lost on the way: the film goes on as if
                // it had been paused.
                self.timeline.put_off(waited);
            }
        }
        *around.batch = *batch;
        self.send(now, around)?;
        Ok(self.after(filled, now))
    }

    /// Gives up the batch that waits: its packets were never sent, and their numbers are free.
    pub(super) fn give_up_pending(&mut self) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        for (leg, (packets, octets)) in self.opening.legs.iter_mut().zip(pending.counts) {
            if let Some(leg) = leg {
                leg.outgoing.take_back(packets, octets);
            }
        }
    }

    /// What of the film will be sent until after the next look, by what was sent since the last one:
    /// from where on, and how many bytes.
    fn ahead(&mut self) -> Option<(u64, u64)> {
        const LEAST: u64 = 1 << 20;
        const MOST: u64 = 8 << 20;
        let next = self.held.source()?;
        let before = self.looked_at.replace(next);
        let sent = before.map_or(0, |before| next.abs_diff(before));
        // Further than that is a jump, and says nothing of what is sent.
        let sent = if sent > MOST { 0 } else { sent };
        Some((next, (2 * sent).clamp(LEAST, MOST)))
    }

    /// Has somebody who may wait look whether the film is still what it was, and fetch what will soon
    /// be sent, if it is time to. Returns when it will be again.
    pub(super) fn look_after_film(&mut self, now: Instant, around: &Surroundings<'_>) -> Next {
        if now < self.next_look {
            return Next::At(self.next_look);
        }
        self.next_look = now + LOOK_EVERY;
        // One that waits for a disk that hangs is enough.
        if self.looking.swap(true, Ordering::Relaxed) {
            return Next::At(self.next_look);
        }
        let (index, lane) = (Arc::clone(&self.opening.index), Arc::clone(around.lane));
        let (key, looking) = (around.key, Arc::clone(&self.looking));
        let (records, film) = (self.cursor.offset(), self.ahead());
        self.disk.run(move || {
            let _looking = Looking(looking);
            if let Err(error) = index.check_source() {
                return lane.failed(key, error.into());
            }
            index.read_ahead(records);
            if let Some((from, len)) = film {
                // Advice alone: what is not followed costs a wait later.
                let _ = fadvise(index.source(), from, NonZero::new(len), Advice::WillNeed);
            }
        });
        Next::At(self.next_look)
    }
}
