//! Trick play (RFC 2326, section 12.34): a film at several times its speed, or backwards, by its
//! keyframes alone.
//!
//! RTP time goes on at the pace of the wall clock, as everywhere: a player shows each keyframe at
//! the moment that its time stamp names, and it is the film's time that runs faster, or back. So
//! each keyframe gets a shift of its own between the film's time and the session's.

use std::time::{Duration, Instant};

use iceflix_index::{Index, SeekPoint};

use super::turn::Filled;
use super::{Stream, micros};
use crate::Error;
use crate::sender::worker::Surroundings;

/// The normal speed, forward: every packet of every track.
pub(crate) const NORMAL: f64 = 1.0;

/// The highest speed in either direction: a film of two hours in two minutes.
const FASTEST: f64 = 64.0;

/// The least time between two keyframes: they are the film's largest pictures, and eight of them a
/// second are about what its bit rate is.
const STEP: Duration = Duration::from_millis(125);

/// The most packets among which a keyframe's are looked for.
const MAX_PACKETS: usize = 65_536;

/// The speed that comes closest to what is wished for, which is finite and not 0: the normal one,
/// or one at which keyframes alone are worth seeing.
pub(crate) fn nearest(wished: f64) -> f64 {
    if wished < 0.0 {
        wished.clamp(-FASTEST, -1.0)
    } else if wished < 1.5 {
        NORMAL
    } else {
        wished.clamp(2.0, FASTEST)
    }
}

/// Where a stream is that shows keyframes alone.
#[derive(Debug)]
pub(super) struct Trick {
    /// Film time for each unit of session time; negative backwards.
    pub(super) scale: f64,
    /// When the first keyframe is presented, in the film and, in microseconds, in the session.
    from: (Duration, i64),
    /// Where in the film it ends.
    until: Duration,
    /// When the first keyframe was due, while the stream is rolling.
    began: Instant,
    /// How long after the first keyframe the stream stands, while it is parked.
    elapsed: Duration,
    /// The keyframe whose shift the session has: when that is presented.
    shifted: Duration,
    /// The keyframe at hand, and its number.
    point: (u64, SeekPoint),
    picture: Picture,
}

/// How far the keyframe at hand is sent.
#[derive(Clone, Copy, Debug)]
enum Picture {
    /// It is not due yet.
    Awaited,
    /// None of it is laid out yet.
    Begun,
    /// It is of this track, has this time stamp, and so many packets have been looked at.
    Found(u8, u64, usize),
    /// As a whole.
    Sent,
}

/// Whether there is a further keyframe.
enum Advance {
    Done,
    /// The index does not go so far yet.
    NotYet,
    Over,
}

impl Trick {
    fn new(scale: f64, until: Duration, point: (u64, SeekPoint), shift: i64, now: Instant) -> Self {
        let from = point.1.pts;
        Self {
            scale,
            from: (from, micros(from).saturating_add(shift)),
            until,
            began: now,
            elapsed: Duration::ZERO,
            shifted: from,
            point,
            picture: Picture::Awaited,
        }
    }

    /// The stream begins to roll.
    pub(super) fn roll(&mut self, now: Instant) {
        self.began = now.checked_sub(self.elapsed).unwrap_or(now);
    }

    /// The stream is parked.
    pub(super) fn halt(&mut self, now: Instant) {
        self.elapsed = self.elapsed(now);
    }

    /// How long after the first keyframe a rolling stream is.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// The same of one that is parked.
    pub(super) fn parked_at(&self) -> Duration {
        self.elapsed
    }

    /// Where the film is, so long after the first keyframe.
    pub(super) fn position(&self, elapsed: Duration) -> Duration {
        let far = Duration::try_from_secs_f64(elapsed.as_secs_f64() * self.scale.abs());
        let far = far.unwrap_or(Duration::MAX);
        if self.scale < 0.0 {
            self.from.0.saturating_sub(far)
        } else {
            self.from.0.saturating_add(far)
        }
    }

