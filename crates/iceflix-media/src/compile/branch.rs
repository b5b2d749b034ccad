//! One track on its way from the demultiplexer to the assembly.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSinkCallbacks};

use super::assembly::{Assembly, Track};
use crate::format::{Payloader, Plan, Told};
use crate::{Error, plugins};

/// The largest RTP packet that a payloader makes, with its header of 12 bytes.
const MTU: u32 = 1_400;

/// The assembly, as the threads of a pipeline reach it; `None` once nothing more is wanted. The
/// assembly holds pads and the pads hold this, so that it has to be taken out in the end.
pub(super) type Shared = Arc<Mutex<Option<Assembly>>>;

/// The assembly, while nobody else uses it.
pub(super) fn lock(assembly: &Shared) -> MutexGuard<'_, Option<Assembly>> {
    assembly.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Leads a track from the demultiplexer's `pad` to the assembly, as `plan` says: through what has to
/// stand before the payloader, and through the payloader. What goes into the payloader are access
/// units with their times, what comes out are the packets of the last one that went in.
pub(super) fn connect(
    pipeline: &gst::Pipeline,
    pad: &gst::Pad,
    plan: Plan,
    assembly: &Shared,
) -> Result<(), Error> {
    let mut chain = Vec::new();
    if let Some(through) = &plan.through {
        chain.push(plugins::chain(through)?);
    }
    chain.extend(payloader(&plan.format.payloader)?);
    let sink = AppSink::builder()
        .sync(false)
        .async_(false)
        .buffer_list(true)
        .build();
    sink.set_enable_last_sample(false);
    // What lies outside of the presentation, such as the start of an audio encoder, is needed to
    // decode what lies inside.
    sink.set_drop_out_of_segment(false);
    chain.push(sink.clone().upcast());

    let pad_of = |element: Option<&gst::Element>, name| {
        element
            .and_then(|element| element.static_pad(name))
            .ok_or_else(|| Error::engine("an element without pads"))
    };
    let input = pad_of(chain.first(), "sink")?;
    let units = pad_of(chain.get(usize::from(plan.through.is_some())), "sink")?;
    let packets = pad_of(chain.last(), "sink")?;
    let track = Track {
        plan: plan.clone(),
        input: pad.clone(),
        units: units.clone(),
        packets,
    };
    let Some(lane) = lock(assembly)
        .as_mut()
        .and_then(|assembly| assembly.add(track))
    else {
        return Ok(());
    };
    tell(&units, plan.told);
    match plan.format.payloader {
        Payloader::Element { .. } => watch_units(&units, lane, assembly),
        Payloader::Gathering { .. } | Payloader::Own(_) => watch_segments(&units, lane, assembly),
    }
    collect_packets(&sink, lane, assembly);
    pipeline.add_many(&chain).map_err(Error::engine)?;
    gst::Element::link_many(&chain).map_err(Error::engine)?;
    for element in chain.iter().rev() {
        element.sync_state_with_parent().map_err(Error::engine)?;
    }
    // Unchecked: the payloader is told something else than the demultiplexer says.
    pad.link_full(&input, gst::PadLinkCheck::empty())
        .map_err(Error::engine)?;
    // The payloader must know what it will get before the first of it comes: the index begins when
    // each track is described, and a track may begin late.
    pad.sticky_events_foreach(|event| {
        input.send_event(event.clone());
        ControlFlow::Continue(gst::EventForeachAction::Keep)
    });
    Ok(())
}

/// The element that makes the packets, where it is one.
fn payloader(payloader: &Payloader) -> Result<Option<gst::Element>, Error> {
    let (name, properties) = match *payloader {
        Payloader::Element { name, properties } => (name, properties),
        Payloader::Gathering { name } => (name, &[][..]),
        Payloader::Own(_) => return Ok(None),
    };
    let payloader = plugins::make(name)?;
    payloader.set_property("mtu", MTU);
    for (name, value) in properties {
        payloader.set_property_from_str(name, value);
    }
    Ok(Some(payloader))
}

/// Tells the payloader, whose pad `units` is, something else than the demultiplexer says, and
/// nothing twice: some of them take headers that they are told again for further ones.
fn tell(units: &gst::Pad, told: &'static [(&'static str, Told)]) {
    let last = Mutex::new(None);
    units.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        if let Some(gst::PadProbeData::Event(event)) = &mut info.data
            && let gst::EventView::Caps(said) = event.view()
        {
            let mut caps = said.caps_owned();
            if let Some(structure) = caps.make_mut().structure_mut(0) {
                for (field, value) in told {
                    match *value {
                        Told::Text(text) => structure.set(*field, text),
                        Told::Number(number) => structure.set(*field, number),
                    }
                }
            }
            *event = gst::event::Caps::new(&caps);
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.replace(caps.clone()) == Some(caps) {
                return gst::PadProbeReturn::Handled;
            }
        }
        gst::PadProbeReturn::Ok
    });
}

/// Tells the assembly of each access unit before the payloader sees it.
fn watch_units(units: &gst::Pad, lane: usize, assembly: &Shared) {
    watch_segments(units, lane, assembly);
    let assembly = assembly.clone();
    units.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        if let Some(gst::PadProbeData::Buffer(buffer)) = &info.data
            && let Some(assembly) = &mut *lock(&assembly)
        {
            assembly.begin(lane, buffer);
        }
        gst::PadProbeReturn::Ok
    });
}

/// Tells the assembly what the times of access units mean.
fn watch_segments(units: &gst::Pad, lane: usize, assembly: &Shared) {
    let assembly = assembly.clone();
    units.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
        if let Some(gst::PadProbeData::Event(event)) = &info.data
            && let gst::EventView::Segment(event) = event.view()
            && let Some(segment) = event.segment().downcast_ref::<gst::ClockTime>()
            && let Some(assembly) = &mut *lock(&assembly)
        {
            assembly.set_segment(lane, segment.clone());
        }
        gst::PadProbeReturn::Ok
    });
}

/// Hands the payloader's packets to the assembly, one or a whole list at a time.
fn collect_packets(sink: &AppSink, lane: usize, assembly: &Shared) {
    let (packets, end) = (assembly.clone(), assembly.clone());
    let callbacks = AppSinkCallbacks::builder()
        .new_sample(move |sink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let Some(assembly) = &mut *lock(&packets) else {
                return Err(gst::FlowError::Flushing);
            };
            let taken = match sample.buffer_list() {
                Some(list) => list
                    .iter()
                    .try_for_each(|buffer| assembly.packet(lane, buffer)),
                None => sample
                    .buffer()
                    .map_or(Ok(()), |buffer| assembly.packet(lane, buffer)),
            };
            taken
                .map(|()| gst::FlowSuccess::Ok)
                .map_err(|_| gst::FlowError::Error)
        })
        .eos(move |_| {
            if let Some(assembly) = &mut *lock(&end) {
                assembly.end(lane);
            }
        })
        .build();
    sink.set_callbacks(callbacks);
}
