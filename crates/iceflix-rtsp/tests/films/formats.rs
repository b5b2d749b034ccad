//! Every kind of file and every codec, each played by ffmpeg over RTSP and held against the file
//! itself: the same pictures, the same sound.
//!
//! AV1 is not among them: this ffmpeg does not receive it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use iceflix_index::Index;
use iceflix_media::Cancel;
use iceflix_rtsp::Server;
use tokio::task::spawn_blocking;

use crate::support::player::{arg, run, sums_in};
use crate::support::server;

/// How many films are played at once.
const AT_ONCE: usize = 10;

/// What of a film has to arrive unchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exact {
    Both,
    /// Its sound is transcoded.
    Pictures,
    /// Its pictures are transcoded.
    Sound,
    Neither,
}
use Exact::{Both, Neither, Pictures, Sound};

const H264: &str = "-c:v libx264 -preset veryfast -g 25 -bf 2";
const H265: &str = "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=25";
const MPEG2: &str = "-c:v mpeg2video -g 12 -bf 2";
const MPEG4: &str = "-c:v mpeg4 -g 12";
const VP8: &str = "-c:v libvpx -deadline realtime -g 25";
const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -g 25";
const JPEG: &str = "-c:v mjpeg -huffman default -pix_fmt yuvj420p";