    /// The moment of the film that has, with the shift that the session has, the RTP time of so long
    /// after the first keyframe.
    pub(super) fn in_step(&self, elapsed: Duration) -> Duration {
        let since = elapsed.saturating_sub(self.due_after(self.shifted));
        self.shifted.saturating_add(since)
    }

    /// Where in the film it is to end.
    pub(super) fn end_at(&mut self, until: Duration) {
        self.until = until;
    }

    /// Where in the film it ends; at its own end at the latest.
    pub(super) fn until(&self) -> Duration {
        self.until
    }

    /// When all of it has been shown, of a film of that length.
    pub(super) fn over_at(&self, length: Duration) -> Instant {
        self.due(self.until.min(length))
    }

    fn is_backwards(&self) -> bool {
        self.scale < 0.0
    }

    /// How long after the first keyframe that moment of the film is due.
    fn due_after(&self, film: Duration) -> Duration {
        self.from.0.abs_diff(film).div_f64(self.scale.abs())
    }

    fn due(&self, film: Duration) -> Instant {
        let after = self.due_after(film);
        self.began.checked_add(after).unwrap_or(self.began)
    }

    /// Takes the keyframe at hand for the one that is shown. Returns how far the session's time is
    /// ahead of the film's with it.
    fn shift(&mut self) -> i64 {
        let shown = self.point.1.pts;
        self.shifted = shown;
        let session = self.from.1.saturating_add(micros(self.due_after(shown)));
        session.saturating_sub(micros(shown))
    }

    /// Goes on to the keyframe that is due a step later, or now, if that is later still: what a slow
    /// viewer has not taken is left out.
    fn advance(&mut self, index: &Index, now: Instant) -> Result<Advance, Error> {
        let (number, shown) = (self.point.0, self.point.1.pts);
        // Asked before looking: what is written in between is found the next time.
        let is_complete = self.is_backwards() || index.knows(Duration::MAX)?;
        let at = self.due_after(shown).saturating_add(STEP);
        let target = self.position(at.max(self.elapsed(now)));
        let upto = points_until(index, target)?;
        let next = if self.is_backwards() {
            // The first one at the target or behind it.
            let at_target = upto > 0 && index.point(upto - 1)?.pts == target;
            let first = upto - u64::from(at_target);
            number.checked_sub(1).map(|before| first.min(before))
        } else {
            Some(upto.saturating_sub(1).max(number + 1)).filter(|next| *next < index.points())
        };
        let Some(next) = next else {
            return Ok(match is_complete {
                true => Advance::Over,
                false => Advance::NotYet,
            });
        };
        let point = index.point(next)?;
        let is_beyond = if self.is_backwards() {
            point.pts < self.until
        } else {
            point.pts >= self.until
        };
        if is_beyond {
            return Ok(Advance::Over);
        }
        (self.point, self.picture) = ((next, point), Picture::Awaited);
        Ok(Advance::Done)
    }
}

