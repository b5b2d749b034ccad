//! The description of a title: what `title.json` says.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The most tracks of a title: as many as there are dynamic payload types (96 to 127, RFC 3551).
pub const MAX_TRACKS: usize = 32;

/// The longest text in a description, in bytes. Parameter sets of H.264 in base64 are the longest
/// there is.
const MAX_TEXT: usize = 16 * 1_024;

/// What a title is: the tracks that can be sent, and how an SDP document describes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// The length of the film's file in bytes.
    pub source_len: u64,
    /// How long the title plays, in whole microseconds.
    #[serde(rename = "duration_us", with = "microseconds")]
    pub duration: Duration,
    /// From 1 to [`MAX_TRACKS`] tracks.
    pub tracks: Vec<Track>,
}

/// One track of a title, in the words of SDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Video or audio: the media name of the `m=` line.
    pub kind: Kind,
    /// The encoding name of the `a=rtpmap` line, such as `H264` or `MPEG4-GENERIC`.
    pub encoding: String,
    /// The clock rate of the time stamps, in Hz; never 0.
    pub clock_rate: u32,
    /// The number of audio channels, where the `a=rtpmap` line tells it.
    pub channels: Option<u8>,
    /// The RTP payload type: 96 to 127, each of which one track has at most, or one of those that
    /// [`RFC 3551`](https://www.rfc-editor.org/rfc/rfc3551#section-6) fixes for an encoding.
    pub payload_type: u8,
    /// The parameters of the `a=fmtp` line, in its order.
    pub fmtp: Vec<(String, String)>,
    /// The language as a tag of BCP 47 or a code of ISO 639, where the film tells it.
    pub language: Option<String>,
    /// What the film calls this track, such as "Director's commentary".
    pub name: Option<String>,
    /// The mean bit rate in bits a second, where it is known.
    pub bit_rate: Option<u32>,
}

/// What a track holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

impl Title {
    /// Checks all that is promised above, so that neither a hostile film nor a hostile index can
    /// put a line of its own into an SDP document.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the first thing that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        if self.tracks.is_empty() || self.tracks.len() > MAX_TRACKS {
            return Err(Error::refused(format!(
                "{} tracks, where 1 to {MAX_TRACKS} can be",
                self.tracks.len()
            )));
        }
        for (position, track) in self.tracks.iter().enumerate() {
            track
                .check()
                .map_err(|reason| Error::refused(format!("track {position}: {reason}")))?;
            if self.tracks[..position]
                .iter()
                .any(|other| other.payload_type == track.payload_type && is_dynamic(other))
            {
                return Err(Error::refused(format!(
                    "two tracks have the payload type {}",
                    track.payload_type
                )));
            }
        }
        Ok(())
    }
}

impl Track {
    fn check(&self) -> Result<(), String> {
        if self.clock_rate == 0 {
            return Err("its clock rate is 0".into());
        }
        if !is_dynamic(self) && !FIXED.contains(&self.payload_type) {
            return Err(format!(
                "payload type {} is neither a dynamic one nor one of those that are fixed",
                self.payload_type
            ));
        }
        if !is_token(&self.encoding) {
            return Err(format!("{:?} is not an encoding name", self.encoding));
        }
        for (key, value) in &self.fmtp {
            if !is_token(key) || !is_parameter(value) {
                return Err(format!("{key:?}={value:?} is not a format parameter"));
            }
        }
        if let Some(language) = &self.language
            && !(language.len() <= 64
                && language
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        {
            return Err(format!("{language:?} is not a language"));
        }
        if let Some(name) = &self.name
            && (name.len() > MAX_TEXT || name.chars().any(char::is_control))
        {
            return Err("its name is too long or holds control characters".into());
        }
        Ok(())
    }
}

/// The payload types that are fixed for one encoding (RFC 3551, 6) and in use here: PCMU, PCMA,
/// MPA, JPEG, MPV.
const FIXED: [u8; 5] = [0, 8, 14, 26, 32];

fn is_dynamic(track: &Track) -> bool {
    (96..=127).contains(&track.payload_type)
}

/// A word of SDP: printable ASCII without what separates parameters.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"/;=,".contains(&b))
}

/// The value of a format parameter: printable ASCII without the semicolon that ends it.
fn is_parameter(text: &str) -> bool {
    text.len() <= MAX_TEXT && text.bytes().all(|b| b.is_ascii_graphic() && b != b';')
}

mod microseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title() -> Title {
        Title {
            source_len: 1,
            duration: Duration::from_secs(1),
            tracks: vec![Track {
                kind: Kind::Video,
                encoding: "H264".into(),
                clock_rate: 90_000,
                channels: None,
                payload_type: 96,
                fmtp: vec![("sprop-parameter-sets".into(), "Z0LA,aM4=".into())],
                language: Some("es-ES".into()),
                name: Some("Comentario del director".into()),
                bit_rate: None,
            }],
        }
    }

    #[test]
    fn a_usual_title_is_fine() {
        title().check().expect("nothing is wrong with it");
    }

    #[test]
    fn no_text_of_a_film_can_add_a_line_to_an_sdp_document() {
        let spoilers: [fn(&mut Track); 5] = [
            |track| track.name = Some("x\r\na=control:evil".into()),
            |track| track.language = Some("en\n".into()),
            |track| track.encoding = "H264\r\n".into(),
            |track| track.fmtp[0].1 = "a\nb".into(),
            |track| track.fmtp[0].0 = "a; b".into(),
        ];
        for spoil in spoilers {
            let mut title = title();
            spoil(&mut title.tracks[0]);
            assert!(
                matches!(title.check(), Err(Error::Refused { .. })),
                "{title:?}"
            );
        }
    }

    #[test]
    fn payload_types_are_fixed_ones_or_dynamic_and_distinct() {
        let mut twice = title();
        twice.tracks.push(twice.tracks[0].clone());
        assert!(twice.check().is_err());
        twice.tracks[1].payload_type = 95;
        assert!(twice.check().is_err());
        twice.tracks[1].payload_type = 97;
        assert!(twice.check().is_ok());
        twice
            .tracks
            .iter_mut()
            .for_each(|track| track.payload_type = 14);
        assert!(twice.check().is_ok());
    }
}
