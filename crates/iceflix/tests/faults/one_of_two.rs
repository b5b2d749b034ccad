//! One of two is killed, stopped, hung or restarted, while viewers use both.

use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;

use crate::twins::{Kind, Twins};

/// Rounds that the viewers make before and after a fault.
const ROUNDS: usize = 10;

/// Kills one of the kind and says how it went.
fn killed(kind: Kind) {
    let mut twins = Twins::start(&[]);
    let load = twins.load();
    load.rounds(ROUNDS);
    let id = twins.first(kind).service.id();
    let killed = SystemTime::now();
    twins.first_mut(kind).service.process.kill();
    twins.wait_until_lost(twins.first(kind));
    let lost = twins.said("service lost", &id);
    load.rounds(ROUNDS);
    twins.start_again(kind);
    load.rounds(ROUNDS);
    let report = load.stop();
    let last = lost
        .iter()
        .map(|at| at.duration_since(killed).unwrap_or_default());
    println!(
        "{kind:?} killed: {report}; out of every table after {:.1?}",
        last.max()
    );
    report.assert_flawless();
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

/// Suspends one of the kind for a while.
fn hung(kind: Kind) {
    let twins = Twins::start(&[]);
    let load = twins.load();
    load.rounds(ROUNDS);
    let first = twins.first(kind);
    first.signal(Signal::SIGSTOP);
    twins.wait_until_lost(first);
    load.rounds(ROUNDS);
    first.signal(Signal::SIGCONT);
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("{kind:?} hung: {report}");
    report.assert_flawless();
    assert!(report.slowest().took < Duration::from_secs(6), "{report}");
}

#[test]
fn a_hung_authentication_costs_no_operation() {
    hung(Kind::Auth);
}

#[test]
fn a_hung_streaming_server_costs_no_operation() {
    hung(Kind::Streaming);
}
