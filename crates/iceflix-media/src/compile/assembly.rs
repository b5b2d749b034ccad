//! The tracks of a film on their way into the index.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use iceflix_index::{Kind, Piece, Title, Writer};

use super::merge::Merge;
use super::order::Order;
use super::presentation::Presentation;
use super::ticks::Ticks;
use super::unit::{self, Unit};
use super::{Begun, describe};
use crate::Error;
use crate::film::Film;
use crate::format::{Payloader, Plan};
use crate::packetise::Packetiser;
use crate::source::Ledger;
use crate::tracks::Unseen;

/// What a payloader adds may be this long, in bytes, to be kept in the index itself; what is longer
/// goes into the side file.
const INLINE: u32 = 256;

/// How much later than the other tracks a track may come in the file, in nanoseconds, to be sent at
/// all.
const LATEST: i64 = 30_000_000_000;

/// How many units keep their memory for others.
const SPARE: usize = 256;

/// Collects the packets of all tracks, and writes them in their order.
pub(super) struct Assembly {
    path: PathBuf,
    into: PathBuf,
    source_len: u64,
    ledger: Arc<Ledger>,
    /// Who waits for the index.
    begun: Option<Begun>,
    has_edits: bool,
    tells_presentation: bool,
    lanes: Vec<Lane>,
    /// The unit that a payloader is making packets of, and its lane. It is complete when the next
    /// one begins, of whatever lane: a demultiplexer hands on one at a time, and no payloader keeps
    /// anything back.
    current: Option<(usize, Unit)>,
    /// Presentation time of the last unit that had one, in nanoseconds.
    newest: i64,
    /// The lane and the time of the last packet of a payloader that gathers units.
    gathered: Option<(usize, Option<gst::ClockTime>)>,
    /// Whether the parameter sets are still to go out before its next packet.
    lead: bool,
    merge: Merge,
    unseen: Unseen,
    output: Option<Output>,
    spare: Vec<Unit>,
    failure: Option<Error>,
}

/// A track, as far as the order of its own goes.
struct Lane {
    track: Track,
    segment: gst::FormattedSegment<gst::ClockTime>,
    /// How much later than the demultiplexer an encoder says that everything is presented, in
    /// nanoseconds.
    shift: i64,
    leading: describe::Leading,
    /// What a payloader of our own repeats in each packet.
    repeated: Option<[u8; 4]>,
    /// Of a codec of which it can be found out when pictures are presented.
    presentation: Option<Presentation>,
    order: Order,
}

/// Where a track comes from, and what becomes of it on its way.
pub(super) struct Track {
    pub(super) plan: Plan,
    /// The demultiplexer's pad.
    pub(super) input: gst::Pad,
    /// Where access units enter the payloader.
    pub(super) units: gst::Pad,
    /// Where its packets arrive.
    pub(super) packets: gst::Pad,
}

/// The index that is being written.
struct Output {
    writer: Writer,
    /// The presentation time that becomes 0, in nanoseconds.
    zero: i64,
    /// The send time of the last packet, likewise.
    last: i64,
    /// When everything written so far is over, likewise.
    end: i64,
    /// One for each lane; `None` for one that is left out.
    tracks: Vec<Option<Written>>,
    pieces: Vec<Piece>,
}

/// What is written of a track.
struct Written {
    number: u8,
    ticks: Ticks,
    bytes: u64,
}

impl Assembly {
    pub(super) fn new(film: &Film, into: &Path, ledger: Arc<Ledger>, begun: Option<Begun>) -> Self {
        Self {
            path: film.path.clone(),
            into: into.to_owned(),
            source_len: film.len,
            ledger,
            begun,
            has_edits: film.container.has_edits,
            tells_presentation: film.container.tells_presentation,
            lanes: Vec::new(),
            current: None,
            newest: 0,
            gathered: None,
            lead: false,
            merge: Merge::default(),
            unseen: Unseen::default(),
            output: None,
            spare: Vec::new(),
            failure: None,
        }
    }

    /// Does not begin the title before all of these tracks are seen.
    pub(super) fn wait_for(&mut self, unseen: Unseen) {
        self.unseen = unseen;
    }

