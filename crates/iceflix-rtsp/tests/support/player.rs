//! Players that were written by others.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tokio::task::spawn_blocking;

/// The MD5 sums of the decoded pictures of an input, as ffmpeg computes them.
pub(crate) async fn picture_sums(input: &[&str], frames: Option<usize>) -> Vec<String> {
    sums("0:v", input, frames).await
}

/// The MD5 sums of the decoded sound of an input, frame by frame.
pub(crate) async fn sound_sums(input: &[&str], frames: Option<usize>) -> Vec<String> {
    sums("0:a", input, frames).await
}

async fn sums(map: &str, input: &[&str], frames: Option<usize>) -> Vec<String> {
    let mut command = Command::new("timeout");
    command
        .args(["40", "ffmpeg", "-nostdin", "-v", "error"])
        .args(input)
        .args(["-map", map]);
    if map == "0:v" {
        command.args(["-fps_mode", "passthrough"]);
    }
    if let Some(frames) = frames {
        command
            .arg(format!("-frames:{}", &map[2..]))
            .arg(frames.to_string());
    }
    command.args(["-f", "framemd5", "-"]);
    let output = run(command).await;
    assert!(
        output.status.success(),
        "ffmpeg {input:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    sums_in(&output)
}

/// The sums in what ffmpeg's framemd5 has written.
pub(crate) fn sums_in(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            line.rsplit(',')
                .next()
                .expect("six columns")
                .trim()
                .to_owned()
        })
        .collect()
}

/// Runs a program to its end.
pub(crate) async fn run(mut command: Command) -> Output {
    spawn_blocking(move || {
        command
            .stdin(Stdio::null())
            .output()
            .expect("the program is installed")
    })
    .await
    .expect("no panic")
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().expect("a temporary path is text")
}
