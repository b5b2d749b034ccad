//! What a film holds.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use iceflix_index::Kind;

use crate::demux::{Demux, Until};
use crate::film::Film;
use crate::{Cancel, Error, format};

/// What a file holds, as its headers say.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The length of the file in bytes.
    pub len: u64,
    /// The kind of file, such as "Matroska".
    pub container: &'static str,
    /// How long it plays, where the headers say so.
    pub duration: Option<Duration>,
    /// Its tracks, in the order of the file. At least one of them is video and is served.
    pub tracks: Vec<Found>,
}

/// A track of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Video or audio; `None` for anything else.
    pub kind: Option<Kind>,
    /// The codec: its usual name where it is served, GStreamer's name where not.
    pub codec: String,
    /// Why it is left out, where it is.
    pub left_out: Option<String>,
    /// Width and height of the picture in pixels.
    pub size: Option<(u32, u32)>,
    /// Pictures a second, where that is constant.
    pub frame_rate: Option<f64>,
    /// Number of channels of the sound.
    pub channels: Option<u32>,
    /// The language, where the file tells it: a tag of BCP 47 or a code of ISO 639.
    pub language: Option<String>,
    /// What the file calls this track.
    pub name: Option<String>,
}

/// Looks what a file holds. Reads its headers only, a megabyte or so; takes milliseconds.
///
/// # Errors
///
/// Every way in which a file can be no film that can be served, see [`Error`]; what
/// [`init`](crate::init) finds missing.
pub fn probe(path: &Path) -> Result<Probe, Error> {
    let film = Film::open(path)?;
    let demux = Demux::new(&film)?;
    let pads = Arc::new(Mutex::new(Vec::new()));
    let added = pads.clone();
    demux.demuxer.connect_pad_added(move |_, pad| {
        added
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(pad.clone())
    });
    let outcome = demux.run(Until::Tracks, &mut |_| (), &Cancel::new());
    let pads = std::mem::take(&mut *pads.lock().unwrap_or_else(PoisonError::into_inner));
    // Some files end, or break, before the demultiplexer says that it knows all tracks.
    if pads.is_empty() {
        outcome?;
    }
    let mut choice = Choice::default();
    let tracks: Vec<_> = pads.iter().map(|pad| Found::on(pad, &mut choice)).collect();
    servable(path, &tracks)?;
    let duration = pads
        .iter()
        .filter_map(|pad| pad.query_duration::<gst::ClockTime>())
        .max();
    Ok(Probe {
        len: film.len,
        container: film.container.name,
        duration: duration.map(Duration::from),
        tracks,
    })
}

/// Which tracks are taken, where they are looked at in their order.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    video: bool,
    taken: usize,
}

impl Choice {
    /// The format of a track that is taken, or why it is not.
    pub(crate) fn of(&mut self, caps: &gst::CapsRef) -> Result<&'static format::Format, String> {
        let Some(kind) = format::kind(caps) else {
            return Err("it is neither video nor audio".into());
        };
        let Some(format) = format::find(caps) else {
            return Err(format!("{} is not served", codec(caps)));
        };
        if kind == Kind::Video && std::mem::replace(&mut self.video, true) {
            return Err("the file holds another video track before it".into());
        }
        if self.taken == iceflix_index::MAX_TRACKS {
            return Err(format!(
                "only {} tracks of a file are served",
                iceflix_index::MAX_TRACKS
            ));
        }
        self.taken += 1;
        Ok(format)
    }
}

/// Checks that there is a video track that is taken.
pub(crate) fn servable(path: &Path, tracks: &[Found]) -> Result<(), Error> {
    let path = path.to_owned();
    let mut videos = tracks
        .iter()
        .filter(|track| track.kind == Some(Kind::Video))
        .peekable();
    if videos.peek().is_none() {
        let found = match tracks
            .iter()
            .map(|track| track.codec.as_str())
            .collect::<Vec<_>>()
        {
            codecs if codecs.is_empty() => "it holds no tracks".into(),
            codecs => format!("all that it holds is {}", codecs.join(", ")),
        };
        return Err(Error::NotVideo { path, found });
    }
    let reasons = videos
        .map(|track| track.left_out.as_deref())
        .collect::<Option<Vec<_>>>();
    match reasons {
        Some(reasons) => Err(Error::NoServableTrack {
            path,
            reason: reasons.join("; "),
        }),
        None => Ok(()),
    }
}

impl Found {
    /// The track of a demultiplexer's pad.
    pub(crate) fn on(pad: &gst::Pad, choice: &mut Choice) -> Self {
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let structure = caps.structure(0);
        let int = |field: &str| {
            structure
                .and_then(|s| s.get::<i32>(field).ok())
                .and_then(|n| u32::try_from(n).ok())
        };
        let chosen = choice.of(&caps);
        let (language, name) = tags(pad);
        Self {
            kind: format::kind(&caps),
            codec: chosen
                .as_ref()
                .map_or_else(|_| codec(&caps), |format| format.name.to_owned()),
            left_out: chosen.err(),
            size: int("width").zip(int("height")),
            frame_rate: structure
                .and_then(|s| s.get::<gst::Fraction>("framerate").ok())
                .filter(|rate| rate.numer() > 0 && rate.denom() > 0)
                .map(|rate| f64::from(rate.numer()) / f64::from(rate.denom())),
            channels: int("channels"),
            language,
            name,
        }
    }
}

/// GStreamer's name of a codec, with the field that tells the members of a family apart.
fn codec(caps: &gst::CapsRef) -> String {
    let Some(structure) = caps.structure(0) else {
        return "something unknown".into();
    };
    let mut name = structure.name().to_string();
    for field in ["mpegversion", "stream-format"] {
        if let Ok(value) = structure.value(field)
            && let Ok(value) = value.serialize()
        {
            name += &format!(", {field}={value}");
        }
    }
    name
}

/// Language and name of a track, as far as they can stand in an SDP document.
pub(crate) fn tags(pad: &gst::Pad) -> (Option<String>, Option<String>) {
    let (mut language, mut name) = (None, None);
    for event in (0..).map_while(|n| pad.sticky_event::<gst::event::Tag>(n)) {
        let tags = event.tag();
        language = language.or_else(|| {
            tags.get::<gst::tags::LanguageCode>()
                .map(|tag| tag.get().to_owned())
        });
        name = name.or_else(|| {
            tags.get::<gst::tags::Title>()
                .map(|tag| tag.get().to_owned())
        });
    }
    let language = language.filter(|tag| tag != "und" && (2..=35).contains(&tag.len()));
    let language =
        language.filter(|tag| tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let name = name.map(|name| {
        name.chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect::<String>()
    });
    (language, name.filter(|name| !name.trim().is_empty()))
}