    /// Adds a track; returns its number. None is taken any more once the title is described.
    pub(super) fn add(&mut self, track: Track) -> Option<usize> {
        if self.output.is_some() {
            tracing::warn!(film = %self.path.display(), "a track that begins in the middle of this film is left out");
            return None;
        }
        let restores = match &track.plan.format.payloader {
            Payloader::Own(packetiser) => packetiser.is_bidirectional(&[]).is_some(),
            Payloader::Element { .. } | Payloader::Gathering { .. } => false,
        };
        let presentation = restores.then(|| match self.tells_presentation {
            true => Presentation::default(),
            false => Presentation::untold(),
        });
        self.lanes.push(Lane {
            segment: gst::FormattedSegment::new(),
            shift: 0,
            leading: describe::Leading::default(),
            repeated: None,
            presentation,
            order: Order::new(track.plan.format.reordering),
            track,
        });
        self.merge.add();
        Some(self.lanes.len() - 1)
    }

    /// Keeps the first error; all that follows is ignored.
    pub(super) fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    pub(super) fn set_segment(
        &mut self,
        lane: usize,
        segment: gst::FormattedSegment<gst::ClockTime>,
    ) {
        let lane = &mut self.lanes[lane];
        if lane.track.plan.transcoded {
            let told = lane.track.input.sticky_event::<gst::event::Segment>(0);
            let told = told.and_then(|event| {
                let told = event.segment().downcast_ref::<gst::ClockTime>()?.start()?;
                Some(segment.start()?.nseconds() as i64 - told.nseconds() as i64)
            });
            lane.shift = told.unwrap_or(0);
        }
        lane.segment = segment;
    }

    /// Begins an access unit: the packets that follow are made of it.
    pub(super) fn begin(&mut self, lane: usize, buffer: &gst::BufferRef) {
        self.complete();
        let mut unit = self.spare.pop().unwrap_or_default();
        let Lane {
            track,
            segment,
            shift,
            leading,
            ..
        } = &mut self.lanes[lane];
        let format = track.plan.format;
        let running = |time: Option<gst::ClockTime>| match self.has_edits {
            true => segment.to_running_time_full(time?).map(nanoseconds),
            false => i64::try_from(time?.nseconds())
                .ok()
                .map(|time| time - *shift),
        };
        let dts = running(buffer.dts());
        let told =
            running(buffer.pts()).filter(|_| self.tells_presentation || format.reordering == 0);
        unit.is_told = told.is_some();
        unit.pts = told.or(dts).unwrap_or(self.newest);
        unit.at = if format.reordering > 0 { dts } else { None };
        unit.duration = buffer
            .duration()
            .map_or(0, |duration| duration.nseconds() as i64);
        let told = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
        unit.keyframe =
            format.kind == Kind::Video && (format.is_keyframe)(told, &first_bytes(buffer, 0));
        self.lead = unit.keyframe && format.leading.is_some();
        if self.lead {
            leading.update(track);
        }
        self.newest = unit.pts;
        self.current = Some((lane, unit));
    }

    /// Adds a packet to the unit that was begun last.
    ///
    /// # Errors
    ///
    /// Where this or anything before failed: the film should not be read any further.
    /// [`take_failure`](Self::take_failure) tells why.
    pub(super) fn packet(&mut self, lane: usize, buffer: &gst::BufferRef) -> Result<(), ()> {
        if self.failure.is_some() {
            return Err(());
        }
        let payloader = &self.lanes[lane].track.plan.format.payloader;
        match payloader {
            Payloader::Element { .. } => (),
            Payloader::Gathering { .. } => self.begin_gathered(lane, buffer),
            Payloader::Own(packetiser) => return self.cut(lane, *packetiser, buffer),
        }
        let Some((_, unit)) = self
            .current
            .as_mut()
            .filter(|(current, _)| *current == lane)
        else {
            return Ok(());
        };
        let Lane { track, leading, .. } = &self.lanes[lane];
        if self.lead
            && !track
                .plan
                .format
                .leading
                .as_ref()
                .is_some_and(|leading| (leading.is_delimiter)(first_bytes(buffer, unit::HEADER)[0]))
        {
            leading.payloads().for_each(|payload| unit.lead(payload));
            self.lead = false;
        }
        let added = unit.add(buffer, &self.ledger);
        added.map_err(|reason| self.unsendable(&reason))
    }

    /// Begins a unit where a payloader that gathers several access units begins another packet, and
    /// does not go on with what it had to tear apart.
    fn begin_gathered(&mut self, lane: usize, buffer: &gst::BufferRef) {
        let goes_on = self.gathered == Some((lane, buffer.pts())) && self.current.is_some();
        if !goes_on {
            self.begin(lane, buffer);
            self.gathered = Some((lane, buffer.pts()));
        }
    }

