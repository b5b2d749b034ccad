//! A film into a file, as it comes: nothing is decoded.

use std::{path::Path, time::Duration};

use futures_util::StreamExt as _;
use gstreamer::{self as gst, MessageView, prelude::*};

use super::{
    Ended, Error,
    pipeline::{Running, element, without_address},
};

/// Records the stream into a new file, `.mkv` or `.mp4`, to its end. What was
/// received stays when this future is dropped: an mkv can be played, an mp4
/// cannot, because its table comes last.
///
/// # Errors
///
/// Where the file exists or has another ending, GStreamer lacks something, or
/// the stream breaks.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn record(url: &str, file: &Path) -> Result<Ended, Error> {
    let muxer = match file.extension().and_then(|ending| ending.to_str()) {
        Some("mkv") => "matroskamux",
        Some("mp4") => "mp4mux",
        _ => return Err(Error::Container(file.to_owned())),
    };
    if file.exists() {
        return Err(Error::Exists(file.to_owned()));
    }
    gst::init().map_err(Error::Start)?;
    let source = element("urisourcebin", "gstreamer1.0-plugins-base")?;
    source.set_property("uri", url);
    source.set_property("parse-streams", true);
    let muxer = element(muxer, "gstreamer1.0-plugins-good")?;
    let sink = element("filesink", "libgstreamer1.0-0")?;
    sink.set_property("location", file);

    let pipeline = gst::Pipeline::new();
    let wired = pipeline
        .add_many([&source, &muxer, &sink])
        .and_then(|()| muxer.link(&sink));
    wired.map_err(|error| Error::Failed(error.to_string()))?;
    let (into, within) = (muxer.downgrade(), pipeline.downgrade());
    source.connect_pad_added(move |_, pad| {
        let (Some(muxer), Some(pipeline)) = (into.upgrade(), within.upgrade()) else {
            return;
        };
        if let Err(error) = connect(pad, &muxer, &pipeline) {
            gst::element_error!(
                muxer,
                gst::CoreError::Negotiation,
                ["cannot record a track: {error}"]
            );
        }
    });

    let running = Running::start(pipeline.upcast())?;
    let mut messages = running.bus()?.stream();
    while let Some(message) = messages.next().await {
        match message.view() {
            MessageView::Eos(_) => break,
            MessageView::Error(error) => {
                return Err(Error::Failed(without_address(&error.error().to_string())));
            }
            _ => {}
        }
    }
    Ok(Ended {
        at: running.position().unwrap_or(Duration::ZERO),
    })
}

/// A queue a track, because tracks do not arrive at the same time.
fn connect(
    pad: &gst::Pad,
    muxer: &gst::Element,
    pipeline: &gst::Pipeline,
) -> Result<(), gst::glib::BoolError> {
    let queue = gst::ElementFactory::make("queue").build()?;
    pipeline.add(&queue)?;
    queue.link(muxer)?;
    queue.sync_state_with_parent()?;
    let entry = queue
        .static_pad("sink")
        .ok_or_else(|| gst::glib::bool_error!("a queue without an entry"))?;
    pad.link(&entry)
        .map(|_| ())
        .map_err(|error| gst::glib::bool_error!("{error}"))
}