/// How many points are presented at that moment or before it.
fn points_until(index: &Index, to: Duration) -> Result<u64, Error> {
    let (mut low, mut high) = (0, index.points());
    while low < high {
        let middle = low + (high - low) / 2;
        if index.point(middle)?.pts <= to {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

impl Stream {
    /// The speed that is really gone at where `wished` is wished for: the normal one where the
    /// title has no keyframes to choose from, or their track is not sent.
    pub(super) fn possible(&self, wished: f64) -> Result<f64, Error> {
        let (index, scale) = (&self.opening.index, nearest(wished));
        if scale == NORMAL || index.points() < 2 {
            return Ok(NORMAL);
        }
        let mut cursor = index.cursor_at(&index.point(0)?);
        let track = cursor.next(index)?.map(|packet| usize::from(packet.track));
        let leg = track.and_then(|track| self.opening.legs.get(track)?.as_ref());
        Ok(leg.map_or(NORMAL, |_| scale))
    }

    /// Shows keyframes alone, from the one that the stream was just moved to. Returns when that is
    /// presented.
    pub(super) fn begin_trick(
        &mut self,
        scale: f64,
        from: Duration,
        now: Instant,
    ) -> Result<Duration, Error> {
        let index = &self.opening.index;
        let number = points_until(index, from)?.saturating_sub(1);
        let until = if scale < 0.0 {
            Duration::ZERO
        } else {
            Duration::MAX
        };
        let point = index.point(number)?;
        let from = point.pts;
        self.trick = Some(Trick::new(scale, until, (number, point), self.shift, now));
        Ok(from)
    }

    /// Lays out the keyframes that are due.
    pub(super) fn fill_with_keyframes(
        &mut self,
        now: Instant,
        around: &mut Surroundings<'_>,
    ) -> Result<Filled, Error> {
        loop {
            let (index, Some(trick)) = (&self.opening.index, &mut self.trick) else {
                return Ok(Filled::End);
            };
            match trick.picture {
                Picture::Awaited => {
                    let due = trick.due(trick.point.1.pts);
                    if due > now {
                        return Ok(Filled::Until(due));
                    }
                    self.cursor = index.cursor_at(&trick.point.1);
                    trick.picture = Picture::Begun;
                    let shift = trick.shift();
                    self.shift_to(shift);
                }
                Picture::Sent => match trick.advance(index, now)? {
                    Advance::Done => {}
                    Advance::NotYet => return Ok(Filled::Starved),
                    Advance::Over => return Ok(Filled::End),
                },
                picture => {
                    let picture = self.lay_out_keyframe(picture, around)?;
                    if let Some(trick) = &mut self.trick {
                        trick.picture = picture;
                    }
                    if !matches!(picture, Picture::Sent) {
                        return Ok(match self.cursor.is_waiting() {
                            true => Filled::Starved,
                            false => Filled::Full,
                        });
                    }
                }
            }
        }
    }

    /// Lays out a keyframe, or what is left of it, as far as the batch goes.
    fn lay_out_keyframe(
        &mut self,
        picture: Picture,
        around: &mut Surroundings<'_>,
    ) -> Result<Picture, Error> {
        let opening = &mut self.opening;
        let (framing, batch) = (opening.route.framing(), &mut *around.batch);
        let mut picture = picture;
        while let Some(packet) = self.cursor.next(&opening.index)? {
            let (track, timestamp, passed) = match picture {
                Picture::Found(track, timestamp, passed) => (track, timestamp, passed + 1),
                _ => (packet.track, packet.timestamp, 0),
            };
            picture = Picture::Found(track, timestamp, passed);
            if passed > MAX_PACKETS {
                return Ok(Picture::Sent);
            }
            if packet.track != track {
                continue;
            }
            if packet.timestamp != timestamp {
                return Ok(Picture::Sent);
            }
            if let Some(leg) = opening
                .legs
                .get_mut(usize::from(track))
                .and_then(Option::as_mut)
            {
                batch.rtp(&packet, &mut leg.outgoing, framing, leg.place.channels().0);
            }
            if packet.marker {
                return Ok(Picture::Sent);
            }
            if batch.is_full() {
                return Ok(picture);
            }
        }
        Ok(match self.cursor.is_waiting() {
            true => picture,
            false => Picture::Sent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_had_becomes_the_nearest_that_can() {
        for (wished, real) in [
            (1.0, 1.0),
            (0.5, 1.0),
            (1.4, 1.0),
            (1.6, 2.0),
            (2.0, 2.0),
            (2.5, 2.5),
            (8.0, 8.0),
            (1e300, 64.0),
            (-0.25, -1.0),
            (-1.0, -1.0),
            (-4.0, -4.0),
            (-1e300, -64.0),
        ] {
            assert_eq!(nearest(wished), real, "{wished}");
        }
    }
}