    /// Makes the packets of an access unit.
    fn cut(
        &mut self,
        lane: usize,
        packetiser: &dyn Packetiser,
        buffer: &gst::BufferRef,
    ) -> Result<(), ()> {
        self.begin(lane, buffer);
        let Lane {
            track, repeated, ..
        } = &mut self.lanes[lane];
        let state = *repeated.get_or_insert_with(|| {
            let caps = track.packets.current_caps();
            caps.map_or([0; 4], |caps| packetiser.state(&caps))
        });
        let Some((_, unit)) = &mut self.current else {
            return Ok(());
        };
        let Ok(bytes) = buffer.map_readable() else {
            return Ok(());
        };
        unit.is_bidirectional = packetiser.is_bidirectional(&bytes).unwrap_or(false);
        let mut added = Ok(());
        packetiser.packets(&bytes, state, &mut |parts, marker| {
            if added.is_ok() {
                added = unit.add_parts(parts, marker, &self.ledger);
            }
        });
        added.map_err(|reason| self.unsendable(&reason))
    }

    fn unsendable(&mut self, reason: &str) {
        self.fail(Error::Broken {
            path: self.path.clone(),
            reason: format!("its content cannot be put into packets: one {reason}"),
        });
    }

    /// Says that a track has ended.
    pub(super) fn end(&mut self, lane: usize) {
        self.complete();
        self.advance(lane, true);
    }

    /// Hands on the unit that was begun last.
    fn complete(&mut self) {
        if let Some((lane, unit)) = self.current.take() {
            match &mut self.lanes[lane].presentation {
                Some(presentation) => presentation.push(unit),
                None => self.lanes[lane].order.push(unit),
            }
            self.advance(lane, false);
        }
    }

    /// Completes the index.
    pub(super) fn finish(&mut self) -> Result<Title, Error> {
        self.unseen = Unseen::default();
        (0..self.lanes.len()).for_each(|lane| self.end(lane));
        if let Some(error) = self.take_failure() {
            return Err(error);
        }
        let Some(output) = self.output.take() else {
            return Err(self.without_picture());
        };
        output.finish().map_err(|source| Error::Index {
            path: self.path.clone(),
            source,
        })
    }

    /// Moves on what has become complete in a lane, and writes what is next of all.
    fn advance(&mut self, lane: usize, ended: bool) {
        let Lane {
            presentation,
            order,
            ..
        } = &mut self.lanes[lane];
        if let Some(presentation) = presentation {
            std::iter::from_fn(|| presentation.pop(ended)).for_each(|unit| order.push(unit));
        }
        while let Some(unit) = self.lanes[lane].order.pop(ended) {
            match unit.len() {
                0 => recycle(&mut self.spare, unit),
                _ => self.merge.push(lane, unit),
            }
        }
        if ended {
            self.merge.end(lane);
        }
        if self.failure.is_some() || (self.output.is_none() && !self.is_primed()) {
            return;
        }
        if let Err(error) = self.write() {
            self.fail(error);
        }
    }

    /// Whether enough has come to begin the title.
    fn is_primed(&self) -> bool {
        let all_seen = self.unseen.load(Ordering::Relaxed) == 0;
        self.merge.is_full() || all_seen && self.merge.is_primed()
    }

    fn write(&mut self) -> Result<(), Error> {
        if self.output.is_none() {
            match self.merge.earliest() {
                Some(zero) => self.output = Some(self.start(zero)?),
                None => return Ok(()),
            }
        }
        let Some(output) = &mut self.output else {
            return Ok(());
        };
        while let Some((lane, unit)) = self.merge.pop() {
            output.write(lane, &unit).map_err(|source| Error::Index {
                path: self.path.clone(),
                source,
            })?;
            if output.last - unit.at.unwrap_or(unit.pts) > LATEST {
                return Err(Error::NoServableTrack {
                    path: self.path.clone(),
                    reason: FAR_APART.into(),
                });
            }
            recycle(&mut self.spare, unit);
        }
        Ok(())
    }

