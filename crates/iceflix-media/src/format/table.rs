//! All formats that go out as they are.

use iceflix_index::Kind;

use super::Told::{Number, Text};
use super::{Format, Leading, Payloader, Way};
use crate::packetise;

/// A way in which the payloader takes everything as the container holds it.
const fn plain(caps: &'static str) -> Way {
    Way {
        caps,
        fields: &[],
        through: None,
        told: &[],
    }
}

/// A way in which the access units have to be found, or written another way, first.
const fn parsed(caps: &'static str, through: &'static str) -> Way {
    Way {
        caps,
        fields: &[],
        through: Some(through),
        told: &[],
    }
}

fn as_told(keyframe: bool, _: &[u8]) -> bool {
    keyframe
}

/// What all formats have in common that have nothing of their own.
const SOUND: Format = Format {
    name: "",
    kind: Kind::Audio,
    ways: &[],
    payloader: Payloader::Gathering { name: "" },
    leading: None,
    unit: None,
    reordering: 0,
    is_keyframe: as_told,
};

/// The same of pictures that are sent in the order in which they are presented.
const PICTURES: Format = Format {
    kind: Kind::Video,
    ..SOUND
};

pub(crate) static TABLE: &[Format] = &[
    Format {
        name: "H.264",
        ways: &[
            Way {
                caps: "video/x-h264, stream-format=(string){ avc, avc3 }",
                fields: &[],
                through: None,
                // The payloader knows "avc" alone, and takes the parameter sets that "avc3" keeps
                // among the pictures too.
                told: &[("stream-format", Text("avc")), ("alignment", Text("au"))],
            },
            parsed(
                "video/x-h264",
                "h264parse ! capsfilter caps=video/x-h264,stream-format=avc,alignment=au",
            ),
        ],
        payloader: Payloader::Element {
            name: "rtph264pay",
            properties: &[("config-interval", "0"), ("aggregate-mode", "none")],
        },
        // An access unit delimiter is the first NAL unit of its picture (ITU-T H.264, 7.4.1.2.3).
        leading: Some(Leading {
            parameters: &["sprop-parameter-sets"],
            is_delimiter: |header| header & 0x1f == 9,
            rotation: packetise::orientation::h264,
        }),
        // The largest decoded picture buffer of any level (ITU-T H.264, A.3.1).
        reordering: 16,
        ..PICTURES
    },
    Format {
        name: "H.265",
        ways: &[
            Way {
                caps: "video/x-h265, stream-format=(string){ hvc1, hev1 }",
                fields: &[],
                through: None,
                told: &[("stream-format", Text("hvc1")), ("alignment", Text("au"))],
            },
            parsed(
                "video/x-h265",
                "h265parse ! capsfilter caps=video/x-h265,stream-format=hvc1,alignment=au",
            ),
        ],
        payloader: Payloader::Element {
            name: "rtph265pay",
            properties: &[("config-interval", "0"), ("aggregate-mode", "none")],
        },
        // ITU-T H.265, 7.4.2.4.4.
        leading: Some(Leading {
            parameters: &["sprop-vps", "sprop-sps", "sprop-pps"],
            is_delimiter: |header| header >> 1 & 0x3f == 35,
            rotation: packetise::orientation::h265,
        }),
        // The largest decoded picture buffer of any level (ITU-T H.265, A.4.2).
        reordering: 16,
        ..PICTURES
    },
    Format {
        name: "AV1",
        ways: &[
            plain("video/x-av1, stream-format=obu-stream, alignment=tu"),
            parsed(
                "video/x-av1",
                "av1parse ! capsfilter caps=video/x-av1,stream-format=obu-stream,alignment=tu",
            ),
        ],
        payloader: Payloader::Own(&packetise::Av1),
        ..PICTURES
    },
    Format {
        name: "VP8",
        ways: &[plain("video/x-vp8")],
        payloader: Payloader::Element {
            name: "rtpvp8pay",
            properties: &[],
        },
        // Ogg does not tell (RFC 6386, 9.1).
        is_keyframe: |_, unit| unit.first().is_some_and(|byte| byte & 1 == 0),
        ..PICTURES
    },
    Format {
        name: "VP9",
        ways: &[plain("video/x-vp9")],
        payloader: Payloader::Element {
            name: "rtpvp9pay",
            properties: &[],
        },
        ..PICTURES
    },
    Format {
        name: "MPEG-2",
        ways: &[parsed(
            "video/mpeg, mpegversion=(int)2, systemstream=(boolean)false",
            "mpegvideoparse",
        )],
        payloader: Payloader::Own(&packetise::MpegVideo),
        reordering: 3,
        ..PICTURES
    },
    Format {
        name: "MPEG-1",
        ways: &[parsed(
            "video/mpeg, mpegversion=(int)1, systemstream=(boolean)false",
            "mpegvideoparse",
        )],
        payloader: Payloader::Own(&packetise::MpegVideo),
        reordering: 3,
        ..PICTURES
    },
    Format {
        name: "MPEG-4",
        ways: &[
            // Where the container does not keep the headers apart, it does not tell either which
            // pictures are keyframes, nor when they are presented.
            Way {
                fields: &["codec_data"],
                ..plain("video/mpeg, mpegversion=(int)4, systemstream=(boolean)false")
            },
            parsed(
                "video/mpeg, mpegversion=(int)4, systemstream=(boolean)false",
                "mpeg4videoparse",
            ),
        ],
        payloader: Payloader::Own(&packetise::Mpeg4Video),
        reordering: 3,
        ..PICTURES
    },
    Format {
        name: "Motion JPEG",
        ways: &[plain("image/jpeg, iceflix-sendable=(boolean)true")],
        payloader: Payloader::Element {
            name: "rtpjpegpay",
            properties: &[],
        },
        ..PICTURES
    },
    Format {
        name: "Theora",
        ways: &[plain("video/x-theora")],
        payloader: Payloader::Own(&packetise::Xiph::Theora),
        ..PICTURES
    },
    Format {
        name: "AAC",
        ways: &[
            plain("audio/mpeg, mpegversion=(int)4, stream-format=raw"),
            Way {
                caps: "audio/mpeg, mpegversion=(int){ 2, 4 }, stream-format=(string){ adts, adif, raw }",
                fields: &[],
                through: Some("aacparse ! capsfilter caps=audio/mpeg,stream-format=raw"),
                told: &[("mpegversion", Number(4))],
            },
        ],
        payloader: Payloader::Element {
            name: "rtpmp4gpay",
            properties: &[],
        },
        // The samples of a frame (ISO/IEC 14496-3); the short variants of 960 and 480 keep the
        // container's times.
        unit: Some(1_024),
        ..SOUND
    },
    Format {
        name: "MPEG audio",
        ways: &[parsed("audio/mpeg, mpegversion=(int)1", "mpegaudioparse")],
        payloader: Payloader::Gathering { name: "rtpmpapay" },
        ..SOUND
    },
    Format {
        name: "Opus",
        ways: &[plain("audio/x-opus, channel-mapping-family=(int)0")],
        payloader: Payloader::Element {
            name: "rtpopuspay",
            properties: &[],
        },
        ..SOUND
    },
    Format {
        name: "Vorbis",
        ways: &[plain("audio/x-vorbis")],
        payloader: Payloader::Own(&packetise::Xiph::Vorbis),
        ..SOUND
    },
    Format {
        name: "AC-3",
        ways: &[parsed(
            "audio/x-ac3; audio/ac3; audio/x-private1-ac3",
            "ac3parse ! capsfilter caps=audio/x-ac3",
        )],
        payloader: Payloader::Gathering { name: "rtpac3pay" },
        ..SOUND
    },
    Format {
        name: "PCM of 16 bits",
        ways: &[
            plain("audio/x-raw, format=S16BE"),
            parsed(
                "audio/x-raw, format=(string){ S16LE, U16LE, U16BE, S8, U8 }",
                "audioconvert ! capsfilter caps=audio/x-raw,format=S16BE",
            ),
        ],
        payloader: Payloader::Gathering { name: "rtpL16pay" },
        ..SOUND
    },
    Format {
        name: "PCM of 24 bits",
        ways: &[
            plain("audio/x-raw, format=S24BE"),
            parsed(
                "audio/x-raw",
                "audioconvert ! capsfilter caps=audio/x-raw,format=S24BE",
            ),
        ],
        payloader: Payloader::Gathering { name: "rtpL24pay" },
        ..SOUND
    },
    Format {
        name: "A-law",
        ways: &[plain("audio/x-alaw, rate=(int)8000, channels=(int)1")],
        payloader: Payloader::Gathering { name: "rtppcmapay" },
        ..SOUND
    },
    Format {
        name: "µ-law",
        ways: &[plain("audio/x-mulaw, rate=(int)8000, channels=(int)1")],
        payloader: Payloader::Gathering { name: "rtppcmupay" },
        ..SOUND
    },
];
