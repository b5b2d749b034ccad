//! The viewer's way by the commands of the client.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{process::Output, time::Instant};

use iceflix_testkit::{
    Platform, Screen,
    film::Film,
    platform::{PASSWORD, Services, USER},
    process::PATIENCE,
};

const FILM: Film = Film::mp4("Night Train", 6, 523);

struct Viewer {
    platform: Platform,
    services: Services,
}

impl Viewer {
    fn arrives() -> Self {
        let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
        FILM.copy_to(&platform.films());
        let services = platform.services();
        let viewer = Self { platform, services };
        let deadline = Instant::now() + PATIENCE;
        while !text(&viewer.does(&["search"], "").stdout).contains(FILM.name) {
            assert!(Instant::now() < deadline, "the film is not found");
        }
        viewer
    }

    fn does(&self, words: &[&str], input: &str) -> Output {
        let mut command = vec!["client", self.services.main.proxy.as_str()];
        command.extend(words);
        self.platform.run_with_input(&command, input)
    }

    fn logged_in(&self, words: &[&str]) -> Output {
        self.does(&[words, &["--user", USER]].concat(), PASSWORD)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeeds(output: Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn fails(output: Output, with: &str) {
    assert!(
        !output.status.success(),
        "succeeds: {}",
        text(&output.stdout)
    );
    let said = text(&output.stderr);
    assert!(said.contains(with), "{said:?} does not say {with:?}");
    assert!(!said.contains(PASSWORD), "a password in {said:?}");
}

#[test]
fn a_film_is_found_tagged_renamed_and_watched() {
    let viewer = Viewer::arrives();
    assert!(succeeds(viewer.does(&["search", "NIGHT"], "")).contains("Night Train"));
    assert!(succeeds(viewer.does(&["search", "night", "--exact"], "")).contains("Nothing found"));
    assert_eq!(succeeds(viewer.logged_in(&["login"])).lines().count(), 1);
    succeeds(viewer.logged_in(&["tag", "add", "night train", "noir", "train"]));
    assert!(succeeds(viewer.does(&["tags", "noir", "train"], "")).contains("Night Train"));
    assert!(succeeds(viewer.does(&["tags", "noir", "colour"], "")).contains("Nothing found"));
    assert!(
        succeeds(viewer.does(&["tags", "noir", "colour", "--any"], "")).contains("noir, train")
    );
    succeeds(viewer.logged_in(&["tag", "remove", "Night Train", "train"]));
    succeeds(viewer.logged_in(&["rename", "Night Train", "Day Train"]));
    let shown = succeeds(viewer.does(&["show", "day"], ""));
    assert!(
        shown.contains("name    Day Train") && shown.contains("tags    noir\n"),
        "{shown}"
    );

    let played = viewer.logged_in(&["play", "Day Train", "--nowhere"]);
    assert!(
        text(&played.stderr).contains("The end, after 00:00:0"),
        "{}",
        text(&played.stderr)
    );
    let file = viewer.platform.directory().join("recorded.mkv");
    succeeds(viewer.logged_in(&["play", "Day Train", "--record", file.to_str().unwrap()]));
    assert!(file.metadata().unwrap().len() > 10_000);
    fails(
        viewer.logged_in(&["play", "Day Train", "--record", file.to_str().unwrap()]),
        "exists already",
    );
}

#[test]
fn a_film_is_shown_in_a_window_until_it_is_stopped() {
    let viewer = Viewer::arrives();
    let screen = Screen::start(viewer.platform.directory());
    assert!(screen.shades() < 5, "the screen is empty");
    let command = [
        "client",
        &viewer.services.main.proxy,
        "play",
        FILM.name,
        "--user",
        USER,
    ];
    let variables = [("DISPLAY", screen.display())];
    let mut player = viewer.platform.spawn_with("player", &command, &variables);
    player.write(PASSWORD);
    player.close_input();
    let deadline = Instant::now() + PATIENCE;
    while screen.shades() < 50 {
        assert!(Instant::now() < deadline, "no picture: {}", player.log());
    }
    assert!(player.stop().success());
    assert!(player.log().contains("Stopped."), "{}", player.log());
}

#[test]
fn what_cannot_be_done_says_why_and_what_to_do() {
    let viewer = Viewer::arrives();
    fails(
        viewer.does(&["play", "Night Train", "--nowhere"], ""),
        "--user NAME",
    );
    fails(
        viewer.does(&["login", "--user", USER], "wrong"),
        "user or password is wrong",
    );
    fails(
        viewer.does(&["login", "--user", "nobody"], PASSWORD),
        "user or password is wrong",
    );
    fails(
        viewer.does(&["login", "--user", USER], ""),
        "the password is empty",
    );
    fails(
        viewer.does(&["show", "No Such Film"], ""),
        "there is no title",
    );
    fails(
        viewer.logged_in(&["play", "Night Train", "--record", "film.txt"]),
        ".mkv or .mp4",
    );
    fails(viewer.logged_in(&["play", "Night Train"]), "no screen");

    let run = |words: &[&str]| viewer.platform.run(words);
    fails(
        run(&["client", "Main:tcp -h 127.0.0.1 -p", "search"]),
        "is not a proxy",
    );
    fails(
        run(&["client", &viewer.services.auth.proxy, "search"]),
        "is no Main",
    );
    let unreachable = [
        "client",
        "Main:tcp -h 127.0.0.1 -p 9",
        "search",
        "--IceFlix.Client.RetryDelay=10ms",
    ];
    let output = run(&unreachable);
    assert_eq!(text(&output.stderr).matches("Trying again").count(), 3);
    fails(output, "Is IceFlix running there?");
}
