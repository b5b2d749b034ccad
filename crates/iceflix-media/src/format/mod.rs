//! Formats: what puts a codec into RTP packets, and what has to stand before it.

mod look;
mod table;
mod transcode;

use std::borrow::Cow;

use gstreamer as gst;
use iceflix_index::Kind;

use crate::packetise::Packetiser;

pub(crate) use look::{must_be_seen, seen};
pub(crate) use table::TABLE;

/// A codec that RTP has a payload format for.
pub(crate) struct Format {
    /// What people call it.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The ways in which containers hold it; the first one that fits is taken.
    pub(crate) ways: &'static [Way],
    pub(crate) payloader: Payloader,
    /// What is sent before each random access point, where the codec keeps something apart that a
    /// decoder needs.
    pub(crate) leading: Option<Leading>,
    /// The length of an access unit in units of the clock rate, where the codec fixes it.
    /// Containers round times, some to milliseconds; this undoes it.
    pub(crate) unit: Option<u32>,
    /// How many pictures may be sent before one that is presented earlier: the lookahead that
    /// restores the order where the container tells no decoding times.
    pub(crate) reordering: usize,
    /// Whether an access unit is a random access point, for codecs of which some containers do not
    /// tell: by what the container says and by the unit's first bytes.
    pub(crate) is_keyframe: fn(bool, &[u8]) -> bool,
}

/// One way in which containers hold a codec.
pub(crate) struct Way {
    /// What a demultiplexer says of such a track, as caps of which it must name every field.
    pub(crate) caps: &'static str,
    /// Further fields that it must name, whatever they say.
    pub(crate) fields: &'static [&'static str],
    /// The elements that its access units have to pass, as a pipeline description. Nothing where
    /// the payloader takes them as they are, so that all of it is found in the film's file again.
    pub(crate) through: Option<&'static str>,
    /// Fields of the caps that the payloader is told in place of, or beside, those of the track.
    pub(crate) told: &'static [(&'static str, Told)],
}

/// What a payloader is told of a track.
#[derive(Clone, Copy)]
pub(crate) enum Told {
    Text(&'static str),
    Number(i32),
}

/// What makes the packets.
pub(crate) enum Payloader {
    /// An element that makes the packets of one access unit while it is handed that unit.
    Element {
        name: &'static str,
        /// Its properties beside payload type and packet size.
        properties: &'static [(&'static str, &'static str)],
    },
    /// An element that gathers several access units for a packet, and tells the time of each
    /// packet.
    Gathering { name: &'static str },
    /// One of our own.
    Own(&'static dyn Packetiser),
}

/// Parameter sets: what a decoder must have before it can decode anything. They are sent before
/// each random access point too, so that a viewer who lost the first ones, or who came later,
/// recovers.
///
/// The payloader can do this as well, but does it before each slice of a picture, where they must
/// not stand.
pub(crate) struct Leading {
    /// The format parameters that hold them: in base64, with commas between them.
    pub(crate) parameters: &'static [&'static str],
    /// Whether a payload that begins with this byte must stay before them.
    pub(crate) is_delimiter: fn(u8) -> bool,
    /// The message to a decoder that the picture is to be turned by so many degrees clockwise.
    pub(crate) rotation: fn(u32) -> Vec<u8>,
}

/// How a track is served.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) format: &'static Format,
    /// What its access units have to pass, as a pipeline description.
    pub(crate) through: Option<Cow<'static, str>>,
    pub(crate) told: &'static [(&'static str, Told)],
    /// Whether it is decoded and encoded again.
    pub(crate) transcoded: bool,
}

/// How to serve a track with these caps; `None` where nothing can be made of it.
pub(crate) fn plan(caps: &gst::CapsRef) -> Option<Plan> {
    direct(caps).or_else(|| transcode::plan(caps))
}

/// What people call the codec of a track with these caps, where it is a usual one.
pub(crate) fn name(caps: &gst::CapsRef) -> Option<&'static str> {
    direct(caps)
        .map(|plan| plan.format.name)
        .or_else(|| transcode::name(caps))
}

