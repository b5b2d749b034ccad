//! A film made by ffmpeg, and its index.
//!
//! The film's file is the elementary streams, one behind the other: all that a sender needs to know
//! of a container is where the payload lies. The packets follow RFC 6184 (H.264) and RFC 3640
//! (AAC).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use iceflix_index::{Index, Kind, MAX_PAYLOAD, Packet, Piece, Title, Track, Writer};
use tempfile::TempDir;

/// Pictures a second.
pub(crate) const RATE: u64 = 30;
/// Pictures from one keyframe to the next.
pub(crate) const KEYFRAMES: u64 = 30;
/// How long the film plays.
pub(crate) const LENGTH: Duration = Duration::from_secs(8);

/// A film, and where its index is.
pub(crate) struct Film {
    _dir: TempDir,
    /// What goes on the wire is read from here.
    pub(crate) source: PathBuf,
    /// The video alone, for comparison.
    pub(crate) video: PathBuf,
    /// The sound alone, for comparison.
    pub(crate) audio: PathBuf,
    pub(crate) index: PathBuf,
}

/// The film that most tests play, made once for each test program.
pub(crate) fn film() -> &'static Film {
    static FILM: OnceLock<Film> = OnceLock::new();
    FILM.get_or_init(Film::make)
}

impl Film {
    /// Makes a film of its own, for a test that does something to it.
    pub(crate) fn make() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| dir.path().join(name);
        let (video, audio, source, index) = (
            path("video.h264"),
            path("audio.aac"),
            path("film"),
            path("index"),
        );
        let length = LENGTH.as_secs().to_string();
        let done = Command::new("ffmpeg")
            .args([
                "-nostdin",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=640x360:rate=30",
            ])
            .args([
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=48000",
                "-t",
                &length,
            ])
            .args([
                "-map",
                "0:v",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-b:v",
                "2M",
                "-bf",
                "0",
            ])
            .args([
                "-g",
                "30",
                "-x264-params",
                "keyint=30:min-keyint=30:scenecut=0:sliced-threads=0:slices=1",
                "-f",
                "h264",
            ])
            .arg(&video)
            .args([
                "-map", "1:a", "-ac", "2", "-c:a", "aac", "-b:a", "128k", "-t", &length, "-f",
                "adts",
            ])
            .arg(&audio)
            .status()
            .expect("ffmpeg is installed");
        assert!(done.success(), "ffmpeg makes a film");
        let mut bytes = fs::read(&video).expect("the video");
        let sound_at = bytes.len();
        bytes.extend(fs::read(&audio).expect("the sound"));
        fs::write(&source, &bytes).expect("a film");
        write_index(&index, &bytes, sound_at);
        Self {
            _dir: dir,
            source,
            video,
            audio,
            index,
        }
    }

    /// Opens the index.
    pub(crate) fn open(&self) -> Arc<Index> {
        Arc::new(Index::open(&self.index, &self.source).expect("a fresh index"))
    }
}

/// A packet, before the tracks are merged.
struct Made {
    track: u8,
    send_at: Duration,
    timestamp: u64,
    marker: bool,
    keyframe: bool,
    inline: Vec<u8>,
    pieces: Vec<Piece>,
}

fn write_index(dir: &Path, film: &[u8], sound_at: usize) {
    let (video, parameter_sets) = video(&film[..sound_at]);
    let (audio, config) = audio(&film[sound_at..], sound_at as u64);
    let track =
        |kind, encoding: &str, clock_rate, channels, payload_type, fmtp: Vec<(&str, String)>| {
            Track {
                kind,
                encoding: encoding.into(),
                clock_rate,
                channels,
                payload_type,
                fmtp: fmtp
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
                language: None,
                name: None,
                bit_rate: None,
            }
        };
    let sound = [
        ("streamtype", "5"),
        ("profile-level-id", "1"),
        ("mode", "AAC-hbr"),
        ("sizelength", "13"),
        ("indexlength", "3"),
        ("indexdeltalength", "3"),
    ];
    let mut sound: Vec<(&str, String)> = sound
        .into_iter()
        .map(|(key, value)| (key, value.to_owned()))
        .collect();
    sound.push(("config", config));
    let title = Title {
        source_len: film.len() as u64,
        duration: LENGTH,
        tracks: vec![
            track(
                Kind::Video,
                "H264",
                90_000,
                None,
                96,
                vec![
                    ("packetization-mode", "1".into()),
                    ("sprop-parameter-sets", parameter_sets),
                ],
            ),
            track(Kind::Audio, "MPEG4-GENERIC", 48_000, Some(2), 97, sound),
        ],
    };
    let mut packets: Vec<Made> = video.into_iter().chain(audio).collect();
    packets.sort_by_key(|packet| packet.send_at);
    let mut writer = Writer::create(dir, title).expect("a new index");
    for made in &packets {
        let Made {
            track,
            send_at,
            timestamp,
            marker,
            keyframe,
            ref inline,
            ref pieces,
        } = *made;
        writer
            .push(&Packet {
                track,
                send_at,
                timestamp,
                marker,
                keyframe,
                inline,
                pieces,
            })
            .expect("a proper packet");
    }
    writer.finish().expect("a whole index");
}

