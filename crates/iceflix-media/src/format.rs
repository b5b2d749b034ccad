//! Formats: what puts a codec into RTP packets.

use gstreamer as gst;
use iceflix_index::Kind;

/// A codec that goes out as it is.
pub(crate) struct Format {
    /// What people call it.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What a demultiplexer says of a track that is of this format, as caps.
    pub(crate) caps: &'static str,
    /// The element that makes packets of it.
    pub(crate) payloader: &'static str,
    /// The Debian package of that element.
    pub(crate) package: &'static str,
    /// Properties of the payloader beside payload type and packet size.
    pub(crate) properties: &'static [(&'static str, &'static str)],
    /// What is sent before each random access point, where the codec keeps something apart that a
    /// decoder needs.
    pub(crate) leading: Option<Leading>,
    /// The length of an access unit in units of the clock rate, where the codec fixes it.
    /// Containers round times, some to milliseconds; this undoes it.
    pub(crate) unit: Option<u32>,
    /// How many pictures may be sent before one that is presented earlier: the lookahead that
    /// restores the order where the container tells no decoding times.
    pub(crate) reordering: usize,
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
}

/// All formats that go out as they are.
pub(crate) static TABLE: &[Format] = &[
    Format {
        name: "H.264",
        kind: Kind::Video,
        caps: "video/x-h264, stream-format=avc, alignment=au",
        payloader: "rtph264pay",
        package: "gstreamer1.0-plugins-good",
        properties: &[("config-interval", "0"), ("aggregate-mode", "none")],
        // An access unit delimiter is the first NAL unit of its picture (ITU-T H.264, 7.4.1.2.3).
        leading: Some(Leading {
            parameters: &["sprop-parameter-sets"],
            is_delimiter: |header| header & 0x1f == 9,
        }),
        unit: None,
        // The largest decoded picture buffer of any level (ITU-T H.264, A.3.1).
        reordering: 16,
    },
    Format {
        name: "AAC",
        kind: Kind::Audio,
        caps: "audio/mpeg, mpegversion=4, stream-format=raw",
        payloader: "rtpmp4gpay",
        package: "gstreamer1.0-plugins-good",
        properties: &[],
        leading: None,
        // The samples of a frame (ISO/IEC 14496-3); the short variants of 960 and 480 keep the
        // container's times.
        unit: Some(1_024),
        reordering: 0,
    },
];

/// The format of a track with these caps.
pub(crate) fn find(caps: &gst::CapsRef) -> Option<&'static Format> {
    TABLE.iter().find(|format| {
        format
            .caps
            .parse::<gst::Caps>()
            .is_ok_and(|known| caps.can_intersect(&known))
    })
}

/// Whether a track is pictures or sound, or neither (subtitles, chapters).
pub(crate) fn kind(caps: &gst::CapsRef) -> Option<Kind> {
    let name = caps.structure(0)?.name();
    match name.split('/').next() {
        Some("video" | "image") => Some(Kind::Video),
        Some("audio") => Some(Kind::Audio),
        _ => None,
    }
}
