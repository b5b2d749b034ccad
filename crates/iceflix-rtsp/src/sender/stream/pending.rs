//! A batch that waits for the disk.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::turn::{Filled, LATE, failed};
use super::{LOOK_EVERY, Next, State, Stream};
use crate::Error;
use crate::event::End;
use crate::rtp;
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

impl Pending {
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
            let outcome = batch.fetch(&index).map(|()| batch);
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
        if now.saturating_duration_since(since) > LATE {
            let late = batch.spans().len() as u64;
            around.counters.late.fetch_add(late, Ordering::Relaxed);
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

    /// Has somebody who may wait look whether the film is still what it was, if it is time to.
    /// Returns when it will be again.
    pub(super) fn look_after_film(&mut self, now: Instant, around: &Surroundings<'_>) -> Next {
        if now < self.next_look {
            return Next::At(self.next_look);
        }
        self.next_look = now + LOOK_EVERY;
        let (index, lane) = (Arc::clone(&self.opening.index), Arc::clone(around.lane));
        let key = around.key;
        self.disk.run(move || {
            if let Err(error) = index.check_source() {
                lane.failed(key, error.into());
            }
        });
        Next::At(self.next_look)
    }
}
