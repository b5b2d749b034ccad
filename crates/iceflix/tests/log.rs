//! What services write to their logs.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use iceflix_testkit::{
    Platform,
    film::Film,
    platform::{PASSWORD, Service, USER},
};
use serde_json::Value;

const FILM: Film = Film::mp4("Ledger", 3, 349);

fn lines(service: &Service) -> Vec<Value> {
    let log = service.process.log();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    lines.collect()
}

#[test]
fn every_line_says_which_service_wrote_it_and_holds_no_token() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    FILM.copy_to(&platform.films());
    let films = platform.films();
    let json = "--IceFlix.Log.Format=json";
    let main = platform.service(&["main", json]);
    let auth = platform.service(&["auth", json]);
    let catalog = platform.service(&["catalog", json]);
    let streaming = platform.service(&["streaming", films.to_str().unwrap(), json]);
    main.process.log_with(&["service found"]);
    catalog.process.log_with(&["titles added"]);
    let client = |words: &[&str], password| {
        let words = [&["client", &main.proxy], words].concat();
        platform.run_with_input(&words, password)
    };
    client(&["login", "--user", "nobody"], "wrong");
    auth.process.log_with(&["login refused"]);
    let token = client(&["login", "--user", USER], PASSWORD);
    let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
    assert_eq!(token.len(), 32);
    let play = ["play", FILM.name, "--nowhere", "--user", USER];
    assert!(client(&play, PASSWORD).status.success());
    streaming.process.log_with(&["controller gone"]);

    let mut ids = Vec::new();
    for (kind, mut service) in [
        ("main", main),
        ("authentication", auth),
        ("catalog", catalog),
        ("streaming", streaming),
    ] {
        assert!(service.process.stop().success());
        let lines = lines(&service);
        let named = lines.iter().find(|line| line["service"] == kind).unwrap();
        let id = named["id"].as_str().unwrap().to_owned();
        for line in &lines {
            for key in ["timestamp", "level", "target", "message"] {
                assert!(line[key].is_string(), "{key}: {line}");
            }
            assert_eq!(line["service"], kind, "{line}");
            assert_eq!(line["id"], id, "{line}");
        }
        let said = |message| lines.iter().any(|line| line["message"] == message);
        assert!(said("ready") && said("stopped"), "{kind}");
        assert!(!service.process.log().contains(&token));
        ids.push(id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn lines_for_people_begin_with_the_service_and_can_be_found_by_its_id() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    let mut main = platform.service(&["main"]);
    let id = main.id();
    assert!(main.process.stop().success());
    let log = main.process.log();
    let mark = format!(" INFO main {} iceflix_service", &id[..8]);
    assert!(log.lines().any(|line| line.contains(&mark)), "{log}");
    assert!(
        !log.contains('\u{1b}'),
        "no colours but on a terminal: {log}"
    );
}
