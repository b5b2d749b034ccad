//! Every kind of file and every codec: what the index says of them, and when what arrives is
//! presented. That it arrives as it is, players prove over RTSP.

use std::path::{Path, PathBuf};
use std::thread;

use iceflix_media::{Way, probe};

use crate::film::{Compiled, compiled, ffmpeg, made};
use crate::wire::packets;

const H264: &str = "-c:v libx264 -preset veryfast -g 25 -bf 2";
const MPEG2: &str = "-c:v mpeg2video -g 12 -bf 2";
const AV1: &str = "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 25";

/// A moving picture of two seconds and a tone, encoded like this.
fn film(name: &str, arguments: &str) -> PathBuf {
    let inputs = "-f lavfi -i testsrc2=s=192x144:r=25:d=2 -f lavfi -i sine=r=48000:d=2";
    made(name, &format!("{inputs} {arguments}"))
}

/// The position of the track of this encoding.
fn track(film: &Compiled, encoding: &str) -> u8 {
    let mut tracks = film.title.tracks.iter();
    let found = tracks.position(|track| track.encoding == encoding);
    found.unwrap_or_else(|| panic!("{encoding} in {:#?}", film.title)) as u8
}

/// The times of a track's pictures in hundredths of a second, in the order of sending.
fn times(film: &Compiled, encoding: &str) -> Vec<u64> {
    let mut times: Vec<_> = packets(&film.index, track(film, encoding))
        .iter()
        .map(|packet| (packet.timestamp + 450) / 900)
        .collect();
    times.dedup();
    times
}

/// Checks that the pictures are presented one each 40 ms, and says in which order they are sent.
fn assert_even(path: &Path, encoding: &str) -> Vec<u64> {
    let film = compiled(path);
    let sent = times(&film, encoding);
    let mut presented = sent.clone();
    presented.sort_unstable();
    let name = path.display();
    assert!(sent.len() >= 49, "{name}: {} pictures", sent.len());
    assert!(
        presented.windows(2).all(|pair| pair[1] - pair[0] == 4),
        "{name}: {presented:?}"
    );
    assert!(film.index.points() > 0, "{name}");
    sent
}

#[test]
fn pictures_are_presented_when_each_kind_of_file_says() {
    let reordered = [
        ("even.ts", H264, "-c:a aac", "H264"),
        ("even.m2ts", H264, "-c:a ac3", "H264"),
        (
            "wrapping.ts",
            H264,
            "-c:a aac -output_ts_offset 95442.7",
            "H264",
        ),
        ("even.ts", MPEG2, "-c:a mp2", "MPV"),
        ("even.mpg", MPEG2, "-f vob -c:a ac3", "MPV"),
        (
            "small.mpg",
            "-c:v mpeg2video -g 12 -bf 2 -s 64x48 -q:v 20",
            "-f vob -c:a mp2",
            "MPV",
        ),
        (
            "even.avi",
            "-c:v mpeg4 -bf 2 -g 12 -vtag XVID",
            "-c:a libmp3lame",
            "MP4V-ES",
        ),
        ("even.flv", H264, "-c:a aac", "H264"),
        ("even.mkv", MPEG2, "-c:a ac3", "MPV"),
    ];
    let plain = [
        ("even.ogg", "-c:v libtheora", "-c:a libvorbis", "THEORA"),
        (
            "small.ogg",
            "-s 64x48 -c:v libtheora -q:v 3 -g 25",
            "-c:a libvorbis",
            "THEORA",
        ),
        (
            "even.ogg",
            "-c:v libvpx -deadline realtime -g 25",
            "-c:a libopus",
            "VP8",
        ),
        (
            "even.webm",
            "-c:v libvpx-vp9 -deadline realtime -g 25",
            "-c:a libopus",
            "VP9",
        ),
        ("even.webm", AV1, "-c:a libopus", "AV1"),
        (
            "even.avi",
            "-c:v mjpeg -huffman default -pix_fmt yuvj420p",
            "-c:a ac3",
            "JPEG",
        ),
        (
            "even.avi",
            "-c:v mjpeg -pix_fmt yuvj420p",
            "-c:a ac3",
            "H264",
        ),
        ("even.mkv", "-c:v wmv2", "-c:a wmav2", "H264"),
    ];
    thread::scope(|scope| {
        for (name, video, audio, encoding) in reordered {
            scope.spawn(move || {
                let sent = assert_even(&film(name, &format!("{video} {audio}")), encoding);
                assert!(
                    !sent.is_sorted(),
                    "{name}: those between come later: {sent:?}"
                );
            });
        }
        for (name, video, audio, encoding) in plain {
            scope.spawn(move || assert_even(&film(name, &format!("{video} {audio}")), encoding));
        }
    });
}

