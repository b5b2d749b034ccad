//! One stream: a position in an index, and what makes its packets a viewer's own.

mod pending;
mod trick;
mod turn;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use iceflix_index::{Cursor, Index};

use self::pending::Pending;
pub(crate) use self::trick::NORMAL;
use self::trick::Trick;
use super::disk::Disk;
use super::ending::Unreachable;
use super::held::Held;
use super::lane::{Cued, From, Notice};
use super::route::{Place, Route};
use super::timeline::Timeline;
use crate::Error;
use crate::event::End;
use crate::pulse::Pulse;
use crate::rtp::Outgoing;

/// How much RTP time is left between what was sent before a seek and what comes after. More than
/// pictures are reordered by, so that not even a picture that is shown before its keyframe goes
/// back in time.
const GAP: Duration = Duration::from_millis(500);

/// Between two looks at whether the film is still what it was.
const LOOK_EVERY: Duration = Duration::from_secs(3);

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
    /// The canonical name (RFC 3550, section 6.5.1): one for the tracks of a stream, so that they
    /// are played in step.
    pub(crate) name: String,
    /// Where signs of life are noted.
    pub(crate) pulse: Arc<Pulse>,
    /// The silence that ends the stream, once its viewer has been heard of at all; `None` where
    /// somebody else watches.
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
pub(in crate::sender) enum Next {
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

pub(in crate::sender) struct Stream {
    opening: Opening,
    cursor: Cursor,
    held: Held,
    disk: Disk,
    /// What waits for the disk.
    pending: Option<Pending>,
    /// How many batches were given to it.
    handed_over: u64,
    /// Where it is if it shows keyframes alone.
    trick: Option<Trick>,
    state: State,
    timeline: Timeline,
    /// Where the film is while the stream is parked.
    position: Duration,
    /// Where it stops.
    until: Duration,
    /// Everything was sent, so that there is no "here" to go on from.
    finished: bool,
    /// The index has been read as far as it is written.
    starved: bool,
    /// How far the session's time is ahead of the film's, in microseconds.
    shift: i64,
    /// How far session time has come, in microseconds; `None` while nothing was sent or told.
    reached: Option<i64>,
    next_report: Instant,
    next_look: Instant,
    /// A look is under way.
    looking: Arc<AtomicBool>,
    /// Where in the film's file the stream was at the last one, since the stream was moved.
    looked_at: Option<u64>,
    unreachable: Unreachable,
    /// Cleared when the kernel refuses to cut batches for this viewer.
    segmentation: bool,
}

impl Stream {
    pub(in crate::sender) fn new(opening: Opening, disk: Disk, now: Instant) -> Self {
        Self {
            cursor: opening.index.cursor(),
            held: Held::default(),
            disk,
            pending: None,
            handed_over: 0,
            trick: None,
            state: State::Parked,
            timeline: Timeline::new(now, Duration::ZERO),
            position: Duration::ZERO,
            until: Duration::MAX,
            finished: false,
            starved: false,
            shift: 0,
            reached: None,
            next_report: now,
            next_look: now,
            looking: Arc::default(),
            looked_at: None,
            unreachable: Unreachable::new(opening.unreachable_grace, opening.unreachable_from),
            segmentation: true,
            opening,
        }
    }

    /// The tracks that are sent.
    pub(in crate::sender) fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.opening.legs.iter().flatten()
    }

    pub(in crate::sender) fn notify(&self, notice: Notice) {
        (self.opening.notify)(notice);
    }

    /// See [`Ticket::cue`](super::Ticket::cue).
    pub(in crate::sender) fn cue(
        &mut self,
        from: From,
        to: Option<Duration>,
        scale: f64,
        now: Instant,
    ) -> Result<Cued, Error> {
        let length = self.length();
        let scale = self.possible(scale)?;
        let from = match from {
            From::Here if self.finished && scale < 0.0 => From::At(length),
            From::Here if self.finished => From::At(Duration::ZERO),
            From::Here if scale != self.scale() => From::At(self.here(now)),
            from => from,
        };
        let from = match from {
            From::Here => self.here(now),
            From::At(at) => {
                let from = self.move_to(at)?;
                if scale == NORMAL {
                    from
                } else {
                    self.begin_trick(scale, from, now)?
                }
            }
        };
        match (&mut self.trick, to) {
            (Some(trick), Some(to)) => trick.end_at(to),
            (None, Some(to)) if from < to => self.until = to,
            // Backwards, of a title that only goes forward, or to no end of its own.
            (None, _) | (_, None) => {}
        }
        let (until, named) = match &self.trick {
            Some(trick) => (trick.until(), trick.in_step(self.elapsed(trick, now))),
            None => (self.until, from),
        };
        let tracks = self.opening.legs.iter().enumerate();
        let tracks = tracks.filter_map(|(position, leg)| {
            let outgoing = &leg.as_ref()?.outgoing;
            let unsent = self.pending.as_ref();
            let unsent = unsent.map_or(0, |pending| pending.packets(position));
            let sequence = outgoing.next_sequence().wrapping_sub(unsent);
            Some((position, sequence, outgoing.rtp_time(named)))
        });
        Ok(Cued {
            from,
            to: until.min(length),
            scale,
            tracks: tracks.collect(),
        })
    }

