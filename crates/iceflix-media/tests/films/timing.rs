//! When what arrives is presented. The witness is what ffprobe says of the film.

use std::path::Path;
use std::time::Duration;

use crate::film::{Compiled, PLAIN, REORDERED, compiled, film, made, run};
use crate::wire::{Unit, frames, packets, pictures};

/// The presentation times of a stream's packets in seconds, in the order of the file.
fn expected(path: &Path, stream: &str) -> Vec<f64> {
    let show = [
        "-show_entries",
        "packet=pts_time",
        "-of",
        "csv=p=0",
        path.to_str().expect("plain"),
    ];
    let told = run(
        "ffprobe",
        &[&["-v", "error", "-select_streams", stream], &show[..]].concat(),
    );
    let told = String::from_utf8(told).expect("numbers");
    // An empty line follows on a packet with side data.
    let numbers = told
        .lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|line| !line.is_empty());
    numbers
        .map(|number| number.parse().expect("a number"))
        .collect()
}

fn seconds(units: &[Unit], rate: f64) -> Vec<f64> {
    units
        .iter()
        .map(|unit| unit.timestamp as f64 / rate)
        .collect()
}

/// Video and sound of a film.
fn tracks(film: &Compiled) -> (Vec<Unit>, Vec<Unit>) {
    (
        pictures(&packets(&film.index, 0)),
        frames(&packets(&film.index, 1)),
    )
}

/// Checks that everything is presented when the film says, with the earliest sample of all at 0,
/// and sent before.
fn assert_in_time(path: &Path) {
    let film = compiled(path);
    let (video, sound) = tracks(&film);
    let (expected_video, expected_sound) = (expected(path, "v:0"), expected(path, "a:0"));
    let zero = expected_video
        .iter()
        .chain(&expected_sound)
        .copied()
        .fold(f64::INFINITY, f64::min);
    // What the container rounds to milliseconds may be set right again.
    let close = |told: &[f64], expected: &[f64]| {
        // Where an edit list skips the start of the encoder, qtdemux ends a frame of sound early.
        assert!(
            expected.len() - told.len() <= 1,
            "{} units in place of {}",
            told.len(),
            expected.len()
        );
        for (told, expected) in told.iter().zip(expected) {
            assert!(
                (told - (expected - zero)).abs() < 0.0012,
                "{told} in place of {}",
                expected - zero
            );
        }
    };
    close(&seconds(&video, 90_000.0), &expected_video);
    close(&seconds(&sound, 48_000.0), &expected_sound);
    assert!(
        video.iter().chain(&sound).any(|unit| unit.timestamp == 0),
        "something is presented at 0"
    );

    for (units, rate) in [(&video, 90_000), (&sound, 48_000)] {
        for unit in units {
            let presented = Duration::from_micros(unit.timestamp * 1_000_000 / rate + 1);
            let early = presented
                .checked_sub(unit.send_at)
                .expect("it is sent before it is presented");
            assert!(
                early < Duration::from_millis(250),
                "it is sent {early:?} early"
            );
        }
    }
    let end = seconds(&video, 90_000.0).into_iter().fold(0.0, f64::max) + 0.04;
    let end = seconds(&sound, 48_000.0)
        .into_iter()
        .fold(end, |end, start| end.max(start + 1_024.0 / 48_000.0));
    assert!(
        (film.title.duration.as_secs_f64() - end).abs() < 0.06,
        "{:?} in place of {end}",
        film.title.duration
    );
}

#[test]
fn of_mp4() {
    assert_in_time(&film("end.mp4", PLAIN));
}

#[test]
fn of_mp4_with_reordered_pictures_and_an_edit_list() {
    assert_in_time(&film("reordered.mp4", REORDERED));
}

#[test]
fn of_mp4_with_negative_composition_offsets() {
    let flags = "-movflags +negative_cts_offsets -use_editlist 0";
    assert_in_time(&film("negative.mp4", &format!("{REORDERED} {flags}")));
}

#[test]
fn of_mp4_in_fragments() {
    let flags = "-movflags frag_keyframe+empty_moov+default_base_moof";
    assert_in_time(&film(
        "fragments-reordered.mp4",
        &format!("{REORDERED} {flags}"),
    ));
}

#[test]
fn of_matroska() {
    assert_in_time(&film("film.mkv", PLAIN));
}

#[test]
fn of_matroska_with_reordered_pictures() {
    assert_in_time(&film("reordered.mkv", REORDERED));
}

#[test]
fn of_sound_that_begins_later_than_the_picture() {
    let inputs =
        "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -itsoffset 1.5 -f lavfi -i sine=r=48000:d=6";
    for name in ["late-sound.mp4", "late-sound.mkv"] {
        assert_in_time(&made(name, &format!("{inputs} {REORDERED}")));
    }
}

#[test]
fn of_a_picture_that_begins_later_than_the_sound() {
    let inputs =
        "-itsoffset 1.5 -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=r=48000:d=8";
    for name in ["late-picture.mp4", "late-picture.mkv"] {
        assert_in_time(&made(name, &format!("{inputs} {REORDERED}")));
    }
}

#[test]
fn of_pictures_at_a_varying_rate() {
    let varying =
        "-vf select='not(mod(n,5))+gt(mod(n,25),12)' -fps_mode vfr -video_track_timescale 90000";
    assert_in_time(&film("varying.mp4", &format!("{varying} {PLAIN}")));
}

#[test]
fn seeking_finds_keyframes_by_their_presentation() {
    let film = compiled(&film("reordered.mp4", REORDERED));
    let (video, _) = tracks(&film);
    for keyframe in video.iter().filter(|picture| picture.keyframe) {
        let pts = Duration::from_micros(keyframe.timestamp * 1_000_000 / 90_000);
        let point = film.index.seek(pts).expect("read").expect("found");
        assert_eq!((point.pts, point.send_at), (pts, keyframe.send_at));
        let mut cursor = film.index.cursor_at(&point);
        let first = cursor.next(&film.index).expect("read").expect("there");
        assert!(first.keyframe && first.timestamp == keyframe.timestamp);
    }
}
