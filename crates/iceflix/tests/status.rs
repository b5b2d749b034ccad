//! What `iceflix status` shows of real platforms, whole and broken ones.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use iceflix_testkit::{
    Platform, Process,
    film::Film,
    platform::{Service, Services},
    port,
    process::PATIENCE,
};
use nix::sys::signal::Signal;
use serde_json::Value;

const FILM: Film = Film::mp4("Beacon", 3, 392);

/// On a busy machine an answer may take longer than the second that is usual.
const PATIENT: [&str; 3] = ["status", "--within", "10s"];

fn platform() -> (Platform, Services) {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    FILM.copy_to(&platform.films());
    let services = platform.services();
    (platform, services)
}

fn status(platform: &Platform, words: &[&str]) -> Output {
    platform.run(&[&PATIENT[..], words].concat())
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(platform: &Platform, main: &str) -> Value {
    let output = status(platform, &[main, "--json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Asks until this is so.
fn until(platform: &Platform, main: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = json(platform, main);
        if so(&told) {
            return told;
        }
        assert!(Instant::now() < deadline, "never: {what}: {told:#}");
    }
}

fn of_kind<'a>(told: &'a Value, kind: &str) -> Vec<&'a Value> {
    let services = told["services"].as_array().unwrap().iter();
    services.filter(|one| one["kind"] == kind).collect()
}

fn reticent(platform: &Platform) -> Process {
    let mut command = Command::new("/usr/bin/python3");
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer/reticent.py"))
        .arg(platform.broker.manager())
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Process::start_command("reticent", command, platform.directory())
}

#[test]
fn a_whole_platform_is_shown_with_what_it_holds() {
    let (platform, services) = platform();
    let main = &services.main.proxy;
    let told = until(&platform, main, "all is there", |told| {
        told["well"] == true && of_kind(told, "catalog")[0]["holds"]["titles"] == 1
    });
    assert_eq!(told["complete"], true);
    assert_eq!(told["missing"], Value::Array(Vec::new()));
    let holds = |kind, what| of_kind(&told, kind)[0]["holds"][what].clone();
    assert_eq!(holds("main", "services"), 3);
    assert_eq!(holds("authentication", "users"), 1);
    assert_eq!(holds("authentication", "tokens"), 0);
    assert_eq!(holds("streaming", "films"), 1);
    assert_eq!(holds("streaming", "streams"), 0);
    for (kind, Service { process, .. }) in [
        ("main", &services.main),
        ("authentication", &services.auth),
        ("catalog", &services.catalog),
        ("streaming", &services.streaming),
    ] {
        let [one] = of_kind(&told, kind)[..] else {
            panic!("not one {kind}: {told:#}");
        };
        assert_eq!(one["pid"], process.id());
        assert_eq!(one["state"], "up");
        assert_eq!(one["problems"], Value::Array(Vec::new()));
        let id = one["id"].as_str().unwrap();
        assert!(process.log().contains(id), "{id} of {kind}");
    }

    let table = status(&platform, &[main]);
    assert_eq!(table.status.code(), Some(0));
    let table = text(&table);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines[0].starts_with("KIND"), "{table}");
    assert!(lines[2].contains("users 1, tokens 0"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours but on a terminal");
}

#[test]
fn a_kind_that_is_missing_is_named_with_what_starts_it() {
    let (platform, mut services) = platform();
    services.streaming.process.kill();
    let main = &services.main.proxy;
    until(&platform, main, "the server is missed", |told| {
        told["missing"] == serde_json::json!(["streaming"])
    });
    let output = status(&platform, &[main]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output);
    assert!(
        said.contains("otherwise `iceflix streaming DIRECTORY` does"),
        "{said}"
    );
}

#[test]
fn one_that_hangs_is_shown_as_such_and_holds_nobody_up() {
    let (platform, services) = platform();
    let main = &services.main.proxy;
    until(&platform, main, "all is there", |told| told["well"] == true);
    services.catalog.process.signal(Signal::SIGSTOP);
    let begun = Instant::now();
    let output = platform.run(&["status", main, "--within", "500ms", "--json"]);
    let took = begun.elapsed();
    services.catalog.process.signal(Signal::SIGCONT);
    // Half a second, and what a busy machine adds.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(output.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [catalog] = of_kind(&told, "catalog")[..] else {
        panic!("{told:#}");
    };
    assert_eq!(catalog["state"], "no answer");
    assert_eq!(catalog["holds"], Value::Null);
    assert!(catalog["known_seconds"].is_number());
    assert_eq!(told["missing"], serde_json::json!(["catalog"]));
}

#[test]
fn a_service_of_another_make_is_listed_with_what_is_known_of_it() {
    let (platform, services) = platform();
    let main = &services.main.proxy;
    let mut peer = reticent(&platform);
    let foreign_main = peer.line();
    let told = until(&platform, main, "the foreign one is found", |told| {
        told["well"] == true && of_kind(told, "authentication").len() == 2
    });
    let foreign = of_kind(&told, "authentication")
        .into_iter()
        .find(|one| one["pid"].is_null())
        .unwrap();
    assert_eq!(foreign["id"], "\u{1b}[2Jforeign");
    assert_eq!(foreign["state"], "up");
    assert_eq!(foreign["age_seconds"], Value::Null);
    let output = status(&platform, &[main]);
    assert_eq!(output.status.code(), Some(0));
    let table = text(&output);
    assert!(table.contains("\\u{1b}[2Jforeign"), "{table}");
    assert!(table.contains("of another make"), "{table}");
    assert!(!table.contains('\u{1b}'), "{table}");

    // Through the foreign Main: what it hands out, and what that tells.
    let told = json(&platform, &foreign_main);
    assert_eq!(told["complete"], false);
    assert_eq!(told["missing"], serde_json::json!(["catalog"]));
    assert_eq!(of_kind(&told, "main").len(), 1);
    assert_eq!(of_kind(&told, "authentication")[0]["state"], "up");
    peer.close_input();
    assert!(peer.wait().success());
}

#[test]
fn several_mains_are_asked_each_by_itself() {
    let (platform, services) = platform();
    let second = platform.service(&["main"]);
    let endpoint = |proxy: &str| proxy.split_once(':').unwrap().1.to_owned();
    let both = format!("{}:{}", services.main.proxy, endpoint(&second.proxy));
    let told = until(&platform, &both, "all is there", |told| {
        told["well"] == true
    });
    assert_eq!(of_kind(&told, "main").len(), 2);
    assert_eq!(
        of_kind(&told, "catalog").len(),
        1,
        "known to both, told once"
    );

    let nobody = format!(
        "{}:tcp -h 127.0.0.1 -p {}",
        services.main.proxy,
        port::free()
    );
    let output = status(&platform, &[&nobody, "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut states: Vec<_> = of_kind(&told, "main")
        .iter()
        .map(|main| main["state"].as_str().unwrap())
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["no answer", "up"]);
}

#[test]
fn where_no_main_is_that_is_what_is_said() {
    let (platform, services) = platform();
    for (proxy, expected) in [
        (
            format!("Main:tcp -h 127.0.0.1 -p {}", port::free()),
            "no Main answers at",
        ),
        (services.catalog.proxy.clone(), "is no Main"),
        (platform.broker.manager(), "is no Main"),
        ("not a proxy".to_owned(), "is no proxy"),
        ("postgres://ana:secret@host".to_owned(), "a URL is no proxy"),
    ] {
        let output = status(&platform, &[&proxy]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(expected), "{proxy}: {said}");
        assert!(!said.contains("secret"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_service_without_the_broker_says_so_and_is_well() {
    let (mut platform, services) = platform();
    let main = services.main.proxy.clone();
    until(&platform, &main, "all is there", |told| {
        told["well"] == true
    });
    platform.broker.kill();
    let told = until(&platform, &main, "the broker is missed", |told| {
        of_kind(told, "main")[0]["problems"] == serde_json::json!(["broker"])
    });
    assert_eq!(told["well"], true);
    let said = text(&status(&platform, &[&main]));
    assert!(said.contains("hears nothing from the broker"), "{said}");
}
