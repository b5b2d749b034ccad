//! What services tell of themselves by HTTP: metrics and health.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod http;
mod sockets;

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use iceflix_service::metrics::list;
use iceflix_testkit::{
    Platform, Process,
    film::Film,
    platform::{PASSWORD, Service, USER},
    postgres::Postgres,
    process::PATIENCE,
};

use self::http::Answer;

const FILM: Film = Film::mp4("Semaphore", 20, 523);

/// Anywhere: the log tells where.
const ENDPOINT: &str = "--IceFlix.Metrics.Endpoint=127.0.0.1:0";

fn platform() -> Platform {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    FILM.copy_to(&platform.films());
    platform
}

/// Where a service tells its metrics.
fn endpoint(service: &Service) -> String {
    told_at(&service.process)
}

fn told_at(process: &Process) -> String {
    process.log_with(&["metrics and health are told"]);
    let log = process.log();
    let (_, rest) = log.split_once("health are told").unwrap();
    let (_, rest) = rest.split_once("address=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

fn get(service: &Service, path: &str) -> Answer {
    http::get(&endpoint(service), path)
}

/// Every value that a service tells, by name and labels.
fn metrics(service: &Service) -> BTreeMap<String, f64> {
    let answer = get(service, "/metrics");
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("application/openmetrics-text"));
    assert!(answer.body.ends_with("# EOF\n"));
    let samples = answer.body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "never: {what}");
    }
}

#[test]
fn every_metric_that_is_declared_is_told_and_no_other() {
    let platform = platform();
    let films = platform.films();
    for (kind, command) in [
        ("main", vec!["main"]),
        ("authentication", vec!["auth"]),
        ("catalog", vec!["catalog"]),
        ("streaming", vec!["streaming", films.to_str().unwrap()]),
    ] {
        let service = platform.service(&[&command[..], &[ENDPOINT]].concat());
        let body = get(&service, "/metrics").body;
        let mut told = BTreeMap::new();
        for line in body.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, shape) = rest.split_once(' ').unwrap();
                let end = match shape {
                    "counter" => "_total",
                    "info" => "_info",
                    _ => "",
                };
                told.insert(format!("{name}{end}"), shape.to_owned());
            }
        }
        let declared: BTreeMap<_, _> = list::ALL
            .iter()
            .filter(|metric| metric.is_of(kind))
            .map(|metric| {
                let shape = metric.shape.name(metric.name);
                (metric.name.to_owned(), shape.to_owned())
            })
            .collect();
        assert_eq!(told, declared, "{kind}");
        // Each value of each label is there from the beginning.
        for metric in list::ALL.iter().filter(|metric| metric.is_of(kind)) {
            for value in metric.values {
                let label = format!("{}=\"{value}\"", metric.label);
                let mut lines = body.lines();
                let found =
                    lines.any(|line| line.starts_with(metric.name) && line.contains(&label));
                assert!(found, "{kind}: {} {label}", metric.name);
            }
        }
    }
}