/// The packets of an H.264 byte stream that has one slice a picture, and its parameter sets for the
/// SDP.
fn video(bytes: &[u8]) -> (Vec<Made>, String) {
    let mut packets = Vec::new();
    let (mut picture, mut first_of_unit) = (0, true);
    let mut sets = Vec::new();
    for (start, end) in nal_units(bytes) {
        let (kind, offset) = (bytes[start] & 0x1f, start as u64);
        if matches!(kind, 7 | 8) && sets.len() < 2 {
            sets.push(base64(&bytes[start..end]));
        }
        let is_slice = matches!(kind, 1 | 5);
        let is_random_access = picture % KEYFRAMES == 0;
        let send_at = Duration::from_micros(picture * 1_000_000 / RATE);
        let mut push = |marker, inline: Vec<u8>, pieces| {
            packets.push(Made {
                track: 0,
                send_at,
                timestamp: picture * 90_000 / RATE,
                marker,
                keyframe: is_random_access && first_of_unit,
                inline,
                pieces,
            });
            first_of_unit = false;
        };
        if end - start <= MAX_PAYLOAD {
            push(
                is_slice,
                vec![],
                vec![Piece::Source {
                    offset,
                    len: (end - start) as u32,
                }],
            );
        } else {
            // Fragmentation units of type A: the header is spread over an indicator and a fragment
            // header.
            let mut at = start + 1;
            while at < end {
                let len = (end - at).min(MAX_PAYLOAD - 2);
                let first = u8::from(at == start + 1) << 7;
                let last = at + len == end;
                let inline = vec![bytes[start] & 0xe0 | 28, first | u8::from(last) << 6 | kind];
                let pieces = vec![
                    Piece::Inline { start: 0, len: 2 },
                    Piece::Source {
                        offset: at as u64,
                        len: len as u32,
                    },
                ];
                push(is_slice && last, inline, pieces);
                at += len;
            }
        }
        if is_slice {
            picture += 1;
            first_of_unit = true;
        }
    }
    assert_eq!(picture, LENGTH.as_secs() * RATE, "one slice a picture");
    (packets, sets.join(","))
}

/// Where the NAL units of a byte stream begin and end, without start codes.
fn nal_units(bytes: &[u8]) -> Vec<(usize, usize)> {
    let codes: Vec<usize> = bytes
        .windows(3)
        .enumerate()
        .filter(|(_, three)| *three == [0, 0, 1])
        .map(|(at, _)| at)
        .collect();
    let ends = codes.iter().skip(1).copied().chain([bytes.len()]);
    let units = codes.iter().zip(ends).map(|(code, end)| {
        let mut end = end;
        while bytes[end - 1] == 0 && end < bytes.len() {
            end -= 1;
        }
        (code + 3, end)
    });
    units.collect()
}

/// The packets of an ADTS stream, and its decoder configuration for the SDP.
fn audio(bytes: &[u8], offset: u64) -> (Vec<Made>, String) {
    let mut packets = Vec::new();
    let config = {
        let (object, rate, channels) = (
            u16::from(bytes[2] >> 6) + 1,
            u16::from(bytes[2] >> 2 & 0xf),
            u16::from(bytes[2] & 1) << 2 | u16::from(bytes[3] >> 6),
        );
        format!("{:04x}", object << 11 | rate << 7 | channels << 3)
    };
    let (mut at, mut frame) = (0, 0u64);
    while at < bytes.len() {
        let header = if bytes[at + 1] & 1 == 1 { 7 } else { 9 };
        let whole = (usize::from(bytes[at + 3] & 3) << 11)
            | usize::from(bytes[at + 4]) << 3
            | usize::from(bytes[at + 5] >> 5);
        let len = whole - header;
        let [high, low] = ((len as u16) << 3).to_be_bytes();
        packets.push(Made {
            track: 1,
            send_at: Duration::from_micros(frame * 1_024 * 1_000_000 / 48_000),
            timestamp: frame * 1_024,
            marker: true,
            keyframe: false,
            inline: vec![0, 16, high, low],
            pieces: vec![
                Piece::Inline { start: 0, len: 4 },
                Piece::Source {
                    offset: offset + (at + header) as u64,
                    len: len as u32,
                },
            ],
        });
        at += whole;
        frame += 1;
    }
    (packets, config)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |three: u32, place: u32| DIGITS[(three >> (18 - 6 * place) & 63) as usize] as char;
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = chunk
            .iter()
            .fold(0, |three, byte| three << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len() as u32).map(|place| digit(three, place)));
        text.extend(std::iter::repeat_n('=', 3 - chunk.len()));
    }
    text
}
