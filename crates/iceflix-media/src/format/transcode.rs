//! What has no payload format: a decoder, and an encoder for something that has one.

use std::borrow::Cow;

use gstreamer as gst;
use iceflix_index::Kind;

use super::{Plan, TABLE, kind};

/// From decoded sound to Opus. RTP has Opus of one channel or two alone (RFC 7587).
const OPUS: &str = "audioconvert ! audioresample ! capsfilter caps=audio/x-raw,rate=48000,channels=[1,2] ! opusenc bitrate=128000";

/// From decoded pictures to H.264, a keyframe every two seconds or so.
const H264: &str = "videoconvert ! capsfilter caps=video/x-raw,format=I420 \
    ! x264enc pass=qual quantizer=21 key-int-max=50 bframes=2 speed-preset=veryfast \
    ! capsfilter caps=video/x-h264,stream-format=avc,alignment=au";

/// How to serve a track that has to be decoded; `None` where nothing decodes it.
pub(super) fn plan(caps: &gst::CapsRef) -> Option<Plan> {
    let (into, encode) = match kind(caps)? {
        Kind::Audio => ("Opus", OPUS),
        Kind::Video => ("H.264", H264),
    };
    if !is_decoded(caps) {
        return None;
    }
    let format = TABLE.iter().find(|format| format.name == into)?;
    let through = format!("decodebin ! {encode}");
    Some(Plan {
        format,
        through: Some(Cow::Owned(through)),
        told: &[],
        transcoded: true,
    })
}

/// Whether there is a decoder for such a track.
fn is_decoded(caps: &gst::CapsRef) -> bool {
    let decoders = gst::ElementFactory::factories_with_type(
        gst::ElementFactoryType::DECODER,
        gst::Rank::MARGINAL,
    );
    let caps = caps.to_owned();
    decoders
        .into_iter()
        .any(|decoder| decoder.can_sink_any_caps(&caps))
}

/// What people call the codecs that are met most often among those.
pub(super) fn name(caps: &gst::CapsRef) -> Option<&'static str> {
    Some(match caps.structure(0)?.name().as_str() {
        "image/jpeg" => "Motion JPEG",
        "audio/x-flac" => "FLAC",
        "audio/x-eac3" => "E-AC-3",
        "audio/x-alac" => "ALAC",
        "audio/x-dts" => "DTS",
        "audio/x-true-hd" => "TrueHD",
        "audio/x-wma" => "Windows Media Audio",
        "audio/x-opus" => "Opus",
        "video/x-wmv" => "Windows Media Video",
        "video/x-flash-video" => "Sorenson Spark",
        _ => return None,
    })
}
