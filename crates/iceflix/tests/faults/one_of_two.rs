//! One of two is killed, stopped or hung, while viewers use both.

use std::time::{Duration, SystemTime};

use iceflix_testkit::{
    Postgres,
    twins::{Kind, Twins},
};
use nix::sys::signal::Signal;

/// Rounds that the viewers make before and after a fault.
const ROUNDS: usize = 10;

fn twins() -> Twins {
    Twins::start(env!("CARGO_BIN_EXE_iceflix"), &[])
}

/// Both Mains are hit, one after the other: viewers may be at either.
fn victims(twins: &Twins, kind: Kind) -> Vec<usize> {
    let first = twins.position(kind);
    match kind {
        Kind::Main => vec![first, first + 1],
        _ => vec![first],
    }
}

/// Kills, starts again, stops as an administrator would, and starts again.
fn dies(kind: Kind) {
    let mut twins = twins();
    let load = twins.load();
    let mut struck_off = Duration::ZERO;
    for victim in victims(&twins, kind) {
        load.rounds(ROUNDS);
        let id = twins.services[victim].service.id();
        let killed = SystemTime::now();
        twins.services[victim].service.process.kill();
        twins.wait_until_lost(&twins.services[victim]);
        for lost in twins.said("service lost", &id) {
            struck_off = struck_off.max(lost.duration_since(killed).unwrap_or_default());
        }
        load.rounds(ROUNDS);
        twins.start_again(victim);
        load.rounds(ROUNDS);
        assert!(twins.services[victim].service.process.stop().success());
        load.rounds(ROUNDS);
        twins.start_again(victim);
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("{kind:?} killed, out of every table after {struck_off:.1?}: {report}");
    report.assert_flawless();
    // A tenth of a second and a whole one are the promise, on a machine that does nothing else.
    assert!(struck_off < Duration::from_secs(1), "{struck_off:?}");
    assert!(report.slowest().took < Duration::from_secs(3), "{report}");
}

#[test]
fn a_main_that_dies_costs_no_operation() {
    dies(Kind::Main);
}

#[test]
fn an_authentication_that_dies_costs_no_operation() {
    dies(Kind::Auth);
}

#[test]
fn a_catalogue_that_dies_costs_no_operation() {
    dies(Kind::Catalog);
}

#[test]
fn a_streaming_server_that_dies_costs_no_operation() {
    dies(Kind::Streaming);
}

/// Suspends, and lets go on when nobody counts on it any more.
///
/// On PostgreSQL: the lock of an SQLite file dies with the process that holds it, not with its sleep.
fn hung(kind: Kind) {
    let postgres = Postgres::shared();
    let url = postgres.database();
    let twins = Twins::start(
        env!("CARGO_BIN_EXE_iceflix"),
        &[
            format!("--IceFlix.Authentication.Database={url}"),
            format!("--IceFlix.Catalog.Database={url}"),
        ],
    );
    let load = twins.load();
    for victim in victims(&twins, kind) {
        load.rounds(ROUNDS);
        let victim = &twins.services[victim];
        victim.signal(Signal::SIGSTOP);
        twins.wait_until_lost(victim);
        load.rounds(ROUNDS);
        victim.signal(Signal::SIGCONT);
        twins.wait_until_known_again(victim);
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("{kind:?} hung: {report}");
    report.assert_flawless();
    // Three seconds are the promise.
    assert!(report.slowest().took < Duration::from_secs(6), "{report}");
}

#[test]
fn a_hung_main_costs_no_operation() {
    hung(Kind::Main);
}

#[test]
fn a_hung_authentication_costs_no_operation() {
    hung(Kind::Auth);
}

#[test]
fn a_hung_catalogue_costs_no_operation() {
    hung(Kind::Catalog);
}

#[test]
fn a_hung_streaming_server_costs_no_operation() {
    hung(Kind::Streaming);
}
