//! The wire contract, spoken with ZeroC's own Ice for Python.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{path::Path, process::Command};

use iceflix_client::password;
use iceflix_testkit::{
    Platform, Process,
    film::Film,
    platform::{PASSWORD, USER},
};

const FILM: Film = Film::mp4("Storm at Sea", 20, 440);

/// Runs a Python peer to its end, beside a platform whose tokens live `seconds`.
fn run_peer(script: &str, seconds: u32) {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    FILM.copy_to(&platform.films());
    let lifetime = format!("--IceFlix.Authentication.TokenLifetime={seconds}");
    let films = platform.films();
    let main = platform.service(&["main"]);
    let _auth = platform.service(&["auth", &lifetime]);
    let _catalog = platform.service(&["catalog"]);
    let _streaming = platform.service(&["streaming", films.to_str().unwrap()]);

    let mut command = Command::new("/usr/bin/python3");
    command
        .arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/peer")
                .join(script),
        )
        .args([
            &main.proxy,
            &platform.broker.manager(),
            USER,
            &password::hash(PASSWORD),
            FILM.name,
        ])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let mut peer = Process::start_command(script, command, platform.directory());
    let status = peer.wait();
    assert!(status.success(), "{script} {status}:\n{}", peer.log());
}

#[test]
fn a_client_in_python_can_call_every_operation() {
    run_peer("client.py", 4);
}

#[test]
fn services_in_python_that_announce_themselves_once_mix_in() {
    run_peer("foreign.py", 30);
}
