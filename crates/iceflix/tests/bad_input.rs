//! What is wrong at the start is said at the start, by name; what is wrong
//! later does not end a service.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{
    io::Read as _,
    net::{TcpListener, TcpStream},
    process::Command,
};

use iceflix_testkit::{Platform, Process, film::Film, process::PATIENCE};

fn platform() -> Platform {
    Platform::start(env!("CARGO_BIN_EXE_iceflix"))
}

fn refused(platform: &Platform, words: &[&str], names: &[&str]) {
    let output = platform.run(words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{words:?} succeeds");
    for name in names {
        assert!(
            said.contains(name),
            "{words:?} says {said:?}, without {name:?}"
        );
    }
}

#[test]
fn wrong_settings_are_named() {
    let platform = platform();
    refused(
        &platform,
        &["auth", "--IceFlix.Authentification.Database=x"],
        &[
            "IceFlix.Authentification.Database",
            "did you mean IceFlix.Authentication.Database?",
        ],
    );
    refused(
        &platform,
        &["main", "--IceFlix.Announce.Interval=soon"],
        &["IceFlix.Announce.Interval=soon", "2 (seconds)"],
    );
    refused(
        &platform,
        &["main", "--Ice.Config=/no/such.conf"],
        &["/no/such.conf", "No such file"],
    );
    refused(
        &platform,
        &["main", "--IceStorm.TopicManager.Proxy=not a proxy"],
        &["IceStorm.TopicManager.Proxy=not a proxy"],
    );
    refused(
        &platform,
        &[
            "streaming",
            "films",
            "--IceFlix.Streaming.Rtsp.Endpoint=8554",
        ],
        &["Rtsp.Endpoint=8554", "127.0.0.1:8554"],
    );
    refused(&platform, &["streaming"], &["IceFlix.Streaming.Directory"]);
    refused(
        &platform,
        &["streaming", "/no/such/directory"],
        &["/no/such/directory"],
    );
    refused(
        &platform,
        &["up", "/no/such/directory"],
        &["/no/such/directory"],
    );
}

#[test]
fn a_port_in_use_is_named() {
    let platform = platform();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (command, adapter) in [
        ("main", "MainAdapter"),
        ("auth", "AuthenticationAdapter"),
        ("catalog", "CatalogAdapter"),
    ] {
        let endpoints = format!("--{adapter}.Endpoints=tcp -h 127.0.0.1 -p {port}");
        refused(
            &platform,
            &[command, &endpoints],
            &[&port, adapter, "in use"],
        );
    }
    let films = platform.films();
    let rtsp = format!("--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:{port}");
    refused(
        &platform,
        &["streaming", films.to_str().unwrap(), &rtsp],
        &[&port, "in use"],
    );
    let manager = format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {port}");
    refused(
        &platform,
        &["icestorm", &manager],
        &[&port, "IceStorm.TopicManager.Endpoints"],
    );
}

#[test]
fn a_low_limit_of_files_turns_viewers_away_and_ends_no_service() {
    let platform = platform();
    let mut command = Command::new("prlimit");
    command
        .args(["--nofile=64:64", env!("CARGO_BIN_EXE_iceflix"), "catalog"])
        .args(platform.properties());
    let mut catalog = Process::start_command("catalog", command, platform.directory());
    let proxy = catalog.line();
    catalog.log_with(&["limit=64", "Raise the hard limit"]);
    let (_, port) = proxy.split_once("-p ").unwrap();
    let port: u16 = port.split_whitespace().next().unwrap().parse().unwrap();
    // What Ice says to whoever comes.
    let greeted = |mut stream: &TcpStream| {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.read_exact(&mut [0; 14]).is_ok()
    };
    let crowd: Vec<_> = (0..100)
        .filter_map(|_| TcpStream::connect(("127.0.0.1", port)).ok())
        .collect();
    catalog.log_with(&["can't accept more connections"]);
    drop(crowd);
    let deadline = std::time::Instant::now() + PATIENCE;
    while !TcpStream::connect(("127.0.0.1", port)).is_ok_and(|stream| greeted(&stream)) {
        assert!(std::time::Instant::now() < deadline, "nobody is let in");
    }
    assert!(catalog.stop().success());
}

#[test]
fn who_hangs_is_told_in_plain_words_and_a_signal_ends_the_waiting() {
    let platform = platform();
    // Something that listens and says nothing, as a process that hangs.
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let main = format!("Main:{}", endpoint(&hung));
    let once = "--IceFlix.Client.Retries=0";
    let plain = [
        "no answer in time",
        "a service that hangs",
        "`iceflix status`",
    ];
    refused(&platform, &["client", &main, "search", once], &plain);

    let words = ["client", "Main:tcp -h 127.0.0.1 -p 1", "search"];
    let mut client = platform.spawn("client", &words);
    client.log_with(&["nothing listens there. Trying again in 10s (1 of 3)"]);
    assert_eq!(client.stop().code(), Some(143));
}

fn endpoint(listener: &TcpListener) -> String {
    let port = listener.local_addr().unwrap().port();
    format!("tcp -h 127.0.0.1 -p {port}")
}

#[test]
fn services_start_without_a_broker_and_find_each_other_when_it_comes() {
    let mut platform = platform();
    platform.broker.kill();
    let services = platform.services();
    let search = || platform.run(&["client", &services.main.proxy, "search"]);
    assert!(String::from_utf8_lossy(&search().stderr).contains("no catalogue service is alive"));
    platform.broker.restart();
    let search = || platform.run(&["client", &services.main.proxy, "search"]);
    let deadline = std::time::Instant::now() + PATIENCE;
    while !search().status.success() {
        assert!(
            std::time::Instant::now() < deadline,
            "the services do not find each other"
        );
    }
}

#[test]
fn what_is_no_film_is_reported_by_name_and_the_rest_is_offered() {
    let platform = platform();
    let films = platform.films();
    std::fs::write(films.join("empty.mp4"), b"").unwrap();
    std::fs::write(films.join("letter.mp4"), "Dear reader, this is no film.").unwrap();
    let whole = Film::mp4("A Whole Film", 3, 600).copy_to(&films);
    let bytes = std::fs::read(&whole).unwrap();
    std::fs::write(films.join("cut.mp4"), &bytes[..bytes.len() / 2]).unwrap();
    let services = platform.services();
    let deadline = std::time::Instant::now() + PATIENCE;
    let mut found = String::new();
    while !found.contains("A Whole Film") {
        assert!(
            std::time::Instant::now() < deadline,
            "the film is not found"
        );
        let search = platform.run(&["client", &services.main.proxy, "search"]);
        found = String::from_utf8_lossy(&search.stdout).into_owned();
    }
    services
        .streaming
        .process
        .log_with(&["empty.mp4", "letter.mp4", "cut.mp4"]);
    for name in ["empty", "letter", "cut"] {
        assert!(!found.contains(name), "{found}");
    }
}

#[test]
fn a_service_that_is_told_to_stop_stops_cleanly_and_soon() {
    let platform = platform();
    let mut services = platform.services();
    for service in [
        &mut services.streaming,
        &mut services.catalog,
        &mut services.auth,
        &mut services.main,
    ] {
        let begun = std::time::Instant::now();
        let status = service.process.stop();
        assert!(status.success(), "{status}: {}", service.process.log());
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(2),
            "it took {:?}",
            begun.elapsed()
        );
    }
}
