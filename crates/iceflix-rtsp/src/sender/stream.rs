//! One stream: a position in an index, and what makes its packets a viewer's own.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iceflix_index::{Cursor, Index, Packet};

use super::ending::Unreachable;
use super::held::Held;
use super::lane::{Cued, From, Notice};
use super::ports::Undelivered;
use super::route::{Place, Route};
use super::timeline::Timeline;
use super::worker::Surroundings;
use crate::Error;
use crate::event::End;
use crate::pulse::Pulse;
use crate::rtcp;
use crate::rtp::Outgoing;
use crate::rtsp::OnceFlushed;

/// Between two sender reports (RFC 3550, section 6.2, has five seconds as the least).
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// How much RTP time is left between what was sent before a seek and what comes after. More than pictures are
/// reordered by, so that not even a picture that is shown before its keyframe goes back in time.
const GAP: Duration = Duration::from_millis(500);

/// A packet that leaves later than this after its time is counted as late.
const LATE: Duration = Duration::from_millis(100);

/// Between the last packet and the goodbye, at least: players stop at once when they read it, and over UDP it must not
/// overtake.
const BEFORE_BYE: Duration = Duration::from_millis(250);

/// The most batches of one stream in a row, so that one that has fallen behind does not keep the others waiting.
const MAX_TURNS: usize = 4;

/// One track of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    /// What it adds to the packets.
    pub(crate) outgoing: Outgoing,
    /// Where it sends them.
    pub(crate) place: Place,
}

/// What a stream begins with.
pub(crate) struct Opening {
    /// The title.
    pub(crate) index: Arc<Index>,
    /// For each track of the title how it is sent, `None` where it is left out.
    pub(crate) legs: Vec<Option<Leg>>,
    /// The way to the viewer.
    pub(crate) route: Route,
    /// The canonical name (RFC 3550, section 6.5.1): one for the tracks of a stream, so that they are played in step.
    pub(crate) name: String,
    /// Where signs of life are noted.
    pub(crate) pulse: Arc<Pulse>,
    /// The silence that ends the stream, once its viewer has been heard of at all; `None` where somebody else watches.
    pub(crate) silence: Option<Duration>,
    /// How long reports that the viewer cannot be reached are put up with.
    pub(crate) unreachable_grace: Duration,
    /// Such reports of before this moment are passed over.
    pub(crate) unreachable_from: Option<Instant>,
    /// How far it may fall behind on TCP before it skips.
    pub(crate) max_lag: Duration,
    /// Whom to tell what happens.
    pub(crate) notify: Box<dyn Fn(Notice) + Send>,
}

/// What the thread has to do with a stream after its turn.
#[derive(Debug)]
pub(super) enum Next {
    /// Give it a turn at that moment.
    At(Instant),
    /// Leave it alone until somebody says something.
    Parked,
    /// Take it away: it is over.
    Gone(End),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waiting for a command.
    Parked,
    Rolling,
    /// Waiting for its TCP connection.
    Blocked,
    /// Everything is sent; the goodbye is due then.
    Ending(Instant),
}

pub(super) struct Stream {
    opening: Opening,
    cursor: Cursor,
    held: Held,
    state: State,
    timeline: Timeline,
    /// Where the film is while the stream is parked.
    position: Duration,
    /// Where it stops.
    until: Duration,
    /// Everything was sent, so that there is no "here" to go on from.
    finished: bool,
    /// How far the session's time is ahead of the film's, in microseconds.
    shift: i64,
    next_report: Instant,
    unreachable: Unreachable,
    /// Cleared when the kernel refuses to cut batches for this viewer.
    segmentation: bool,
}

/// How far a batch was filled.
enum Filled {
    /// As far as packets are due; the next one is at that moment.
    Until(Instant),
    /// As far as it goes, and more is due.
    Full,
    /// To the end of the film, or of what was asked for.
    End,
}