#[test]
fn what_happens_is_counted() {
    let platform = platform();
    let films = platform.films();
    let main = platform.service(&["main", ENDPOINT]);
    let auth = platform.service(&["auth", ENDPOINT]);
    let catalog = platform.service(&["catalog", ENDPOINT]);
    let streaming = platform.service(&["streaming", films.to_str().unwrap(), ENDPOINT]);
    let client = |words: &[&str], password: &str| {
        let words = [&["client", &main.proxy], words].concat();
        platform.run_with_input(&words, password).status.success()
    };
    until("the film is found", || client(&["show", FILM.name], ""));

    assert!(client(&["login", "--user", USER], PASSWORD));
    assert!(!client(&["login", "--user", USER], "wrong"));
    assert!(!client(&["login", "--user", "nobody"], "wrong"));
    assert!(client(&["tags", "nothing"], ""));
    assert!(client(
        &["tag", "add", FILM.name, "flag", "--user", USER],
        PASSWORD
    ));

    let told = metrics(&auth);
    assert_eq!(told["iceflix_users"], 1.0);
    assert!(told["iceflix_tokens"] >= 1.0);
    assert!(told["iceflix_tokens_issued_total"] >= 2.0);
    assert!(told["iceflix_logins_refused_total{reason=\"wrong\"}"] >= 2.0);
    assert!(told["iceflix_login_seconds_count"] >= 4.0);
    assert!(told["iceflix_tokens_checked_total{answer=\"valid\"}"] >= 1.0);
    let told = metrics(&catalog);
    assert_eq!(told["iceflix_titles"], 1.0);
    assert!(told["iceflix_searches_total{kind=\"tags\"}"] >= 1.0);
    assert!(told["iceflix_search_seconds_count{kind=\"name\"}"] >= 1.0);
    assert!(told["iceflix_tiles_total{answer=\"found\"}"] >= 1.0);
    assert_eq!(told["iceflix_edits_total{answer=\"done\"}"], 1.0);
    assert!(told["iceflix_token_checks_total{verdict=\"valid\"}"] >= 1.0);
    assert!(told["iceflix_media_heard_total{event=\"new\"}"] >= 1.0);
    let told = metrics(&main);
    assert!(told["iceflix_referrals_total{kind=\"catalog\"}"] >= 1.0);
    assert_eq!(told["iceflix_service_candidates{kind=\"streaming\"}"], 1.0);
    assert_eq!(told["iceflix_broker_subscribed"], 1.0);
    assert!(told["process_resident_memory_bytes"] > 1e6);
    assert!(told["process_open_fds"] > 3.0);

    // While a stream runs.
    let play = [
        "client",
        &main.proxy,
        "play",
        FILM.name,
        "--nowhere",
        "--user",
        USER,
    ];
    let mut viewer = platform.spawn("viewer", &play);
    viewer.write(&format!("{PASSWORD}\n"));
    until("packets go out", || {
        let told = metrics(&streaming);
        told["iceflix_rtp_packets_total"] > 10.0 && told["iceflix_rtp_bytes_total"] > 1000.0
    });
    // Counts may be half a second old.
    until("the stream is there", || {
        metrics(&streaming)["iceflix_streams"] == 1.0
    });
    let told = metrics(&streaming);
    assert_eq!(told["iceflix_films"], 1.0);
    assert_eq!(told["iceflix_streams_opened_total"], 1.0);
    viewer.stop();
    until("the stream has ended", || {
        let told = metrics(&streaming);
        told["iceflix_streams"] == 0.0
            && told["iceflix_streams_ended_total{reason=\"stopped\"}"] == 1.0
    });

    let mut gone = streaming;
    gone.process.kill();
    until("the loss is counted", || {
        let told = metrics(&main);
        told["iceflix_service_lost_total{kind=\"streaming\"}"] == 1.0
            && told["iceflix_service_candidates{kind=\"streaming\"}"] == 0.0
    });
}

#[test]
fn a_service_whose_database_is_away_is_alive_and_not_ready_also_at_its_start() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    let mut postgres = Postgres::start();
    let (users, titles) = (postgres.database(), postgres.database());
    let users = format!("--IceFlix.Authentication.Database={users}");
    let titles = format!("--IceFlix.Catalog.Database={titles}");
    let main = platform.service(&["main", ENDPOINT]);
    // What begins before its server is there waits for it.
    postgres.kill();
    let waiting = [
        platform.spawn("auth", &["auth", ENDPOINT, &users]),
        platform.spawn("catalog", &["catalog", ENDPOINT, &titles]),
    ];
    for process in &waiting {
        process.log_with(&["waiting for the database"]);
        let answer = http::get(&told_at(process), "/readyz");
        assert_eq!(answer.status, 503);
        assert!(answer.body.contains("\ndatabase: "), "{}", answer.body);
        assert!(answer.body.contains("cannot be reached"), "{}", answer.body);
    }
    postgres.restart();
    let [auth, catalog] = waiting.map(|process| Service {
        proxy: process.line(),
        process,
    });
    let status = || {
        let output = platform.run(&["status", &main.proxy, "--within", "10s"]);
        String::from_utf8(output.stdout).unwrap()
    };
    for service in [&auth, &catalog] {
        until("it is ready", || get(service, "/readyz").status == 200);
        service.process.log_with(&["the database is there now"]);
    }
    postgres.kill();
    for service in [&auth, &catalog] {
        until("it is not ready, and why is known", || {
            let answer = get(service, "/readyz");
            let why = answer.body.starts_with("not ready\ndatabase: ");
            answer.status == 503 && why && answer.body.contains("cannot be reached")
        });
        assert_eq!(get(service, "/livez").status, 200);
        assert_eq!(metrics(service)["iceflix_ready"], 0.0);
        service.process.log_with(&["not ready check=\"database\""]);
    }
    assert!(
        metrics(&auth)["iceflix_users"].is_nan(),
        "what cannot be counted is no number"
    );
    assert_eq!(get(&main, "/readyz").status, 200);
    until("the status tells it", || {
        let said = status();
        said.contains("not ready") && said.contains("for want of its database")
    });
    postgres.restart();
    for service in [&auth, &catalog] {
        until("it is ready again", || {
            get(service, "/readyz").status == 200
        });
        service.process.log_with(&["well again check=\"database\""]);
        let log = service.process.log();
        assert!(!log.contains(iceflix_testkit::postgres::PASSWORD));
    }
}

