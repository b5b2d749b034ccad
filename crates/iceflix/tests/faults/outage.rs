//! What all depend on is away for a while: the broker, the database.

use std::time::{Duration, Instant};

use iceflix_testkit::{
    Postgres,
    peer::{Peer, until},
    twins::Twins,
};
use nix::sys::signal::Signal;

/// What happened, how it is made to happen, and how it ends.
type Failure<T> = (&'static str, fn(&mut T), fn(&mut T));

/// Rounds that the viewers make before, during and after it.
const ROUNDS: usize = 10;

fn twins(properties: &[String]) -> Twins {
    Twins::start(env!("CARGO_BIN_EXE_iceflix"), properties)
}

/// A streaming server that comes now is found by everybody: all are subscribed.
fn a_newcomer_is_found(twins: &Twins, id: &str) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let newcomer = Peer::join(&twins.platform);
        let provider = newcomer.provider(id, &[]);
        until("the newcomer is found by all", async || {
            newcomer.announce(id, &provider).await.unwrap();
            let found = |log: &str| {
                log.lines()
                    .any(|line| line.contains("service found") && line.contains(id))
            };
            let mut services = twins.services.iter();
            let all = services.all(|twin| found(&twin.service.process.log()));
            all.then_some(())
        })
        .await;
        newcomer.communicator.destroy().await;
    });
}

#[test]
fn a_broker_that_fails_costs_no_operation() {
    let mut twins = twins(&[]);
    let load = twins.load();
    let failures: [Failure<Twins>; 3] = [
        (
            "killed",
            |twins| twins.platform.broker.kill(),
            |twins| twins.platform.broker.restart(),
        ),
        (
            "killed, its memory gone",
            |twins| twins.platform.broker.kill(),
            |twins| twins.platform.broker.restart_empty(),
        ),
        (
            "hung",
            |twins| twins.platform.broker.process().signal(Signal::SIGSTOP),
            |twins| twins.platform.broker.process().signal(Signal::SIGCONT),
        ),
    ];
    for (number, (what, fail, help)) in failures.into_iter().enumerate() {
        load.rounds(ROUNDS);
        fail(&mut twins);
        // Longer than a subscription is believed in, and a connection kept that says nothing.
        let until = load.elapsed() + Duration::from_secs(3);
        while load.elapsed() < until {
            load.rounds(1);
        }
        help(&mut twins);
        let helped = Instant::now();
        a_newcomer_is_found(&twins, &format!("newcomer {number}"));
        let took = helped.elapsed();
        println!("broker {what}: a newcomer is found {took:.1?} after its return");
        // Five seconds are the promise.
        assert!(took < Duration::from_secs(10), "{what}: {took:?}");
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("broker back for the third time: {report}");
    report.assert_flawless();
}

/// What cannot be known while PostgreSQL is away may fail; what was acknowledged is kept, and nobody needs a restart.
#[test]
fn a_postgresql_that_fails_loses_nothing_and_is_found_again() {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    let twins = twins(&[
        format!("--IceFlix.Authentication.Database={url}"),
        format!("--IceFlix.Catalog.Database={url}"),
    ]);
    let load = twins.load();
    let mut away = Vec::new();
    let failures: [Failure<Postgres>; 2] = [
        ("killed", Postgres::kill, Postgres::restart),
        ("hung", |server| server.suspend(), |server| server.resume()),
    ];
    for (what, fail, help) in failures {
        load.rounds(ROUNDS);
        let failed = load.elapsed();
        fail(&mut postgres);
        load.rounds(1);
        help(&mut postgres);
        let helped = load.elapsed();
        let well = load.flawless_rounds(2);
        let took = well - helped;
        println!("PostgreSQL {what}: well again {took:.1?} after its return");
        away.push(failed..=well);
    }
    load.rounds(ROUNDS);
    let report = load.stop();
    println!("PostgreSQL back for the second time: {report}");
    report.assert_nothing_lost();
    for operation in report.failures() {
        let ended = operation.begun + operation.took;
        assert!(
            away.iter().any(|away| away.contains(&ended)),
            "{operation:?}\n{report}"
        );
    }
    // A service has five seconds for an answer of its database, and a viewer may ask two.
    assert!(report.slowest().took < Duration::from_secs(20), "{report}");
}
