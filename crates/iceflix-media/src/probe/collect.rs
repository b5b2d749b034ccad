//! What is found of a film while it is probed, and when that is enough.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;

use super::{Choice, Found};
use crate::demux::Demux;
use crate::plugins;
use crate::tracks::Watcher;

/// How many access units are looked at, at most, until each track has come once.
const MOST_UNITS: usize = 256;

/// The tracks that were found so far, and the demultiplexer's pads for them.
#[derive(Default)]
pub(super) struct Seen {
    choice: Choice,
    pub(super) tracks: Vec<Found>,
    pub(super) pads: Vec<gst::Pad>,
    /// Pads of pictures and sound of which nothing came yet: what the file calls a track comes
    /// right before the first of it.
    silent: Vec<gst::Pad>,
    units: usize,
    complete: bool,
}

impl Seen {
    /// Something came of a track, or its end. A track that ends without having begun says nothing
    /// more either; when all have ended, none will be found any more, also where the demultiplexer
    /// does not say so.
    fn come(&mut self, pad: &gst::Pad, ends: bool) {
        self.silent.retain(|silent| silent != pad);
        self.complete |= ends && self.silent.is_empty();
        self.units += 1;
    }

    fn is_enough(&self) -> bool {
        self.complete && (self.silent.is_empty() || self.units >= MOST_UNITS)
    }
}

/// Collects what is found of a film, and ends it when that is all.
#[derive(Clone)]
pub(super) struct Collect {
    seen: Arc<Mutex<Seen>>,
    demuxer: glib::WeakRef<gst::Element>,
}

impl Collect {
    pub(super) fn new(demuxer: &gst::Element) -> Self {
        Self {
            seen: Arc::default(),
            demuxer: demuxer.downgrade(),
        }
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with what was seen, and ends the run if that is enough then.
    fn with(&self, what: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen();
        what(&mut seen);
        if seen.is_enough()
            && let Some(demuxer) = self.demuxer.upgrade()
        {
            Demux::tracks_are_known(&demuxer);
        }
    }

    /// Has a parser find out what the container does not tell of a track; `None` where that cannot
    /// be.
    fn parse(&self, track: &gst::Pad, parser: &str) -> Option<()> {
        let pipeline = self.demuxer.upgrade()?.parent()?;
        let parser = plugins::chain(parser).ok()?;
        let (input, output) = (parser.static_pad("sink")?, parser.static_pad("src")?);
        pipeline
            .downcast_ref::<gst::Pipeline>()?
            .add(&parser)
            .ok()?;
        let (collect, of) = (self.clone(), track.clone());
        output.add_probe(DATA, move |output, info| {
            let Some(ends) = ends(info) else {
                return gst::PadProbeReturn::Ok;
            };
            let caps = output.current_caps();
            collect.with(|seen| {
                let position = seen.pads.iter().position(|pad| *pad == of);
                if let Some((caps, position)) = caps.zip(position) {
                    seen.tracks[position].add_details(&caps);
                }
                seen.come(&of, ends);
            });
            match ends {
                true => gst::PadProbeReturn::Ok,
                // Nobody is there to take it.
                false => gst::PadProbeReturn::Drop,
            }
        });
        parser.sync_state_with_parent().ok()?;
        // Unchecked: the demultiplexer may say something else than what was seen.
        track.link_full(&input, gst::PadLinkCheck::empty()).ok()?;
        // Of a track that had to be seen first, these have gone by already.
        track.sticky_events_foreach(|event| {
            input.send_event(event.clone());
            ControlFlow::Continue(gst::EventForeachAction::Keep)
        });
        Some(())
    }
}

impl Watcher for Collect {
    fn found(&mut self, pad: &gst::Pad, caps: &gst::CapsRef) {
        let mut parser = None;
        self.with(|seen| {
            let (track, plan) = Found::on(caps, &mut seen.choice);
            if track.kind.is_some() {
                seen.silent.push(pad.clone());
            }
            parser = plan
                .filter(|plan| !plan.transcoded)
                .and_then(|plan| plan.through);
            seen.tracks.push(track);
            seen.pads.push(pad.clone());
        });
        if parser.is_some_and(|parser| self.parse(pad, &parser).is_some()) {
            return;
        }
        let collect = self.clone();
        pad.add_probe(DATA, move |pad, info| {
            if let Some(ends) = ends(info) {
                collect.with(|seen| seen.come(pad, ends));
            }
            gst::PadProbeReturn::Ok
        });
    }

    fn complete(&mut self) {
        self.with(|seen| seen.complete = true);
    }
}

/// What is looked at of a track.
const DATA: gst::PadProbeType =
    gst::PadProbeType::BUFFER.union(gst::PadProbeType::EVENT_DOWNSTREAM);

/// Whether this is the end of a track, or something of it; `None` where it is neither.
fn ends(info: &gst::PadProbeInfo<'_>) -> Option<bool> {
    match &info.data {
        Some(gst::PadProbeData::Event(event)) => {
            (event.type_() == gst::EventType::Eos).then_some(true)
        }
        Some(gst::PadProbeData::Buffer(_)) => Some(false),
        _ => None,
    }
}
