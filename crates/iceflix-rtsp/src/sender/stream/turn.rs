//! A stream's turn: what is due goes out.

use std::io::{self, ErrorKind};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iceflix_index::Packet;

use super::{Leg, Next, Opening, State, Stream};
use crate::Error;
use crate::event::End;
use crate::rtcp;
use crate::rtp::Outgoing;
use crate::rtsp::OnceFlushed;
use crate::sender::lane::Notice;
use crate::sender::route::Route;
use crate::sender::timeline::Timeline;
use crate::sender::udp::Batched;
use crate::sender::worker::Surroundings;

/// Between two sender reports (RFC 3550, section 6.2, has five seconds as the least).
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// A packet that leaves later than this after its time is counted as late.
pub(super) const LATE: Duration = Duration::from_millis(100);

/// Between the last packet and the goodbye, at least: players stop at once when they read it, and
/// over UDP it must not overtake.
const BEFORE_BYE: Duration = Duration::from_millis(250);

/// How far ahead of its time a packet may go out where others go out anyway: a turn costs more than
/// a packet does. Less than any player buffers, since the sounds of two pictures arrive as far apart
/// in many a container; and so short that what goes out at once fits into every receive buffer.
const AHEAD: Duration = Duration::from_millis(50);

/// How much goes out ahead of its time at once, in bytes.
const MOST_AHEAD: usize = 64 << 10;

/// How long a stream waits that has come to where its index ends for the moment.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The most batches of one stream in a row, so that one that has fallen behind does not keep the
/// others waiting.
const MAX_TURNS: usize = 4;

/// How far a batch was filled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Filled {
    /// As far as packets are due; the next one is at that moment.
    Until(Instant),
    /// As far as it goes, and more is due.
    Full,
    /// As far as the index is written.
    Starved,
    /// To the end of the film, or of what was asked for.
    End,
}

