//! What arrives is what the film holds, bit for bit. The witness is ffmpeg's own extraction.

use std::path::Path;

use crate::film::{PLAIN, REORDERED, compiled, ffmpeg, film};
use crate::wire::{frames, packets, pictures};

const PARAMETERS: [u8; 2] = [7, 8];
const IDR: u8 = 5;

fn nal_type(nal: &[u8]) -> u8 {
    nal[0] & 0x1f
}

/// The NAL units that ffmpeg finds in the film's video.
fn expected_nals(path: &Path) -> Vec<Vec<u8>> {
    let path = path.to_str().expect("plain");
    let stream = ffmpeg(&[
        "-i",
        path,
        "-map",
        "0:v:0",
        "-c",
        "copy",
        "-bsf:v",
        "h264_mp4toannexb",
        "-f",
        "h264",
        "-",
    ]);
    let mut nals = Vec::new();
    let mut start = None;
    let mut position = 0;
    while position + 3 <= stream.len() {
        if stream[position..].starts_with(&[0, 0, 1]) {
            nals.extend(start.map(|start| &stream[start..position]));
            position += 3;
            start = Some(position);
        } else {
            position += 1;
        }
    }
    nals.extend(start.map(|start| &stream[start..]));
    // A NAL unit never ends with a zero (ITU-T H.264, 7.4.1): what stands there belongs to the next
    // start code.
    nals.iter()
        .map(|nal| {
            nal[..nal
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |end| end + 1)]
                .to_vec()
        })
        .collect()
}

/// The frames that ffmpeg finds in the film's sound.
fn expected_frames(path: &Path) -> Vec<Vec<u8>> {
    let stream = ffmpeg(&[
        "-i",
        path.to_str().expect("plain"),
        "-map",
        "0:a:0",
        "-c",
        "copy",
        "-f",
        "adts",
        "-",
    ]);
    let mut frames = Vec::new();
    let mut rest = stream.as_slice();
    while let [0xff, second, _, b3, b4, b5, ..] = *rest {
        let len = usize::from(b3 & 3) << 11 | usize::from(b4) << 3 | usize::from(b5) >> 5;
        let header = if second & 1 == 1 { 7 } else { 9 };
        frames.push(rest[header..len].to_vec());
        rest = &rest[len..];
    }
    assert!(rest.is_empty());
    frames
}

fn assert_bit_exact(path: &Path) {
    let film = compiled(path);
    let source_len = path.metadata().expect("there").len();
    let len: u64 = ["packets", "seek", "title.json"]
        .iter()
        .map(|name| {
            film.dir
                .path()
                .join("index")
                .join(name)
                .metadata()
                .expect("there")
                .len()
        })
        .sum();
    assert!(
        len * 40 <= source_len,
        "the index has {len} bytes, more than 2.5 % of {source_len}"
    );
    assert!(
        film.index.side().is_none(),
        "all of it is found in the film"
    );

    let pictures = pictures(&packets(&film.index, 0));
    let is_parameter = |nal: &&Vec<u8>| PARAMETERS.contains(&nal_type(nal));
    let nals: Vec<_> = pictures
        .iter()
        .flat_map(|picture| &picture.content)
        .filter(|nal| !is_parameter(nal))
        .collect();
    let expected = expected_nals(path);
    let expected: Vec<_> = expected.iter().filter(|nal| !is_parameter(nal)).collect();
    assert_eq!(nals.len(), expected.len());
    assert!(nals == expected, "the video differs");

    for picture in &pictures {
        let types: Vec<_> = picture.content.iter().map(|nal| nal_type(nal)).collect();
        assert_eq!(picture.keyframe, types.contains(&IDR), "{types:?}");
        if picture.keyframe {
            assert!(
                types.starts_with(&PARAMETERS),
                "parameter sets before each IDR picture: {types:?}"
            );
        }
    }
    let keyframes = pictures.iter().filter(|picture| picture.keyframe).count() as u64;
    assert!(keyframes > 1 && film.index.points() == keyframes);

    let frames: Vec<_> = frames(&packets(&film.index, 1))
        .into_iter()
        .flat_map(|frame| frame.content)
        .collect();
    let expected = expected_frames(path);
    // Where an edit list skips the start of the encoder, qtdemux ends a frame of sound early.
    assert!(
        expected.len() - frames.len() <= 1,
        "{} frames in place of {}",
        frames.len(),
        expected.len()
    );
    assert!(expected.starts_with(&frames), "the sound differs");
}

#[test]
fn mp4_with_its_table_of_contents_at_the_start() {
    assert_bit_exact(&film("start.mp4", &format!("{PLAIN} -movflags +faststart")));
}

#[test]
fn mp4_with_its_table_of_contents_at_the_end() {
    assert_bit_exact(&film("end.mp4", PLAIN));
}

#[test]
fn mp4_with_reordered_pictures() {
    assert_bit_exact(&film("reordered.mp4", REORDERED));
}

#[test]
fn mp4_in_fragments() {
    assert_bit_exact(&film(
        "fragments.mp4",
        &format!("{PLAIN} -movflags frag_keyframe+empty_moov+default_base_moof"),
    ));
}

#[test]
fn mp4_in_fragments_with_reordered_pictures() {
    let flags = "-movflags frag_keyframe+empty_moov+default_base_moof";
    assert_bit_exact(&film(
        "fragments-reordered.mp4",
        &format!("{REORDERED} {flags}"),
    ));
}

#[test]
fn mp4_with_negative_composition_offsets() {
    let flags = "-movflags +negative_cts_offsets -use_editlist 0";
    assert_bit_exact(&film("negative.mp4", &format!("{REORDERED} {flags}")));
}

#[test]
fn quicktime() {
    assert_bit_exact(&film("film.mov", REORDERED));
}

#[test]
fn matroska() {
    assert_bit_exact(&film("film.mkv", PLAIN));
}

#[test]
fn matroska_with_reordered_pictures() {
    assert_bit_exact(&film("reordered.mkv", REORDERED));
}

#[test]
fn pictures_of_many_slices() {
    assert_bit_exact(&film("slices.mp4", &format!("{REORDERED} -slices 12")));
}

#[test]
fn frames_of_sound_larger_than_a_packet() {
    let sound = "-c:v libx264 -preset veryfast -g 25 -b:v 3000k -c:a aac -b:a 1024k -ac 8";
    let arguments = format!(
        "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i anoisesrc=r=48000:d=8 {sound}"
    );
    assert_bit_exact(&crate::film::made("loud.mp4", &arguments));
}