    /// Goes on from where it is.
    pub(in crate::sender) fn roll(&mut self, now: Instant) -> Next {
        if self.state == State::Parked {
            self.timeline = Timeline::new(now, self.position);
            if let Some(trick) = &mut self.trick {
                trick.roll(now);
            }
            if let Some(pending) = &mut self.pending {
                pending.roll(now);
            }
            self.state = State::Rolling;
            self.next_report = now;
            self.finished = false;
        }
        Next::At(now)
    }

    /// Stays where it is.
    pub(in crate::sender) fn halt(&mut self, now: Instant) {
        self.position = self.here(now);
        self.park(now);
    }

    /// The TCP connection takes bytes again.
    pub(in crate::sender) fn unblock(&mut self, now: Instant) -> Next {
        if self.state == State::Blocked {
            self.state = State::Rolling;
            return Next::At(now);
        }
        Next::Parked
    }

    /// A receiver's report came.
    pub(in crate::sender) fn hear(&mut self, now: Instant) {
        self.opening.pulse.beat(now);
        self.unreachable.forget();
    }

    /// A packet came back. Returns whether the viewer is to be taken for gone.
    pub(in crate::sender) fn undelivered(&mut self, now: Instant) -> bool {
        self.unreachable.report(now)
    }

    fn park(&mut self, now: Instant) {
        if self.state != State::Parked
            && let Some(trick) = &mut self.trick
        {
            trick.halt(now);
        }
        self.state = State::Parked;
    }

    /// Film time for each unit of the wall clock's.
    fn scale(&self) -> f64 {
        self.trick.as_ref().map_or(NORMAL, |trick| trick.scale)
    }

    /// How long after its first keyframe a stream of keyframes is.
    fn elapsed(&self, trick: &Trick, now: Instant) -> Duration {
        match self.state {
            State::Parked => trick.parked_at(),
            State::Rolling | State::Blocked | State::Ending(_) => trick.elapsed(now),
        }
    }

    /// The moment of the film whose RTP time belongs to `now`.
    fn in_step(&self, now: Instant) -> Duration {
        match (&self.trick, self.state) {
            (Some(trick), _) => trick.in_step(self.elapsed(trick, now)),
            (None, State::Parked) => self.position,
            (None, State::Rolling | State::Blocked | State::Ending(_)) => {
                self.timeline.position(now)
            }
        }
    }

    fn here(&self, now: Instant) -> Duration {
        let position = match &self.trick {
            Some(trick) => trick.position(self.elapsed(trick, now)),
            None => self.in_step(now),
        };
        // A stream that has fallen behind goes on with what it has not sent yet.
        let position = self
            .held
            .send_at()
            .map_or(position, |send_at| position.min(send_at));
        position.min(self.length())
    }

    /// How long the film is; for ever, as long as nobody knows.
    fn length(&self) -> Duration {
        self.opening.index.duration().unwrap_or(Duration::MAX)
    }

    fn move_to(&mut self, to: Duration) -> Result<Duration, Error> {
        let index = &self.opening.index;
        let point = if to.is_zero() { None } else { index.seek(to)? };
        let (cursor, from, position) = match &point {
            Some(point) => (index.cursor_at(point), point.pts, point.send_at),
            None => (index.cursor(), Duration::ZERO, Duration::ZERO),
        };
        self.give_up_pending();
        self.note_reached();
        if let Some(reached) = self.reached {
            // Session time goes on, whether the film jumps forward or back.
            let shift = reached
                .saturating_add(micros(GAP))
                .saturating_sub(micros(from));
            self.shift_to(shift);
        }
        // What is told counts as reached: the next seek takes nothing back, though nothing is sent
        // until then.
        self.reached = Some(self.shift.saturating_add(micros(from)));
        self.held.let_go();
        self.looked_at = None;
        self.trick = None;
        (self.cursor, self.position, self.until) = (cursor, position, Duration::MAX);
        (self.state, self.finished, self.starved) = (State::Parked, false, false);
        Ok(from)
    }

    /// From here on the session's time is `shift` microseconds ahead of the film's.
    fn shift_to(&mut self, shift: i64) {
        self.note_reached();
        self.shift = shift;
        let legs = self.opening.legs.iter_mut().flatten();
        legs.for_each(|leg| leg.outgoing.shift_to(shift));
    }

    fn note_reached(&mut self) {
        let sent = self.legs().filter_map(|leg| leg.outgoing.latest()).max();
        self.reached = self
            .reached
            .max(sent.map(|sent| self.shift.saturating_add(micros(sent))));
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
