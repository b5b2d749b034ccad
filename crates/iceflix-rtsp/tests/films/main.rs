//! Real films, compiled by the crate that does so, played bit by bit: from their beginning to their
//! end, and from the middle.

mod formats;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use iceflix_index::Index;
use iceflix_media::Cancel;
use support::player::{arg, picture_sums, run, sound_sums};
use support::server;
use tokio::sync::RwLock;

/// Makes a film of four seconds, with reordered pictures and a keyframe each second.
async fn make(path: &Path, more: &[&str]) {
    let mut command = Command::new("ffmpeg");
    command.args([
        "-nostdin",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=640x360:rate=25",
    ]);
    command.args([
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=330:sample_rate=44100",
        "-t",
        "4",
    ]);
    command.args([
        "-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "veryfast",
    ]);
    command.args([
        "-g", "25", "-bf", "2", "-b:v", "1M", "-c:a", "aac", "-ac", "2",
    ]);
    command.args(more).arg(path);
    let output = run(command).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Held by each test that plays one film, and alone by the one that plays many: beside those a
/// player leaves packets of before a seek in its socket.
static QUIET: RwLock<()> = RwLock::const_new(());

async fn plays_exactly(name: &str, more: &[&str], transport: &str) {
    let _quiet = QUIET.read().await;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let film = dir.path().join(name);
    make(&film, more).await;
    let into = dir.path().join("index");
    let index = tokio::task::spawn_blocking({
        let film = film.clone();
        move || {
            iceflix_media::init().expect("GStreamer");
            iceflix_media::compile(&film, &into, &mut |_| {}, &Cancel::default()).expect("a film");
            Arc::new(Index::open(&into, &film).expect("its index"))
        }
    });
    let index = index.await.expect("no panic");
    let server = server().await;
    let mount = server.mount(index);
    let url = mount.url("127.0.0.1");
    let (remote, local) = (
        ["-rtsp_transport", transport, "-i", &url],
        ["-i", arg(&film)],
    );
    let pictures = picture_sums(&local, None).await;
    assert_eq!(picture_sums(&remote, None).await, pictures);
    let (heard, original) = (
        sound_sums(&remote, None).await,
        sound_sums(&local, None).await,
    );
    // Where the container has the player leave out the encoder's first frame, and cut the last one,
    // RTP has no such thing: the frames between are what must agree.
    let between = &original[1..original.len() - 1];
    assert!(
        heard.windows(between.len()).any(|window| window == between),
        "{name}: the sound differs"
    );
    let later = [
        "-rtsp_transport",
        transport,
        "-noaccurate_seek",
        "-ss",
        "2.3",
        "-i",
        &url,
    ];
    assert_eq!(picture_sums(&later, None).await, pictures[50..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mp4_over_tcp() {
    plays_exactly("film.mp4", &["-movflags", "+faststart"], "tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mp4_with_its_index_at_the_end_over_udp() {
    plays_exactly("film.mp4", &[], "udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn matroska_over_tcp() {
    plays_exactly("film.mkv", &[], "tcp").await;
}