impl Stream {
    pub(super) fn new(opening: Opening, now: Instant) -> Self {
        Self {
            cursor: opening.index.cursor(),
            held: Held::default(),
            state: State::Parked,
            timeline: Timeline::new(now, Duration::ZERO),
            position: Duration::ZERO,
            until: Duration::MAX,
            finished: false,
            shift: 0,
            next_report: now,
            unreachable: Unreachable::new(opening.unreachable_grace, opening.unreachable_from),
            segmentation: true,
            opening,
        }
    }

    /// The tracks that are sent.
    pub(super) fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.opening.legs.iter().flatten()
    }

    pub(super) fn notify(&self, notice: Notice) {
        (self.opening.notify)(notice);
    }

    /// See [`Ticket::cue`](super::Ticket::cue).
    pub(super) fn cue(
        &mut self,
        from: From,
        to: Option<Duration>,
        now: Instant,
    ) -> Result<Cued, Error> {
        let length = self.opening.index.title().duration;
        let from = match from {
            From::Here if self.finished => From::At(Duration::ZERO),
            from => from,
        };
        let from = match from {
            From::Here => self.here(now),
            From::At(to) => self.move_to(to)?,
        };
        if let Some(to) = to {
            self.until = to;
        }
        let tracks = self.opening.legs.iter().enumerate();
        let tracks = tracks.filter_map(|(position, leg)| {
            let outgoing = &leg.as_ref()?.outgoing;
            Some((position, outgoing.next_sequence(), outgoing.rtp_time(from)))
        });
        Ok(Cued {
            from,
            to: self.until.min(length),
            tracks: tracks.collect(),
        })
    }

    /// Goes on from where it is.
    pub(super) fn roll(&mut self, now: Instant) -> Next {
        if self.state == State::Parked {
            self.timeline = Timeline::new(now, self.position);
            self.state = State::Rolling;
            self.next_report = now;
            self.finished = false;
        }
        Next::At(now)
    }

    /// Stays where it is.
    pub(super) fn halt(&mut self, now: Instant) {
        self.position = self.here(now);
        self.state = State::Parked;
    }

    /// The TCP connection takes bytes again.
    pub(super) fn unblock(&mut self, now: Instant) -> Next {
        if self.state == State::Blocked {
            self.state = State::Rolling;
            return Next::At(now);
        }
        Next::Parked
    }

    /// A receiver's report came.
    pub(super) fn hear(&mut self, now: Instant) {
        self.opening.pulse.beat(now);
        self.unreachable.forget();
    }

    /// A packet came back. Returns whether the viewer is to be taken for gone.
    pub(super) fn undelivered(&mut self, now: Instant) -> bool {
        self.unreachable.report(now)
    }

    /// Sends what is due.
    pub(super) fn turn(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Next {
        let next = match self.state {
            State::Parked | State::Blocked => Ok(Next::Parked),
            State::Rolling => self.send_due(now, around),
            State::Ending(bye) if now < bye => Ok(Next::At(bye)),
            State::Ending(_) => {
                self.position = self.here(now);
                self.state = State::Parked;
                self.finished = true;
                self.goodbye(now, around).map(|()| {
                    self.notify(Notice::Finished);
                    Next::Parked
                })
            }
        };
        next.unwrap_or_else(Next::Gone)
    }

    /// Tells the viewer that nothing more will come, if anything came at all.
    pub(super) fn goodbye(
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

    fn here(&self, now: Instant) -> Duration {
        let position = match self.state {
            State::Parked => self.position,
            State::Rolling | State::Blocked | State::Ending(_) => self.timeline.position(now),
        };
        // A stream that has fallen behind goes on with what it has not sent yet.
        let position = self
            .held
            .send_at()
            .map_or(position, |send_at| position.min(send_at));
        position.min(self.opening.index.title().duration)
    }

    fn move_to(&mut self, to: Duration) -> Result<Duration, Error> {
        let index = &self.opening.index;
        let point = if to.is_zero() { None } else { index.seek(to)? };
        let (cursor, from, position) = match &point {
            Some(point) => (index.cursor_at(point), point.pts, point.send_at),
            None => (index.cursor(), Duration::ZERO, Duration::ZERO),
        };
        if let Some(latest) = self.legs().filter_map(|leg| leg.outgoing.latest()).max() {
            // Session time goes on, whether the film jumps forward or back.
            self.shift = self
                .shift
                .saturating_add(micros(latest))
                .saturating_add(micros(GAP))
                .saturating_sub(micros(from));
            let shift = self.shift;
            self.opening
                .legs
                .iter_mut()
                .flatten()
                .for_each(|leg| leg.outgoing.shift_to(shift));
        }
        self.held.let_go();
        (self.cursor, self.position, self.until) = (cursor, position, Duration::MAX);
        (self.state, self.finished) = (State::Parked, false);
        Ok(from)
    }

    fn send_due(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<Next, End> {
        if self.is_silent(now) {
            return Err(End::Silent);
        }
        for _ in 0..MAX_TURNS {
            if !self.may_write(around) {
                self.state = State::Blocked;
                return Ok(Next::Parked);
            }
            self.catch_up(now).map_err(failed)?;
            around.batch.clear();
            if now >= self.next_report {
                self.report(now, around, rtcp::report);
                self.next_report = now + REPORT_EVERY;
            }
            let filled = self.fill(now, around).map_err(failed)?;
            around.batch.fetch(&self.opening.index).map_err(failed)?;
            self.send(now, around)?;
            match filled {
                Filled::Until(due) => return Ok(Next::At(due)),
                Filled::Full => {}
                Filled::End => {
                    let end = self.until.min(self.opening.index.title().duration);
                    let bye = self.timeline.due(end).max(now + BEFORE_BYE);
                    self.state = State::Ending(bye);
                    return Ok(Next::At(bye));
                }
            }
        }
        Ok(Next::At(now))
    }

    /// Lays out the packets that are due.
    fn fill(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<Filled, Error> {
        let Self {
            opening,
            cursor,
            held,
            timeline,
            until,
            ..
        } = self;
        let Opening {
            index, legs, route, ..
        } = opening;
        let framing = route.framing();
        let batch = &mut *around.batch;
        let mut late = 0;
        let mut lay_out = |packet: &Packet<'_>| {
            if packet.send_at >= *until {
                return Some(Filled::End);
            }
            let due = timeline.due(packet.send_at);
            if due > now {
                return Some(Filled::Until(due));
            }
            if batch.is_full() {
                return Some(Filled::Full);
            }
            if let Some(leg) = legs
                .get_mut(usize::from(packet.track))
                .and_then(Option::as_mut)
            {
                batch.rtp(packet, &mut leg.outgoing, framing, leg.place.channels().0);
                late += u64::from(now.saturating_duration_since(due) > LATE);
            }
            None
        };
        let mut filled = held.packet().and_then(|packet| lay_out(&packet));
        if filled.is_none() {
            held.let_go();
        }
        let filled = loop {
            if let Some(filled) = filled {
                break filled;
            }
            let Some(packet) = cursor.next(index)? else {
                break Filled::End;
            };
            filled = lay_out(&packet);
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
        let film = self.timeline.position(now);
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

    fn send(&mut self, now: Instant, around: &mut Surroundings<'_>) -> Result<(), End> {
        let batch = &around.batch;
        if batch.is_empty() {
            return Ok(());
        }
        match &self.opening.route {
            Route::Datagram(source) => {
                let legs = &self.opening.legs;
                let place = |track: u8| legs.get(usize::from(track))?.as_ref().map(|leg| leg.place);
                let undelivered = around.ports.send(
                    batch,
                    place,
                    *source,
                    &mut self.segmentation,
                    around.counters,
                );
                if undelivered == Undelivered::Unreachable && self.unreachable.report(now) {
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

    /// A stream whose TCP viewer reads too slowly leaves out what is too old, up to the last keyframe before now.
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

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn failed(error: Error) -> End {
    End::Failed(error.in_full())
}

fn closed(error: io::Error) -> End {
    match error.kind() {
        ErrorKind::TimedOut => End::Silent,
        _ => End::Closed,
    }
}
