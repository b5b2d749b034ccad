//! One track on its way from the demultiplexer to the assembly.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSinkCallbacks};

use super::assembly::Assembly;
use crate::{Error, format, plugins};

/// The largest RTP packet that a payloader makes, with its header of 12 bytes.
const MTU: u32 = 1_400;

/// The assembly, as the threads of a pipeline reach it; `None` once nothing more is wanted. The
/// assembly holds pads and the pads hold this, so that it has to be taken out in the end.
pub(super) type Shared = Arc<Mutex<Option<Assembly>>>;

/// The assembly, while nobody else uses it.
pub(super) fn lock(assembly: &Shared) -> MutexGuard<'_, Option<Assembly>> {
    assembly.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Links the demultiplexer's `pad` to the payloader of its format. What goes in on one side are
/// access units with their times, what comes out on the other are the packets of the last one that
/// went in.
pub(super) fn connect(
    pipeline: &gst::Pipeline,
    pad: &gst::Pad,
    assembly: &Shared,
) -> Result<(), Error> {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    let format = format::find(&caps).ok_or_else(|| Error::engine("a track lost its format"))?;
    let payloader = plugins::make(format.payloader)?;
    payloader.set_property("mtu", MTU);
    for (name, value) in format.properties {
        payloader.set_property_from_str(name, value);
    }
    let sink = AppSink::builder()
        .sync(false)
        .async_(false)
        .buffer_list(true)
        .build();
    sink.set_enable_last_sample(false);
    // What lies outside of the presentation, such as the start of an audio encoder, is needed to
    // decode what lies inside.
    sink.set_drop_out_of_segment(false);
    let missing = || Error::engine("a payloader without pads");
    let input = payloader.static_pad("sink").ok_or_else(missing)?;
    let output = payloader.static_pad("src").ok_or_else(missing)?;

    let Some(lane) = lock(assembly)
        .as_mut()
        .map(|assembly| assembly.add(format, pad.clone(), output))
    else {
        return Ok(());
    };
    watch_units(&input, lane, assembly);
    collect_packets(&sink, lane, assembly);
    pipeline
        .add_many([&payloader, sink.upcast_ref()])
        .map_err(Error::engine)?;
    payloader.link(&sink).map_err(Error::engine)?;
    sink.sync_state_with_parent().map_err(Error::engine)?;
    payloader.sync_state_with_parent().map_err(Error::engine)?;
    pad.link(&input).map_err(Error::engine)?;
    // The payloader must know what it will get before the first of it comes: the index begins when
    // each track is described, and a track may begin late.
    pad.sticky_events_foreach(|event| {
        input.send_event(event.clone());
        ControlFlow::Continue(gst::EventForeachAction::Keep)
    });
    Ok(())
}

/// Tells the assembly of each access unit before the payloader sees it.
fn watch_units(input: &gst::Pad, lane: usize, assembly: &Shared) {
    let assembly = assembly.clone();
    input.add_probe(
        gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM,
        move |_, info| {
            let Some(assembly) = &mut *lock(&assembly) else {
                return gst::PadProbeReturn::Ok;
            };
            match &info.data {
                Some(gst::PadProbeData::Buffer(buffer)) => assembly.begin(lane, buffer),
                Some(gst::PadProbeData::Event(event)) => {
                    if let gst::EventView::Segment(event) = event.view()
                        && let Some(segment) = event.segment().downcast_ref::<gst::ClockTime>()
                    {
                        assembly.set_segment(lane, segment.clone());
                    }
                }
                _ => (),
            }
            gst::PadProbeReturn::Ok
        },
    );
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