#[test]
fn a_directory_that_goes_makes_a_streaming_service_unready() {
    let platform = platform();
    let films = platform.films();
    let streaming = platform.service(&["streaming", films.to_str().unwrap(), ENDPOINT]);
    assert_eq!(get(&streaming, "/readyz").body, "ready\n");
    let aside = platform.directory().join("aside");
    std::fs::rename(&films, &aside).unwrap();
    until("it is missed", || {
        get(&streaming, "/readyz").body.contains("directory: ")
    });
    std::fs::rename(&aside, &films).unwrap();
    until("it is back", || get(&streaming, "/readyz").status == 200);
}

#[test]
fn nothing_is_told_unless_a_property_says_where() {
    let platform = platform();
    let without = platform.service(&["catalog"]);
    let with = platform.service_named("catalog-told", &["catalog", ENDPOINT]);
    let listening = sockets::listening(without.process.id());
    assert_eq!(listening.len(), 1, "the adapter's: {listening:?}");
    let mut listening = sockets::listening(with.process.id());
    listening.sort_unstable();
    let port = endpoint(&with).rsplit_once(':').unwrap().1.parse().unwrap();
    assert_eq!(listening.len(), 2);
    assert!(listening.contains(&port));
    assert!(!without.process.log().contains("metrics"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let platform = platform();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("--IceFlix.Metrics.Endpoint={}", taken.local_addr().unwrap());
    let output = platform.run(&["main", &endpoint]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("(IceFlix.Metrics.Endpoint)"), "{said}");
}

#[test]
fn what_is_no_request_harms_nobody() {
    let platform = platform();
    let main = platform.service(&["main", ENDPOINT]);
    let endpoint = endpoint(&main);
    let status = |request: &[u8]| http::ask(&endpoint, request).map(|answer| answer.status);
    assert_eq!(status(b"POST /metrics HTTP/1.1\r\n\r\n"), Some(405));
    assert_eq!(status(b"DELETE / HTTP/1.1\r\n\r\n"), Some(405));
    assert_eq!(status(b"GET /../metrics HTTP/1.1\r\n\r\n"), Some(404));
    assert_eq!(status(b"GET /metrics/x HTTP/1.1\r\n\r\n"), Some(404));
    assert_eq!(status(b"GET /livez?x=y HTTP/1.1\r\n\r\n"), Some(200));
    let head = http::ask(&endpoint, b"HEAD /metrics HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(1000));
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    for nonsense in [
        &[0xff; 4096][..],
        b"\r\n\r\n",
        many.as_bytes(),
        long.as_bytes(),
    ] {
        let answer = status(nonsense);
        assert!(
            answer.is_none_or(|status| (400..500).contains(&status)),
            "{answer:?}"
        );
    }
    // As many as there is room for say nothing: they are let go, and others are served then.
    let silent: Vec<_> = (0..40)
        .map(|_| TcpStream::connect(&endpoint).unwrap())
        .collect();
    until("somebody is served beside the silent ones", || {
        http::ask(&endpoint, b"GET /livez HTTP/1.1\r\n\r\n")
            .is_some_and(|answer| answer.status == 200)
    });
    for mut stream in silent {
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let _ = stream.write_all(b"");
        let mut rest = Vec::new();
        // Closed, with a reason or without one.
        let _ = stream.read_to_end(&mut rest);
    }
    assert_eq!(get(&main, "/livez").status, 200);
}
