//! One of two is killed, hung or restarted, while viewers use both.

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

/// Kills and starts again.
fn killed(kind: Kind) {
    let mut twins = twins();
    let load = twins.load();
    let mut struck_off = Vec::new();
    for victim in victims(&twins, kind) {
        load.rounds(ROUNDS);
        let id = twins.services[victim].service.id();
        let killed = SystemTime::now();
        twins.services[victim].service.process.kill();
        twins.wait_until_lost(&twins.services[victim]);
        let lost = twins.said("service lost", &id);
        struck_off.extend(
            lost.into_iter()
                .filter_map(|at| at.duration_since(killed).ok()),
        );
        load.rounds(ROUNDS);
        twins.start_again(victim);
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!(
        "{kind:?} killed, out of every table after {:?}: {report}",
        struck_off.iter().max()
    );
    report.assert_flawless();
    // One second is the promise, on a machine that does nothing else.
    assert!(report.slowest().took < Duration::from_secs(3), "{report}");
}

#[test]
fn a_killed_main_costs_no_operation() {
    killed(Kind::Main);
}

#[test]
fn a_killed_authentication_costs_no_operation() {
    killed(Kind::Auth);
}

#[test]
fn a_killed_catalogue_costs_no_operation() {
    killed(Kind::Catalog);
}

#[test]
fn a_killed_streaming_server_costs_no_operation() {
    killed(Kind::Streaming);
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

/// Stops as an administrator would, and starts again.
fn restarted(kind: Kind) {
    let mut twins = twins();
    let load = twins.load();
    for victim in victims(&twins, kind) {
        load.rounds(ROUNDS);
        assert!(twins.services[victim].service.process.stop().success());
        load.rounds(ROUNDS);
        twins.start_again(victim);
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("{kind:?} restarted: {report}");
    report.assert_flawless();
}

#[test]
fn a_restarted_main_costs_no_operation() {
    restarted(Kind::Main);
}

#[test]
fn a_restarted_authentication_costs_no_operation() {
    restarted(Kind::Auth);
}

#[test]
fn a_restarted_catalogue_costs_no_operation() {
    restarted(Kind::Catalog);
}

#[test]
fn a_restarted_streaming_server_costs_no_operation() {
    restarted(Kind::Streaming);
}
