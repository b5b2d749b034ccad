//! Payloaders of our own, for what GStreamer has none for, or none that keeps to the standard.
//!
//! They only cut: what they hand on are parts of the access unit that they were given, and a few
//! bytes of their own before them, so that the parts are found in the film's file again.

mod av1;
mod mpeg4_video;
mod mpeg_video;
pub(crate) mod orientation;
mod xiph;

use gstreamer as gst;

pub(crate) use av1::Av1;
pub(crate) use mpeg_video::MpegVideo;
pub(crate) use mpeg4_video::Mpeg4Video;
pub(crate) use xiph::Xiph;

/// The clock rate of all video, in Hz.
const VIDEO_CLOCK: u32 = 90_000;

/// The longest payload of a packet that is made here, in bytes: what GStreamer's payloaders make
/// too.
const LONGEST: usize = 1_388;

/// Takes a packet's payload, as its parts in their order, and its marker bit.
pub(crate) type Packets<'a> = &'a mut dyn FnMut(&[&[u8]], bool);

/// What the container keeps apart from the access units of a track with these caps.
fn codec_data(caps: &gst::CapsRef) -> Option<Vec<u8>> {
    let data = caps.structure(0)?.get::<gst::Buffer>("codec_data").ok()?;
    let data = data.map_readable().ok()?;
    Some(data.to_vec())
}

/// What makes packets of access units.
pub(crate) trait Packetiser: Sync {
    /// The encoding name of SDP.
    fn encoding(&self) -> &'static str;

    /// The clock rate of a track with these caps, in Hz.
    fn clock_rate(&self, _: &gst::CapsRef) -> Option<u32> {
        Some(VIDEO_CLOCK)
    }

    /// The format parameters of a track with these caps.
    fn parameters(&self, caps: &gst::CapsRef) -> Vec<(String, String)>;

    /// What each packet of a track with these caps repeats.
    fn state(&self, _: &gst::CapsRef) -> [u8; 4] {
        [0; 4]
    }

    /// Whether others do not refer to this picture; `None` of a codec for which that says nothing
    /// of when it is presented.
    fn is_bidirectional(&self, _unit: &[u8]) -> Option<bool> {
        None
    }

    /// Hands the packets of one access unit to `packet`. Of a damaged unit there may be none.
    fn packets(&self, unit: &[u8], state: [u8; 4], packet: Packets<'_>);
}
