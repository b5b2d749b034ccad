//! What SDP says of a track: the payloader's caps, as a description.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use gstreamer as gst;
use gstreamer::prelude::*;
use iceflix_index::{Kind, MAX_PAYLOAD, Track};

use super::assembly;
use crate::format::Payloader;
use crate::probe;

/// The first dynamic payload type (RFC 3551).
const FIRST_PAYLOAD_TYPE: u8 = 96;

/// The longest format parameter, in bytes.
const LONGEST_PARAMETER: usize = 16_000;

/// Encodings that have payload types of their own (RFC 3551, 6), by which some players know them
/// alone.
const STATIC: [(&str, u8); 5] = [
    ("PCMU", 0),
    ("PCMA", 8),
    ("MPA", 14),
    ("JPEG", 26),
    ("MPV", 32),
];

/// Fields of the caps that are not parameters of the format: they stand in other lines of SDP, or
/// in each packet.
const OTHER_FIELDS: [&str; 10] = [
    "media",
    "payload",
    "clock-rate",
    "encoding-name",
    "encoding-params",
    "ssrc",
    "timestamp-offset",
    "seqnum-offset",
    "profile",
    "level",
];

/// Describes track number `position` of a title: what the payloader says of it, and the
/// demultiplexer. `None` while the payloader does not know yet.
pub(super) fn track(position: usize, track: &assembly::Track) -> Option<Track> {
    let format = track.plan.format;
    let caps = track.packets.current_caps()?;
    let rtp = caps.structure(0)?;
    let (encoding, clock_rate, fmtp) = match format.payloader {
        Payloader::Own(packetiser) => (
            packetiser.encoding(),
            packetiser.clock_rate(&caps)?,
            packetiser.parameters(&caps),
        ),
        Payloader::Element { .. } | Payloader::Gathering { .. } => {
            let rate = rtp.get::<i32>("clock-rate").ok()?;
            let encoding = rtp.get::<&str>("encoding-name").ok()?;
            (encoding, u32::try_from(rate).ok()?, parameters(rtp))
        }
    };
    // The index refuses a longer one, and players cut the line.
    if fmtp
        .iter()
        .any(|(_, value)| value.len() > LONGEST_PARAMETER)
    {
        return None;
    }
    let channels = match format.kind {
        Kind::Audio => channels(rtp, &track.units),
        Kind::Video => None,
    };
    let (language, name) = probe::tags(&track.input);
    Some(Track {
        kind: format.kind,
        encoding: encoding.to_owned(),
        clock_rate,
        channels,
        payload_type: match STATIC.iter().find(|(name, _)| *name == encoding) {
            Some((_, fixed)) => *fixed,
            None => FIRST_PAYLOAD_TYPE + u8::try_from(position).ok()?,
        },
        fmtp,
        language,
        name,
        bit_rate: None,
    })
}

/// The number of channels, as the payloader tells it, or what comes into it.
fn channels(rtp: &gst::StructureRef, units: &gst::Pad) -> Option<u8> {
    let told = rtp.get::<&str>("encoding-params").ok();
    told.and_then(|channels| channels.parse().ok()).or_else(|| {
        let caps = units.current_caps()?;
        let channels = caps.structure(0)?.get::<i32>("channels").ok()?;
        channels.try_into().ok()
    })
}

/// The payloads that go out before each random access point, as the payloader's caps tell them.
#[derive(Debug, Default)]
pub(super) struct Leading {
    caps: Option<gst::Caps>,
    payloads: Vec<Vec<u8>>,
}

impl Leading {
    /// Looks whether the payloader tells other ones now. They change within a film where it was
    /// joined from several.
    pub(super) fn update(&mut self, track: &assembly::Track) {
        let caps = track.packets.current_caps();
        if caps == self.caps {
            return;
        }
        let told = caps
            .as_ref()
            .and_then(|caps| caps.structure(0))
            .zip(track.plan.format.leading.as_ref());
        self.payloads = told.map_or_else(Vec::new, |(rtp, leading)| {
            let texts = leading
                .parameters
                .iter()
                .filter_map(|name| rtp.get::<&str>(*name).ok());
            let sets = texts
                .flat_map(|text| text.split(','))
                .filter_map(|text| BASE64_STANDARD.decode(text).ok());
            // None is ever near as long as a packet; in a damaged film it may be, and is of no use.
            let sets = sets.filter(|set| (1..=MAX_PAYLOAD).contains(&set.len()));
            // What is encoded anew is not turned by it either.
            let rotation = probe::rotation(&track.input).map(leading.rotation);
            sets.chain(rotation).collect()
        });
        self.caps = caps;
    }

    pub(super) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.payloads.iter().map(Vec::as_slice)
    }
}

/// The format parameters: all fields that are texts and stand nowhere else. GStreamer's own, which
/// begin with "a-" or "x-", are other lines of SDP too.
fn parameters(rtp: &gst::StructureRef) -> Vec<(String, String)> {
    rtp.iter()
        .filter(|(name, _)| {
            !OTHER_FIELDS.contains(&name.as_str())
                && !name.starts_with("a-")
                && !name.starts_with("x-")
        })
        .filter_map(|(name, value)| Some((name.to_string(), value.get::<&str>().ok()?.to_owned())))
        .collect()
}
