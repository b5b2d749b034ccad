//! What all depend on is away for a while: the broker, the database.

use std::time::Duration;

use iceflix_testkit::{
    Postgres,
    peer::{Peer, until},
    twins::Twins,
};
use nix::sys::signal::Signal;

/// Rounds that the viewers make before, during and after it.
const ROUNDS: usize = 10;

fn twins(properties: &[String]) -> Twins {
    Twins::start(env!("CARGO_BIN_EXE_iceflix"), properties)
}

/// A streaming server that comes now is found by everybody: all are subscribed.
fn a_newcomer_is_found(twins: &Twins) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let newcomer = Peer::join(&twins.platform);
        let provider = newcomer.provider("newcomer", &[]);
        until("the newcomer is found by all", async || {
            newcomer.announce("newcomer", &provider).await.unwrap();
            let found = |log: &str| {
                log.lines()
                    .any(|line| line.contains("service found") && line.contains("newcomer"))
            };
            let mut services = twins.services.iter();
            let all = services.all(|twin| found(&twin.service.process.log()));
            all.then_some(())
        })
        .await;
        newcomer.communicator.destroy().await;
    });
}

/// The broker fails, and is helped up again, while viewers notice nothing.
fn without_broker(what: &str, fail: impl FnOnce(&mut Twins), help: impl FnOnce(&mut Twins)) {
    let mut twins = twins(&[]);
    let load = twins.load();
    load.rounds(ROUNDS);
    fail(&mut twins);
    // Longer than a subscription is believed in, and a connection kept that says nothing.
    let until = load.elapsed() + Duration::from_secs(4);
    while load.elapsed() < until {
        load.rounds(1);
    }
    help(&mut twins);
    a_newcomer_is_found(&twins);
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("the broker {what}: {report}");
    report.assert_flawless();
}

#[test]
fn a_killed_broker_costs_no_operation() {
    without_broker(
        "killed",
        |twins| twins.platform.broker.kill(),
        |twins| twins.platform.broker.restart(),
    );
}

#[test]
fn a_broker_that_comes_back_without_its_memory_costs_no_operation() {
    without_broker(
        "killed and emptied",
        |twins| twins.platform.broker.kill(),
        |twins| twins.platform.broker.restart_empty(),
    );
}

#[test]
fn a_hung_broker_costs_no_operation() {
    let signal = |twins: &mut Twins, signal| twins.platform.broker.process().signal(signal);
    without_broker(
        "hung",
        |twins| signal(twins, Signal::SIGSTOP),
        |twins| signal(twins, Signal::SIGCONT),
    );
}

/// PostgreSQL fails, and is helped up again. What cannot be known meanwhile may fail; what was acknowledged is kept,
/// and nobody needs a restart.
fn without_database(
    what: &str,
    fail: impl FnOnce(&mut Postgres),
    help: impl FnOnce(&mut Postgres),
) {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    let twins = twins(&[
        format!("--IceFlix.Authentication.Database={url}"),
        format!("--IceFlix.Catalog.Database={url}"),
    ]);
    let load = twins.load();
    load.rounds(ROUNDS);
    let failed = load.elapsed();
    fail(&mut postgres);
    let until = load.elapsed() + Duration::from_secs(2);
    while load.elapsed() < until {
        load.rounds(1);
    }
    help(&mut postgres);
    let helped = load.elapsed();
    let well = load.flawless_rounds(3);
    load.rounds(ROUNDS);
    let report = load.stop();
    let failures = report.failures().len();
    println!(
        "PostgreSQL {what}: {} operations, {failures} failed; slowest {:.1?}; well again {:.1?} after its return",
        report.operations.len(),
        report.slowest().took,
        well - helped,
    );
    report.assert_nothing_lost();
    for operation in report.failures() {
        assert!(
            operation.begun + operation.took >= failed && operation.begun <= well,
            "{operation:?}\n{report}"
        );
    }
    // Each service has five seconds for an answer of its database, and a viewer may ask two.
    assert!(report.slowest().took < Duration::from_secs(20), "{report}");
}

#[test]
fn a_killed_postgresql_loses_nothing_and_is_found_again() {
    without_database("killed", Postgres::kill, Postgres::restart);
}

#[test]
fn a_hung_postgresql_loses_nothing_and_is_found_again() {
    without_database(
        "hung",
        |postgres| postgres.suspend(),
        |postgres| postgres.resume(),
    );
}