    /// Begins the index, now that each track that takes part has begun.
    fn start(&mut self, zero: i64) -> Result<Output, Error> {
        let mut described = Vec::new();
        let mut written = Vec::new();
        for (number, lane) in self.lanes.iter().enumerate() {
            let track = describe::track(described.len(), &lane.track);
            let track = track.filter(|_| !self.merge.is_empty(number));
            if track.is_none() {
                let codec = lane.track.plan.format.name;
                tracing::warn!(film = %self.path.display(), codec, "a track of which nothing came for long, or nothing that could be read, is left out");
            }
            written.push(track.as_ref().map(|track| Written {
                number: described.len() as u8,
                ticks: Ticks::new(track.clock_rate, lane.track.plan.format.unit),
                bytes: 0,
            }));
            described.extend(track);
        }
        if !described.iter().any(|track| track.kind == Kind::Video) {
            return Err(self.without_picture());
        }
        let title = Title {
            source_len: self.source_len,
            duration: self.told_duration(),
            tracks: described,
        };
        let failed = |source| Error::Index {
            path: self.path.clone(),
            source,
        };
        let mut writer = Writer::create(&self.into, title).map_err(failed)?;
        if let Some(begun) = self.begun.take() {
            begun(writer.share(&self.path).map_err(failed)?);
        }
        Ok(Output {
            writer,
            zero,
            last: zero,
            end: zero,
            tracks: written,
            pieces: Vec::new(),
        })
    }

    /// How long the film plays, as its container says; zero where it does not.
    fn told_duration(&self) -> Duration {
        let told = self
            .lanes
            .iter()
            .filter_map(|lane| lane.track.input.query_duration::<gst::ClockTime>())
            .max();
        told.map_or(Duration::ZERO, |told| {
            Duration::from_micros(told.useconds())
        })
    }

    fn without_picture(&self) -> Error {
        Error::Broken {
            path: self.path.clone(),
            reason: "its video track holds no picture".into(),
        }
    }
}

/// What to tell of a film whose tracks are not interleaved.
const FAR_APART: &str = "its tracks lie more than half a minute apart in the file, so that they cannot be sent in step; \
                         `ffmpeg -i FILE -map 0 -c copy NEW` puts them in order";

impl Output {
    fn write(&mut self, lane: usize, unit: &Unit) -> Result<(), iceflix_index::Error> {
        let Some(Some(track)) = self.tracks.get_mut(lane) else {
            return Ok(());
        };
        self.last = self.last.max(unit.at.unwrap_or(unit.pts));
        self.end = self.end.max(unit.pts.saturating_add(unit.duration));
        let send_at = Duration::from_micros(since(self.zero, self.last) / 1_000);
        let timestamp = track.ticks.at(since(self.zero, unit.pts));
        for mut packet in unit.packets(track.number) {
            self.pieces.clear();
            for piece in packet.pieces {
                self.pieces.push(match *piece {
                    Piece::Inline { start, len } if len > INLINE => {
                        let bytes = &packet.inline[start as usize..(start + len) as usize];
                        Piece::Side {
                            offset: self.writer.side(bytes)?,
                            len,
                        }
                    }
                    piece => piece,
                });
            }
            track.bytes += packet.payload_len() as u64;
            packet.send_at = send_at;
            packet.timestamp = timestamp;
            packet.pieces = &self.pieces;
            self.writer.push(&packet)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Title, iceflix_index::Error> {
        let duration = Duration::from_micros(since(self.zero, self.end) / 1_000);
        let bit_rate = |bytes: u64| {
            let bits = u128::from(bytes) * 8 * 1_000_000;
            bits.checked_div(duration.as_micros())
                .and_then(|rate| u32::try_from(rate).ok())
        };
        let mut rates: Vec<_> = self
            .tracks
            .iter()
            .flatten()
            .map(|track| bit_rate(track.bytes))
            .collect();
        self.writer.describe(duration, rates.drain(..));
        self.writer.finish()
    }
}

/// The first bytes from `offset` on; 0 where there are none.
fn first_bytes(buffer: &gst::BufferRef, offset: usize) -> [u8; 4] {
    let mut bytes = [0; 4];
    let len = buffer.size().saturating_sub(offset).min(bytes.len());
    // They are there, so that it cannot fail.
    let _ = buffer.copy_to_slice(offset, &mut bytes[..len]);
    bytes
}

/// Keeps the memory of a unit for another one.
fn recycle(spare: &mut Vec<Unit>, mut unit: Unit) {
    if spare.len() < SPARE {
        unit.clear();
        spare.push(unit);
    }
}

/// Nanoseconds from `zero` to `time`; 0 where it lies before.
fn since(zero: i64, time: i64) -> u64 {
    u64::try_from(time.saturating_sub(zero)).unwrap_or(0)
}

fn nanoseconds(time: gst::Signed<gst::ClockTime>) -> i64 {
    match time {
        gst::Signed::Positive(time) => i64::try_from(time.nseconds()).unwrap_or(i64::MAX),
        gst::Signed::Negative(time) => {
            i64::try_from(time.nseconds()).map_or(i64::MIN, |time| -time)
        }
    }
}