#[test]
fn av1_arrives_as_it_is() {
    let path = film("even.webm", &format!("{AV1} -c:a libopus"));
    let film = compiled(&path);
    assert!(
        film.index.side().is_none(),
        "all of it is found in the film"
    );
    let mut obus = Vec::<Vec<u8>>::new();
    for packet in packets(&film.index, track(&film, "AV1")) {
        let header = packet.payload[0];
        let count = usize::from(header >> 4 & 3);
        let mut rest = &packet.payload[1..];
        for number in 1..=count {
            let element = match number == count {
                true => std::mem::take(&mut rest),
                // All that are not the last one are short here.
                false => {
                    let (element, after) = rest[1..].split_at(usize::from(rest[0]));
                    rest = after;
                    element
                }
            };
            match obus.last_mut() {
                Some(open) if number == 1 && header & 0x80 != 0 => open.extend(element),
                _ => obus.push(element.to_vec()),
            }
        }
    }
    // ffmpeg writes them with their lengths, and with a delimiter before each picture.
    let arguments = [
        "-i",
        path.to_str().expect("plain"),
        "-map",
        "0:v",
        "-c",
        "copy",
    ];
    let stream = ffmpeg(&[&arguments[..], &["-f", "obu", "-"]].concat());
    let mut expected = Vec::new();
    let mut rest = stream.as_slice();
    while let [header, after @ ..] = rest {
        let digits = after
            .iter()
            .position(|byte| byte & 0x80 == 0)
            .expect("a length")
            + 1;
        let len = after[..digits]
            .iter()
            .rev()
            .fold(0, |len, byte| len << 7 | usize::from(byte & 0x7f));
        let (content, behind) = after[digits..].split_at(len);
        if header >> 3 & 0xf != 2 {
            expected.push([&[header & !2], content].concat());
        }
        rest = behind;
    }
    assert_eq!(obus.len(), expected.len());
    assert!(obus == expected, "the video differs");
}

#[test]
fn how_each_track_is_served_is_told() {
    let ways = |name: &str, arguments: &str| -> Vec<(String, String)> {
        let found = probe(&film(name, arguments)).expect("a film");
        let told = |way: &Way| way.to_string();
        let tracks = found.tracks.iter();
        tracks
            .map(|track| (track.codec.clone(), told(&track.way)))
            .collect()
    };
    let expect =
        |told: [(&str, &str); 2]| told.map(|(codec, way)| (codec.to_owned(), way.to_owned()));
    let direct = ways("even.m2ts", &format!("{H264} -c:a ac3"));
    assert_eq!(
        direct,
        expect([("H.264", "as it is"), ("AC-3", "as it is")])
    );
    let decoded = ways("even.mkv", "-c:v wmv2 -c:a flac");
    let both = [
        ("Windows Media Video", "transcoded to H.264"),
        ("FLAC", "transcoded to Opus"),
    ];
    assert_eq!(decoded, expect(both));
}

#[test]
fn what_a_container_does_not_say_of_its_tracks_is_found_out() {
    let films = [
        ("even.m2ts", format!("{H264} -c:a ac3")),
        ("even.mpg", format!("{MPEG2} -f vob -c:a ac3")),
    ];
    for (name, arguments) in films {
        let found = probe(&film(name, &arguments)).expect("a film");
        let picture = found.tracks.iter().find(|track| track.size.is_some());
        let picture = picture.unwrap_or_else(|| panic!("{found:#?}"));
        let expected = (Some((192, 144)), Some(25.0));
        assert_eq!((picture.size, picture.frame_rate), expected, "{name}");
        let sound = found.tracks.iter().find(|track| track.channels.is_some());
        let sound = sound.unwrap_or_else(|| panic!("{found:#?}"));
        let expected = (Some(1), Some(48_000));
        assert_eq!((sound.channels, sound.sample_rate), expected, "{name}");
    }
}

#[test]
fn a_picture_that_is_to_be_turned_says_so_before_each_keyframe() {
    let upright = film("upright.mp4", &format!("{H264} -c:a aac"));
    let path = upright.to_str().expect("plain");
    let turned = made(
        "turned.mp4",
        &format!("-i {path} -c copy -metadata:s:v rotate=90"),
    );
    assert_eq!(probe(&upright).expect("a film").tracks[0].rotation, None);
    let rotation = probe(&turned).expect("a film").tracks[0].rotation;
    assert!(matches!(rotation, Some(90 | 270)), "{rotation:?}");
    let film = compiled(&turned);
    let sent = packets(&film.index, track(&film, "H264"));
    let messages = sent
        .iter()
        .filter(|packet| packet.payload.starts_with(&[6, 47, 3]));
    assert_eq!(messages.count() as u64, film.index.points());
}