impl Stream {
    /// Sends what is due.
    pub(in crate::sender) fn turn(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Next {
        let next = match self.state {
            State::Parked => Ok(Next::Parked),
            State::Blocked => Ok(self.look_after_film(now, around)),
            State::Rolling => self.send_due(now, around),
            State::Ending(bye) if now < bye => Ok(Next::At(bye)),
            State::Ending(_) => {
                self.position = self.here(now);
                self.finished = true;
                let said = self.goodbye(now, around);
                self.park(now);
                said.map(|()| {
                    self.notify(Notice::Finished);
                    Next::Parked
                })
            }
        };
        next.unwrap_or_else(Next::Gone)
    }

    /// Tells the viewer that nothing more will come, if anything came at all.
    pub(in crate::sender) fn goodbye(
        &mut self,
        now: Instant,
        around: &mut Surroundings<'_>,
    ) -> Result<(), End> {
        if self.legs().all(|leg| leg.outgoing.counts().0 == 0) {
            return Ok(());
        }
        around.batch.clear();
        self.report(now, around, rtcp::bye);
        self.send(now, around).map(|_| ())
    }

    fn send_due(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<Next, End> {
        if self.is_silent(now) {
            return Err(End::Silent);
        }
        self.look_after_film(now, around);
        for _ in 0..MAX_TURNS {
            if !self.may_write(around) {
                self.state = State::Blocked;
                return Ok(Next::At(self.next_look));
            }
            if let Some(next) = self.send_pending(now, around)? {
                return Ok(next);
            }
            self.catch_up(now).map_err(failed)?;
            around.batch.clear();
            if now >= self.next_report {
                self.report(now, around, rtcp::report);
                self.next_report = now + REPORT_EVERY;
            }
            let filled = match self.trick {
                Some(_) => self.fill_with_keyframes(now, around),
                None => self.fill(now, around),
            };
            let filled = filled.map_err(failed)?;
            let index = &self.opening.index;
            let fetched = match self.disk.is_memory() {
                true => around.batch.fetch(index).map(|()| true),
                false => around.batch.fetch_cached(index),
            };
            if !fetched.map_err(failed)? {
                return Ok(self.hand_over(filled, now, around));
            }
            self.send(now, around)?;
            if let Some(next) = self.after(filled, now) {
                return Ok(next);
            }
        }
        Ok(Next::At(now))
    }

    /// What comes after a batch was sent; `None` where that is one more.
    pub(super) fn after(&mut self, filled: Filled, now: Instant) -> Option<Next> {
        match filled {
            Filled::Until(due) => Some(Next::At(due)),
            Filled::Full => None,
            Filled::Starved => Some(Next::At(now + LOOK_AGAIN)),
            Filled::End => {
                let length = self.length();
                let over = match &self.trick {
                    Some(trick) => trick.over_at(length),
                    None => self.timeline.due(self.until.min(length)),
                };
                let bye = over.max(now + BEFORE_BYE);
                self.state = State::Ending(bye);
                Some(Next::At(bye))
            }
        }
    }

    /// Lays out the packets that are due, and some that soon will be.
    fn fill(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<Filled, Error> {
        let Self {
            opening,
            cursor,
            held,
            timeline,
            until,
            starved,
            ..
        } = self;
        let Opening {
            index, legs, route, ..
        } = opening;
        let framing = route.framing();
        let batch = &mut *around.batch;
        let mut late = 0;
        let mut lay_out = |packet: &Packet<'_>, timeline: &Timeline| {
            if packet.send_at >= *until {
                return Some(Filled::End);
            }
            let film = timeline.position(now);
            if packet.send_at > film {
                let ahead = packet.send_at - film;
                if batch.is_empty() || ahead > AHEAD || batch.len() > MOST_AHEAD {
                    return Some(Filled::Until(timeline.due(packet.send_at)));
                }
            }
            if batch.is_full() {
                return Some(Filled::Full);
            }
            if let Some(leg) = legs
                .get_mut(usize::from(packet.track))
                .and_then(Option::as_mut)
            {
                batch.rtp(packet, &mut leg.outgoing, framing, leg.place.channels().0);
                // What lies before where the stream was rolled from is due then.
                late += u64::from(
                    film.saturating_sub(packet.send_at) > LATE
                        && now > timeline.due(packet.send_at) + LATE,
                );
            }
            None
        };
        let mut filled = held.packet().and_then(|packet| lay_out(&packet, timeline));
        if filled.is_none() {
            held.let_go();
        }
        let filled = loop {
            if let Some(filled) = filled {
                break filled;
            }
            let Some(packet) = cursor.next(index)? else {
                *starved = cursor.is_waiting();
                break match *starved {
                    true => Filled::Starved,
                    false => Filled::End,
                };
            };
            if mem::take(starved) && timeline.due(packet.send_at) < now {
                // The film goes on from here as if it had been paused.
                *timeline = Timeline::new(now, packet.send_at);
            }
            filled = lay_out(&packet, timeline);
            if filled.is_some() {
                held.keep(&packet);
            }
        };
        around.counters.late.fetch_add(late, Ordering::Relaxed);
        Ok(filled)
    }

    fn report(
        &mut self,
        now: Instant,
        around: &mut Surroundings<'_>,
        write: fn(&mut Vec<u8>, &Outgoing, rtcp::NtpTime, u32, &str),
    ) {
        let Opening {
            legs, route, name, ..
        } = &self.opening;
        let film = self.in_step(now);
        let wall = around.wall(now);
        for (position, leg) in legs.iter().enumerate() {
            let Some(Leg { outgoing, place }) = leg else {
                continue;
            };
            around.batch.rtcp(
                position as u8,
                route.framing(),
                place.channels().1,
                |bytes| {
                    write(bytes, outgoing, wall, outgoing.rtp_time(film), name);
                },
            );
        }
    }

    pub(super) fn send(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<(), End> {
        let batch = &around.batch;
        if batch.is_empty() {
            return Ok(());
        }
        match &self.opening.route {
            Route::Datagram(source) => {
                let legs = &self.opening.legs;
                let place = |track: u8| legs.get(usize::from(track))?.as_ref().map(|leg| leg.place);
                let batched = Batched {
                    batch,
                    place: &place,
                    from: *source,
                };
                let outcome = around.ports.send(&batched, &mut self.segmentation);
                around.counters.sent(outcome.packets, outcome.bytes);
                around
                    .counters
                    .refused
                    .fetch_add(outcome.refused as u64, Ordering::Relaxed);
                if outcome.no_way && self.unreachable.report(now) {
                    return Err(End::Unreachable);
                }
            }
            Route::Interleaved(outbox) => {
                outbox.send(batch.bytes()).map_err(closed)?;
                around.counters.sent(batch.spans().len(), batch.payload());
                if outbox.is_clear() {
                    self.opening.pulse.beat(now);
                }
            }
        }
        Ok(())
    }

    /// Whether the way is clear; if not, the thread will be told when it is.
    fn may_write(&self, around: &Surroundings<'_>) -> bool {
        let Route::Interleaved(outbox) = &self.opening.route else {
            return true;
        };
        outbox.is_clear_or(|| {
            let (lane, key) = (Arc::clone(around.lane), around.key);
            Box::new(move || lane.writable(key)) as OnceFlushed
        })
    }

    /// A stream whose TCP viewer reads too slowly leaves out what is too old, up to the last
    /// keyframe before now.
    fn catch_up(&mut self, now: Instant) -> Result<(), Error> {
        let (Route::Interleaved(_), Some(send_at)) = (&self.opening.route, self.held.send_at())
        else {
            return Ok(());
        };
        if now.saturating_duration_since(self.timeline.due(send_at)) <= self.opening.max_lag {
            return Ok(());
        }
        let index = &self.opening.index;
        if let Some(point) = index
            .seek(self.timeline.position(now))?
            .filter(|point| point.send_at > send_at)
        {
            tracing::debug!(from = ?send_at, to = ?point.send_at, "a viewer reads too slowly; skipping ahead");
            self.cursor = index.cursor_at(&point);
            self.held.let_go();
            self.looked_at = None;
        }
        Ok(())
    }

    fn is_silent(&self, now: Instant) -> bool {
        let Opening {
            silence: Some(silence),
            pulse,
            ..
        } = &self.opening
        else {
            return false;
        };
        pulse.heard() && now.saturating_duration_since(pulse.last()) > *silence
    }
}

pub(super) fn failed(error: Error) -> End {
    End::Failed(error.in_full())
}

fn closed(error: io::Error) -> End {
    match error.kind() {
        ErrorKind::TimedOut => End::Silent,
        _ => End::Closed,
    }
}
