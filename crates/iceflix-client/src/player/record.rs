//! A film into a file, as it comes: nothing is decoded.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt as _;
use gstreamer::{self as gst, MessageView, glib, prelude::*};

use super::{
    Ended, Error,
    pipeline::{LATENCY, Running, element, without_address},
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
    let source = element("rtspsrc", "gstreamer1.0-plugins-good")?;
    source.set_property("location", url);
    source.set_property(
        "latency",
        u32::try_from(LATENCY.as_millis()).unwrap_or(u32::MAX),
    );
    let muxer = element(muxer, "gstreamer1.0-plugins-good")?;
    let sink = element("filesink", "libgstreamer1.0-0")?;
    sink.set_property("location", file);

    let pipeline = gst::Pipeline::new();
    let wired = pipeline
        .add_many([&source, &muxer, &sink])
        .and_then(|()| muxer.link(&sink));
    wired.map_err(|error| Error::Failed(error.to_string()))?;
    Tracks::of(&source, &muxer, &pipeline);

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

/// The tracks on their way from the source to the muxer. A muxer writes its
/// header with the first picture, so all tracks are held until all are there.
struct Tracks {
    muxer: glib::WeakRef<gst::Element>,
    pipeline: glib::WeakRef<gst::Pipeline>,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    /// How many the source has so far.
    announced: usize,
    /// Whether it has no more.
    complete: bool,
    /// Those that have arrived, each held back.
    held: Vec<(gst::Pad, Option<gst::PadProbeId>)>,
}

impl Tracks {
    fn of(source: &gst::Element, muxer: &gst::Element, pipeline: &gst::Pipeline) {
        let tracks = Arc::new(Self {
            muxer: muxer.downgrade(),
            pipeline: pipeline.downgrade(),
            gathered: Mutex::default(),
        });
        let all = Arc::clone(&tracks);
        source.connect_pad_added(move |_, pad| all.or_fail(all.announce(pad)));
        source.connect_no_more_pads(move |_| {
            tracks.or_fail(tracks.change(|gathered| gathered.complete = true));
        });
    }

    /// A track in packets: it is unpacked and cut into frames.
    fn announce(self: &Arc<Self>, pad: &gst::Pad) -> Result<(), glib::BoolError> {
        let Some(pipeline) = self.pipeline.upgrade() else {
            return Ok(());
        };
        self.change(|gathered| gathered.announced += 1)?;
        let parser = gst::ElementFactory::make("parsebin").build()?;
        pipeline.add(&parser)?;
        let tracks = Arc::clone(self);
        parser.connect_pad_added(move |_, pad| {
            let hold = pad.add_probe(gst::PadProbeType::BLOCK_DOWNSTREAM, |_, _| {
                gst::PadProbeReturn::Ok
            });
            let arrived = |gathered: &mut Gathered| gathered.held.push((pad.clone(), hold));
            tracks.or_fail(tracks.change(arrived));
        });
        parser.sync_state_with_parent()?;
        let entry = parser
            .static_pad("sink")
            .ok_or_else(|| glib::bool_error!("a parser without an entry"))?;
        pad.link(&entry)
            .map_or_else(|error| Err(glib::bool_error!("{error}")), |_| Ok(()))
    }

    /// Changes what is known, and lets the tracks go on once all are there.
    fn change(&self, change: impl FnOnce(&mut Gathered)) -> Result<(), glib::BoolError> {
        let ready = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut gathered);
            if !gathered.complete || gathered.held.len() < gathered.announced {
                return Ok(());
            }
            std::mem::take(&mut gathered.held)
        };
        let (Some(muxer), Some(pipeline)) = (self.muxer.upgrade(), self.pipeline.upgrade()) else {
            return Ok(());
        };
        for (pad, _) in &ready {
            connect(pad, &muxer, &pipeline)?;
        }
        for (pad, hold) in ready {
            if let Some(hold) = hold {
                pad.remove_probe(hold);
            }
        }
        Ok(())
    }

    fn or_fail(&self, done: Result<(), glib::BoolError>) {
        if let (Err(error), Some(muxer)) = (done, self.muxer.upgrade()) {
            gst::element_error!(
                muxer,
                gst::CoreError::Negotiation,
                ["cannot record a track: {error}"]
            );
        }
    }
}

/// A queue a track, because tracks do not arrive at the same time. Packets say
/// when a picture is shown and not when it is decoded, which muxers want to
/// know: the pictures' order tells.
fn connect(
    pad: &gst::Pad,
    muxer: &gst::Element,
    pipeline: &gst::Pipeline,
) -> Result<(), glib::BoolError> {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    let kind = caps
        .structure(0)
        .map_or("", |structure| structure.name().as_str());
    let missing = || glib::bool_error!("no place for a track of {kind}");
    let track = match kind.split('/').next() {
        Some("video") => "video_%u",
        Some("audio") => "audio_%u",
        _ => return Err(missing()),
    };
    let mut stages = vec!["queue"];
    stages.extend(match kind {
        "video/x-h264" => Some("h264timestamper"),
        "video/x-h265" => Some("h265timestamper"),
        _ => None,
    });
    let stages = stages
        .into_iter()
        .map(|name| gst::ElementFactory::make(name).build())
        .collect::<Result<Vec<_>, _>>()?;
    pipeline.add_many(&stages)?;
    gst::Element::link_many(&stages)?;
    for stage in &stages {
        stage.sync_state_with_parent()?;
    }
    let place = muxer.request_pad_simple(track).ok_or_else(missing)?;
    let (first, last) = (stages.first(), stages.last());
    let entry = first.and_then(|first| first.static_pad("sink"));
    let exit = last.and_then(|last| last.static_pad("src"));
    let (entry, exit) = (entry.ok_or_else(missing)?, exit.ok_or_else(missing)?);
    let linked = exit.link(&place).and_then(|_| pad.link(&entry));
    linked.map_or_else(|error| Err(glib::bool_error!("{error}")), |_| Ok(()))
}
