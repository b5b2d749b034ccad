//! Which tracks of a film are served, and how they are described.

use iceflix_index::Kind;
use iceflix_media::{Cancel, Found, hash, probe};

use crate::film::{REORDERED, compiled, film, made, run};

const RICH: &str = "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i sine=r=48000:d=8 -f lavfi -i sine=f=880:r=44100:d=8 \
    -map 0:v -map 0:v -map 1:a -map 2:a -map 1:a -c:v:0 libx264 -c:v:1 mpeg4 -c:a aac -c:a:2 libmp3lame -ac:a:0 2 \
    -metadata:s:a:0 language=spa -metadata:s:a:1 language=eng -metadata:s:a:1 title=Commentary";

#[test]
fn every_track_of_sound_and_one_of_pictures_is_described() {
    let path = made("rich.mkv", RICH);
    let found = probe(&path).expect("a film");
    assert_eq!(found.container, "Matroska");
    assert_eq!(found.tracks.len(), 5);
    let codecs: Vec<_> = found
        .tracks
        .iter()
        .map(|track| track.codec.as_str())
        .collect();
    assert_eq!(codecs, ["H.264", "MPEG-4", "AAC", "AAC", "MPEG audio"]);
    let served: Vec<_> = found.tracks.iter().map(Found::is_served).collect();
    assert_eq!(served, [true, false, true, true, true]);
    assert_eq!(found.tracks[0].size, Some((640, 360)));
    assert_eq!(found.tracks[0].frame_rate, Some(25.0));

    let title = compiled(&path).title;
    let [video, spanish, english, third] = &title.tracks[..] else {
        panic!("{title:#?}")
    };
    assert_eq!(
        (video.kind, video.encoding.as_str(), video.clock_rate),
        (Kind::Video, "H264", 90_000)
    );
    assert_eq!(
        (spanish.clock_rate, spanish.channels, english.clock_rate),
        (48_000, Some(2), 44_100)
    );
    assert_eq!(english.name.as_deref(), Some("Commentary"));
    assert_eq!(
        [video, spanish, english, third].map(|track| track.payload_type),
        [96, 97, 98, 14]
    );
    assert_eq!(spanish.encoding, "MPEG4-GENERIC");
    let languages = [&spanish.language, &english.language].map(|language| language.as_deref());
    assert_eq!(languages, [Some("es"), Some("en")]);
}

#[test]
fn the_parameters_are_those_that_the_standards_want() {
    let title = compiled(&film("reordered.mp4", REORDERED)).title;
    let value = |track: usize, key: &str| {
        let mut values = title.tracks[track]
            .fmtp
            .iter()
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value.as_str());
        values
            .next()
            .unwrap_or_else(|| panic!("{key} in {title:#?}"))
    };
    assert_eq!(value(0, "packetization-mode"), "1");
    assert!(value(0, "sprop-parameter-sets").contains(','));
    assert_eq!(value(0, "profile-level-id").len(), 6);
    let fixed = [
        ("mode", "AAC-hbr"),
        ("sizelength", "13"),
        ("indexlength", "3"),
        ("indexdeltalength", "3"),
    ];
    for (key, wanted) in fixed {
        assert_eq!(value(1, key), wanted);
    }
    assert!(value(1, "config").starts_with("11"), "AAC-LC at 48 kHz");
    assert_eq!(title.tracks[1].channels, Some(1));
    let rate = title.tracks[0].bit_rate.expect("known");
    assert!((1_000_000..2_500_000).contains(&rate), "{rate}");
}

#[test]
fn a_film_without_sound_is_served_without_sound() {
    let path = made(
        "silent.mp4",
        "-f lavfi -i testsrc2=s=640x360:r=25:d=3 -c:v libx264 -g 25",
    );
    assert_eq!(compiled(&path).title.tracks.len(), 1);
}

#[test]
fn sound_that_ends_long_before_the_picture_does_not_hold_it_up() {
    // qtdemux takes a track of less than a fifth of the film for a preview, and leaves it out.
    let inputs = "-f lavfi -i testsrc2=s=320x180:r=5:d=60 -f lavfi -i sine=r=48000:d=15";
    for name in ["short-sound.mp4", "short-sound.mkv"] {
        let path = made(
            name,
            &format!("{inputs} -c:v libx264 -g 25 -c:a aac -max_interleave_delta 0"),
        );
        let title = compiled(&path).title;
        assert_eq!(title.tracks.len(), 2);
    }
}

#[test]
fn the_id_of_a_film_is_what_sha256sum_says() {
    let path = film("reordered.mp4", REORDERED);
    let told = run("sha256sum", &[path.to_str().expect("plain")]);
    let id = hash(&path, &mut |_| (), &Cancel::new()).expect("hashed");
    assert!(String::from_utf8_lossy(&told).starts_with(&id.to_string()));
}