/// A kind of file, what is in it, and how it was encoded.
type Row = (&'static str, &'static str, &'static str, Exact);

const ROWS: &[Row] = &[
    ("mp4", H264, "-c:a aac", Both),
    ("mp4", H265, "-c:a libmp3lame", Both),
    ("mp4", MPEG4, "-bf 2 -c:a ac3", Both),
    ("mp4", VP9, "-c:a flac -strict -2", Pictures),
    ("mov", JPEG, "-c:a pcm_s16le", Both),
    ("mov", H264, "-c:a pcm_s24be", Both),
    ("mov", H264, "-c:a alac", Pictures),
    ("mkv", H265, "-c:a libopus", Both),
    ("mkv", MPEG2, "-c:a ac3", Both),
    ("mkv", MPEG4, "-bf 2 -c:a pcm_s24le", Both),
    ("mkv", H264, "-c:a flac", Pictures),
    ("mkv", "-c:v wmv2", "-c:a wmav2", Neither),
    ("webm", VP8, "-c:a libvorbis", Both),
    ("webm", VP9, "-c:a libopus", Both),
    ("ts", H264, "-c:a aac", Both),
    ("ts", H265, "-c:a ac3", Both),
    ("ts", MPEG2, "-c:a mp2", Both),
    ("m2ts", H264, "-c:a ac3", Both),
    ("mpg", MPEG2, "-f vob -c:a ac3", Both),
    ("mpg", "-c:v mpeg1video -g 12 -bf 2", "-c:a mp2", Both),
    ("avi", MPEG4, "-vtag XVID -c:a libmp3lame", Both),
    ("avi", H264, "-c:a pcm_s16le", Both),
    ("avi", JPEG, "-c:a ac3", Both),
    // With Huffman tables of its own, which RTP has no place for.
    ("avi", "-c:v mjpeg -pix_fmt yuvj420p", "-c:a mp2", Sound),
    ("ogg", "-c:v libtheora", "-c:a libvorbis", Both),
    ("ogg", VP8, "-c:a libopus", Both),
    ("ogg", "-c:v libtheora", "-c:a flac", Pictures),
    ("flv", H264, "-c:a aac", Both),
    ("flv", "-c:v flv -g 25", "-ar 44100 -c:a libmp3lame", Sound),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_file_and_every_codec_arrives_as_it_is() {
    let _alone = crate::QUIET.write().await;
    let server = server().await;
    let failures: Vec<_> = stream::iter(ROWS)
        .map(|row| plays(&server, *row))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |outcome| outcome.err())
        .collect()
        .await;
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Plays one film, and says what was wrong with it.
async fn plays(server: &Server, (kind, video, audio, exact): Row) -> Result<(), String> {
    let wrong = |what: String| format!("{kind} of {video} {audio}: {what}");
    let film = spawn_blocking(move || made(kind, video, audio))
        .await
        .expect("no panic");
    let dir = tempfile::tempdir().expect("a temporary directory");
    let into = dir.path().join("index");
    let index = spawn_blocking({
        let film = film.clone();
        move || {
            iceflix_media::init().map_err(|error| error.to_string())?;
            iceflix_media::compile(&film, &into, &mut |_| {}, &Cancel::default())
                .map_err(|error| error.to_string())?;
            Index::open(&into, &film).map_err(|error| error.to_string())
        }
    });
    let index = index.await.expect("no panic").map_err(wrong)?;
    let mount = server.mount(Arc::new(index));
    let url = mount.url("127.0.0.1");
    let (remote, local) = (["-rtsp_transport", "tcp", "-i", &url], ["-i", arg(&film)]);
    let (pictures, sound) = decoded(&remote).await.map_err(wrong)?;
    let (expected, original) = decoded(&local).await.map_err(wrong)?;
    if matches!(exact, Both | Pictures) && pictures != expected {
        let same = pictures.iter().filter(|sum| expected.contains(sum)).count();
        return Err(wrong(format!(
            "{} pictures in place of {}, {same} of them the same",
            pictures.len(),
            expected.len()
        )));
    }
    if pictures.len().abs_diff(expected.len()) > 1 {
        return Err(wrong(format!(
            "{} pictures in place of {}",
            pictures.len(),
            expected.len()
        )));
    }
    if sound.len().abs_diff(original.len()) > 4_096 * 2 {
        return Err(wrong(format!(
            "{} bytes of sound in place of {}",
            sound.len(),
            original.len()
        )));
    }
    // A container may have the player leave out what the encoder had to put before the sound, and
    // behind it; RTP has no such thing.
    let edge = 2 * 2_048;
    let Some(between) = original.get(edge..original.len().saturating_sub(2 * edge)) else {
        return Err(wrong("there is no sound".into()));
    };
    if matches!(exact, Both | Sound)
        && !sound.windows(between.len()).any(|window| window == between)
    {
        return Err(wrong("the sound differs".into()));
    }
    Ok(())
}

/// What ffmpeg decodes: the MD5 sums of the pictures, and the sound as samples of 16 bits; of its
/// first channel alone, since Opus always comes with two.
async fn decoded(input: &[&str]) -> Result<(Vec<String>, Vec<u8>), String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (pictures, sound) = (dir.path().join("pictures"), dir.path().join("sound"));
    let mut command = Command::new("timeout");
    command
        .args(["40", "ffmpeg", "-nostdin", "-v", "error"])
        .args(input)
        .args("-map 0:v -fps_mode passthrough -f framemd5".split(' '))
        .arg(&pictures)
        .args("-map 0:a -af pan=mono|c0=c0 -c:a pcm_s16le -f s16le".split(' '))
        .arg(&sound);
    let mut output = run(command).await;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("ffmpeg: {said}"));
    }
    output.stdout = std::fs::read(&pictures).map_err(|error| error.to_string())?;
    let sound = std::fs::read(&sound).map_err(|error| error.to_string())?;
    Ok((sums_in(&output), sound))
}

/// A film of a moving picture and a tone, made once and kept among the build's own files.
fn made(kind: &str, video: &str, audio: &str) -> PathBuf {
    let name = format!("{video} {audio}").replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats");
    std::fs::create_dir_all(&dir).expect("a directory");
    let film = dir.join(format!("{name}.{kind}"));
    if !film.exists() {
        let own = tempfile::tempdir_in(&dir).expect("a directory");
        let partial = own.path().join(format!("film.{kind}"));
        let inputs = "-nostdin -v error -f lavfi -i testsrc2=s=192x144:r=25:d=2 -f lavfi -i sine=f=440:r=48000:d=2";
        let done = Command::new("ffmpeg")
            .args(inputs.split(' '))
            .args(video.split(' '))
            .args(audio.split(' '))
            .arg(&partial)
            .output()
            .expect("it is installed");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{kind} {video} {audio}: {said}");
        std::fs::rename(&partial, &film).expect("named");
    }
    film
}
