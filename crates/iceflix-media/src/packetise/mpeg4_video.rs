//! MPEG-4 part 2 (RFC 6416, section 5): pictures in fragments, with the marker on the last one of
//! each.
//!
//! GStreamer's own payloader keeps each picture back until the next one comes.

use gstreamer as gst;

use super::{LONGEST, Packetiser, Packets};

/// Begins the header that tells the profile (ISO/IEC 14496-2, 6.2.2).
const VISUAL_OBJECT_SEQUENCE: [u8; 4] = [0, 0, 1, 0xb0];

/// Begins a picture; its kind follows (ISO/IEC 14496-2, 6.2.5).
const PICTURE: [u8; 4] = [0, 0, 1, 0xb6];

/// The profile of who tells none: Simple, level 1 (RFC 6416, 7.1).
const SIMPLE: u8 = 1;

pub(crate) struct Mpeg4Video;

impl Packetiser for Mpeg4Video {
    fn encoding(&self) -> &'static str {
        "MP4V-ES"
    }

    fn parameters(&self, caps: &gst::CapsRef) -> Vec<(String, String)> {
        let Some(config) = super::codec_data(caps) else {
            return Vec::new();
        };
        let profile = memchr::memmem::find(&config, &VISUAL_OBJECT_SEQUENCE)
            .and_then(|at| config.get(at + VISUAL_OBJECT_SEQUENCE.len()))
            .unwrap_or(&SIMPLE);
        [
            ("profile-level-id", profile.to_string()),
            ("config", hex::encode_upper(&config)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn is_bidirectional(&self, unit: &[u8]) -> Option<bool> {
        let picture = memchr::memmem::find(unit, &PICTURE);
        let kind = picture.and_then(|at| unit.get(at + PICTURE.len()));
        Some(kind.is_some_and(|kind| kind >> 6 == 2))
    }

    fn packets(&self, unit: &[u8], _: [u8; 4], packet: Packets<'_>) {
        let count = unit.len().div_ceil(LONGEST);
        for (number, part) in unit.chunks(LONGEST).enumerate() {
            packet(&[part], number + 1 == count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_goes_out_in_fragments_of_which_the_last_one_says_so() {
        let unit: Vec<_> = (0..3_000).map(|n| n as u8).collect();
        let (mut whole, mut markers) = (Vec::new(), Vec::new());
        Mpeg4Video.packets(&unit, [0; 4], &mut |parts, marker| {
            whole.extend(parts.concat());
            markers.push(marker);
        });
        assert_eq!(whole, unit);
        assert_eq!(markers, [false, false, true]);
    }

    #[test]
    fn the_headers_of_the_container_stand_in_the_description() {
        gst::init().expect("GStreamer starts");
        let track = "video/mpeg, codec_data=(buffer)000001b0f3000001b589";
        let caps = track.parse::<gst::Caps>().expect("caps");
        let told = [
            ("profile-level-id", "243"),
            ("config", "000001B0F3000001B589"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Mpeg4Video.parameters(&caps), told);
    }
}