/// How to serve a track as it is.
fn direct(caps: &gst::CapsRef) -> Option<Plan> {
    TABLE.iter().find_map(|format| {
        let way = format.ways.iter().find(|way| way.fits(caps))?;
        Some(Plan {
            format,
            through: way.through.map(Cow::Borrowed),
            told: way.told,
            transcoded: false,
        })
    })
}

impl Way {
    /// Whether a track with these caps is of this kind. A field that it does not tell fits nothing.
    fn fits(&self, caps: &gst::CapsRef) -> bool {
        let Ok(known) = self.caps.parse::<gst::Caps>() else {
            return false;
        };
        let tells = |known: &gst::StructureRef, track: &gst::StructureRef| {
            known.name() == track.name()
                && known.iter().all(|(field, _)| track.has_field(field))
                && known.can_intersect(track)
        };
        caps.structure(0).is_some_and(|track| {
            self.fields.iter().all(|field| track.has_field(*field))
                && known.iter().any(|known| tells(known, track))
        })
    }
}

/// Whether a track is pictures or sound, or neither (subtitles, chapters, a cover).
pub(crate) fn kind(caps: &gst::CapsRef) -> Option<Kind> {
    let name = caps.structure(0)?.name().as_str();
    match name.split('/').next() {
        Some("video") => Some(Kind::Video),
        // Other images are covers.
        Some("image") if name == "image/jpeg" => Some(Kind::Video),
        Some("audio") => Some(Kind::Audio),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(caps: &str) -> (&'static str, bool, bool) {
        crate::init().expect("GStreamer");
        let plan = plan(&caps.parse::<gst::Caps>().expect("caps")).expect("it can be served");
        (plan.format.name, plan.through.is_some(), plan.transcoded)
    }

    #[test]
    fn what_has_a_payload_format_is_never_transcoded() {
        let direct = [
            ("video/x-h264, stream-format=avc, alignment=au", "H.264"),
            ("video/x-h264, stream-format=avc3, alignment=au", "H.264"),
            ("video/x-h265, stream-format=hev1, alignment=au", "H.265"),
            ("video/x-vp8", "VP8"),
            ("video/x-vp9", "VP9"),
            ("video/x-theora", "Theora"),
            ("image/jpeg, iceflix-sendable=true", "Motion JPEG"),
            ("audio/mpeg, mpegversion=4, stream-format=raw", "AAC"),
            ("audio/x-opus, channel-mapping-family=0", "Opus"),
            ("audio/x-vorbis", "Vorbis"),
            ("audio/x-raw, format=S16BE", "PCM of 16 bits"),
        ];
        for (caps, name) in direct {
            assert_eq!(planned(caps), (name, false, false), "{caps}");
        }
        let parsed = [
            ("video/x-h264, stream-format=byte-stream", "H.264"),
            ("video/x-h264", "H.264"),
            ("video/x-h265, stream-format=byte-stream", "H.265"),
            ("video/mpeg, mpegversion=2, systemstream=false", "MPEG-2"),
            ("audio/mpeg, mpegversion=4, stream-format=adts", "AAC"),
            ("audio/mpeg, mpegversion=1, layer=3", "MPEG audio"),
            ("audio/x-private1-ac3", "AC-3"),
            ("audio/x-raw, format=S16LE", "PCM of 16 bits"),
            ("audio/x-raw, format=F32LE", "PCM of 24 bits"),
        ];
        for (caps, name) in parsed {
            assert_eq!(planned(caps), (name, true, false), "{caps}");
        }
    }

    #[test]
    fn what_has_none_becomes_opus_or_h264() {
        for (caps, name) in [
            ("audio/x-flac", "Opus"),
            ("audio/x-alac", "Opus"),
            ("audio/x-opus, channel-mapping-family=1, channels=6", "Opus"),
            ("video/x-wmv, wmvversion=2", "H.264"),
            ("image/jpeg, iceflix-sendable=false", "H.264"),
            ("video/x-flash-video, flvversion=1", "H.264"),
        ] {
            assert_eq!(planned(caps), (name, true, true), "{caps}");
        }
        let unknown = "video/x-nobody-knows".parse::<gst::Caps>().expect("caps");
        assert!(plan(&unknown).is_none());
    }
}
