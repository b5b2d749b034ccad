//! What a film holds.

mod collect;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use iceflix_index::Kind;

use crate::demux::{Demux, Until};
use crate::film::Film;
use crate::format::{self, Plan};
use crate::tracks::watch;
use crate::{Cancel, Error};

use collect::{Collect, Seen};

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
    /// The codec: its usual name.
    pub codec: String,
    /// How it is served.
    pub way: Way,
    /// Width and height of the picture in pixels.
    pub size: Option<(u32, u32)>,
    /// Pictures a second, where that is constant.
    pub frame_rate: Option<f64>,
    /// Number of channels of the sound.
    pub channels: Option<u32>,
    /// Samples of the sound a second.
    pub sample_rate: Option<u32>,
    /// By how much the picture is to be turned clockwise, in degrees: 90, 180 or 270. Of H.264 and
    /// H.265 a message in the stream tells players; of other codecs nothing does.
    pub rotation: Option<u32>,
    /// The language, where the file tells it: a tag of BCP 47 or a code of ISO 639.
    pub language: Option<String>,
    /// What the file calls this track.
    pub name: Option<String>,
}

/// How a track is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Without being decoded.
    AsItIs,
    /// Decoded and encoded again, once, since RTP has no payload format for its codec.
    Transcoded {
        /// The codec that goes out.
        to: &'static str,
    },
    /// Not at all.
    LeftOut {
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsItIs => to.write_str("as it is"),
            Self::Transcoded { to: codec } => write!(to, "transcoded to {codec}"),
            Self::LeftOut { reason } => write!(to, "left out: {reason}"),
        }
    }
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
    let collect = Collect::new(&demux.demuxer);
    watch(&demux.demuxer, collect.clone());
    let outcome = demux.run(Until::Tracks, &mut |_| (), &Cancel::new());
    let Seen {
        mut tracks, pads, ..
    } = std::mem::take(&mut *collect.seen());
    tracks
        .iter_mut()
        .zip(&pads)
        .for_each(|(track, pad)| track.add_tags(pad));
    // Some files end, or break, before the demultiplexer says that it knows all tracks.
    if tracks.is_empty() {
        outcome?;
    }
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
    /// How to serve a track, or why it is left out.
    pub(crate) fn of(&mut self, caps: &gst::CapsRef) -> Result<Plan, String> {
        let Some(kind) = format::kind(caps) else {
            return Err("it is neither video nor audio".into());
        };
        let Some(plan) = format::plan(caps) else {
            return Err(format!(
                "GStreamer has nothing that decodes {}",
                codec(caps)
            ));
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
        Ok(plan)
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
    let reasons = videos.map(Found::left_out).collect::<Option<Vec<_>>>();
    match reasons {
        Some(reasons) => Err(Error::NoServableTrack {
            path,
            reason: reasons.join("; "),
        }),
        None => Ok(()),
    }
}

impl Found {
    /// Whether viewers get it.
    pub fn is_served(&self) -> bool {
        self.left_out().is_none()
    }

    fn left_out(&self) -> Option<&str> {
        match &self.way {
            Way::LeftOut { reason } => Some(reason),
            Way::AsItIs | Way::Transcoded { .. } => None,
        }
    }

    /// The track that holds what `caps` say, and how to serve it where it is served.
    pub(crate) fn on(caps: &gst::CapsRef, choice: &mut Choice) -> (Self, Option<Plan>) {
        let chosen = choice.of(caps);
        let codec = format::name(caps).map_or_else(|| codec(caps), str::to_owned);
        let way = match &chosen {
            Ok(plan) if plan.transcoded => Way::Transcoded {
                to: plan.format.name,
            },
            Ok(_) => Way::AsItIs,
            Err(reason) => Way::LeftOut {
                reason: reason.clone(),
            },
        };
        let mut found = Self {
            kind: format::kind(caps),
            codec,
            way,
            size: None,
            frame_rate: None,
            channels: None,
            sample_rate: None,
            rotation: None,
            language: None,
            name: None,
        };
        found.add_details(caps);
        (found, chosen.ok())
    }

    /// Adds what these caps tell of it.
    fn add_details(&mut self, caps: &gst::CapsRef) {
        let Some(told) = caps.structure(0) else {
            return;
        };
        let int = |field: &str| {
            let number = told.get::<i32>(field).ok();
            number.and_then(|number| u32::try_from(number).ok())
        };
        let rate = told.get::<gst::Fraction>("framerate").ok();
        let rate = rate
            .filter(|rate| rate.numer() > 0 && rate.denom() > 0)
            .map(|rate| f64::from(rate.numer()) / f64::from(rate.denom()));
        self.size = self.size.or_else(|| int("width").zip(int("height")));
        self.frame_rate = self.frame_rate.or(rate);
        self.channels = self.channels.or_else(|| int("channels"));
        self.sample_rate = self.sample_rate.or_else(|| int("rate"));
    }

    /// Adds what the file calls the track.
    fn add_tags(&mut self, pad: &gst::Pad) {
        (self.language, self.name) = tags(pad);
        self.rotation = rotation(pad);
        // A codec that has no usual name.
        if self.codec.contains('/')
            && let Some(told) = told_codec(pad)
        {
            self.codec = told;
        }
    }
}

/// What the demultiplexer calls a track's codec.
fn told_codec(pad: &gst::Pad) -> Option<String> {
    tag_lists(pad).find_map(|tags| {
        let video = tags
            .get::<gst::tags::VideoCodec>()
            .map(|tag| tag.get().to_owned());
        let audio = tags
            .get::<gst::tags::AudioCodec>()
            .map(|tag| tag.get().to_owned());
        video.or(audio)
    })
}

/// By how many degrees clockwise the picture is to be turned, where it is.
pub(crate) fn rotation(pad: &gst::Pad) -> Option<u32> {
    tag_lists(pad).find_map(|tags| {
        let orientation = tags.get::<gst::tags::ImageOrientation>()?;
        match orientation.get() {
            "rotate-90" => Some(90),
            "rotate-180" => Some(180),
            "rotate-270" => Some(270),
            _ => None,
        }
    })
}

fn tag_lists(pad: &gst::Pad) -> impl Iterator<Item = gst::TagList> {
    (0..)
        .map_while(|n| pad.sticky_event::<gst::event::Tag>(n))
        .map(|event| event.tag_owned())
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
    for tags in tag_lists(pad) {
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
