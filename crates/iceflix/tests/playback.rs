//! A film arrives as it is in its file, bit for bit, at an independent player.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{
    path::Path,
    process::{Command, Output},
};

use iceflix_testkit::{
    Platform, Process,
    film::Film,
    platform::{PASSWORD, Services, USER},
    port,
};

const FRAMES: &str = "90";

struct Screening {
    platform: Platform,
    services: Services,
}

impl Screening {
    fn of(film: Film) -> Self {
        let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
        film.copy_to(&platform.films());
        let services = platform.services();
        let screening = Self { platform, services };
        screening.wait_for(film.name);
        screening
    }

    fn wait_for(&self, name: &str) {
        let deadline = std::time::Instant::now() + iceflix_testkit::process::PATIENCE;
        loop {
            let found = self.platform.run(&[
                "client",
                &self.services.main.proxy,
                "search",
                name,
                "--exact",
            ]);
            if String::from_utf8_lossy(&found.stdout).contains(name) {
                return;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{name} is not found: {found:?}"
            );
        }
    }

    /// A client that goes on with its input at an end: it keeps the stream alive until it is dropped.
    fn client(&self, words: &[&str]) -> Process {
        let mut command = vec!["client", &self.services.main.proxy];
        command.extend(words);
        command.extend(["--user", USER]);
        let mut client = self.platform.spawn("client", &command);
        client.write(PASSWORD);
        client.close_input();
        client
    }
}

fn frames(output: Output) -> Vec<String> {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let hashes = text.lines().filter(|line| !line.starts_with('#'));
    hashes
        .map(|line| line.split(',').nth(5).unwrap().trim().to_owned())
        .collect()
}

fn ffmpeg(input: &[&str]) -> Command {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error"]).args(input).args([
        "-map",
        "0:v",
        "-fps_mode",
        "passthrough",
    ]);
    ffmpeg.args(["-frames:v", FRAMES, "-f", "framemd5", "-"]);
    ffmpeg
}

fn frames_of_file(file: &Path) -> Vec<String> {
    frames(ffmpeg(&["-i", file.to_str().unwrap()]).output().unwrap())
}

fn plays_over_rtsp(film: Film, transport: &str) {
    let screening = Screening::of(film);
    let client = screening.client(&["url", film.name]);
    let url = client.line();
    let received = frames(
        ffmpeg(&["-rtsp_transport", transport, "-i", &url])
            .output()
            .unwrap(),
    );
    let file = screening
        .platform
        .films()
        .join(format!("{}.{}", film.name, film.container));
    assert_eq!(received, frames_of_file(&file));
    assert_eq!(received.len().to_string(), FRAMES);
}

#[test]
fn an_mp4_arrives_whole_over_interleaved_tcp() {
    plays_over_rtsp(Film::mp4("Over TCP", 8, 330), "tcp");
}

#[test]
fn an_mp4_arrives_whole_over_udp() {
    plays_over_rtsp(Film::mp4("Over UDP", 8, 350), "udp");
}

#[test]
fn an_mkv_arrives_whole() {
    plays_over_rtsp(Film::mkv("From Matroska", 8, 370), "tcp");
}

#[test]
fn a_pushed_film_arrives_whole() {
    let film = Film::mp4("Pushed", 8, 390);
    let screening = Screening::of(film);
    let port = port::of_its_own();
    let mut client = screening.client(&["sdp", film.name, "--port", &port.to_string()]);
    // The film begins with the answer: what says where it goes has to be learned from a first stream, and the
    // receiver be there before the second.
    let sdp: Vec<String> = std::iter::once(client.line())
        .chain(rest_of(&client))
        .collect();
    client.stop();
    let file = screening.platform.directory().join("pushed.sdp");
    std::fs::write(&file, sdp.join("\n") + "\n").unwrap();

    let mut receiver = ffmpeg(&[
        "-protocol_whitelist",
        "file,udp,rtp",
        "-i",
        file.to_str().unwrap(),
    ]);
    receiver
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let receiver = receiver.spawn().unwrap();
    wait_until_bound(port);
    let _sender = screening.client(&["sdp", film.name, "--port", &port.to_string()]);
    let received = frames(receiver.wait_with_output().unwrap());
    assert_eq!(
        received,
        frames_of_file(&screening.platform.films().join("Pushed.mp4"))
    );
}

/// The lines of an SDP up to its last media section's last attribute.
fn rest_of(client: &Process) -> impl Iterator<Item = String> {
    std::iter::from_fn(|| client.line_within(std::time::Duration::from_millis(300)))
}

/// Waits until a UDP port of this machine is taken by somebody. The kernel's list tells: to try the
/// port would be to take it from whoever is about to.
fn wait_until_bound(port: u16) {
    let deadline = std::time::Instant::now() + iceflix_testkit::process::PATIENCE;
    let local = format!(":{port:04X}");
    let is_bound = || {
        let sockets = std::fs::read_to_string("/proc/net/udp").unwrap();
        let mut places = sockets
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1));
        places.any(|place| place.ends_with(&local))
    };
    while !is_bound() {
        assert!(
            std::time::Instant::now() < deadline,
            "nobody receives at port {port}"
        );
        std::thread::yield_now();
    }
}
