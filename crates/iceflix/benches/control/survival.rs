//! One of two is killed, or hangs, under viewers.

use std::time::{Duration, Instant, SystemTime};

use iceflix_testkit::{
    load::Report,
    twins::{Kind, Twins},
};
use nix::sys::signal::Signal;

use crate::{
    ICEFLIX,
    figures::{milliseconds, progress, row},
};

/// Rounds that each viewer makes before the fault, and after it.
const ROUNDS: usize = 50;

pub(crate) fn measure() {
    for kind in Kind::ALL {
        killed(kind);
    }
    for kind in Kind::ALL {
        hung(kind);
    }
}

fn killed(kind: Kind) {
    progress(format!("{} is killed", kind.name()));
    let mut twins = Twins::start(ICEFLIX, &[]);
    let load = twins.load();
    load.rounds(ROUNDS);
    let victim = twins.position(kind);
    let id = twins.services[victim].service.id();
    let (fault, killed) = (load.elapsed(), SystemTime::now());
    twins.services[victim].service.process.kill();
    twins.wait_until_lost(&twins.services[victim]);
    let gone = twins.said("service lost", &id).into_iter().max();
    load.rounds(ROUNDS);
    let what = format!("kill -9 of one of two: {}", kind.name());
    show(&what, load.stop(), fault, "1000 ms");
    if let Some(gone) = gone.and_then(|gone| gone.duration_since(killed).ok()) {
        row("    out of every table after", milliseconds(gone), "100 ms");
    }
}

fn hung(kind: Kind) {
    progress(format!("{} hangs", kind.name()));
    let twins = Twins::start(ICEFLIX, &[]);
    let load = twins.load();
    load.rounds(ROUNDS);
    let victim = &twins.services[twins.position(kind)];
    let (fault, stopped) = (load.elapsed(), Instant::now());
    victim.signal(Signal::SIGSTOP);
    twins.wait_until_lost(victim);
    let gone = stopped.elapsed();
    while stopped.elapsed() < Duration::from_secs(5) {
        load.rounds(1);
    }
    victim.signal(Signal::SIGCONT);
    twins.wait_until_known_again(victim);
    load.rounds(ROUNDS);
    let what = format!("SIGSTOP of one of two: {}", kind.name());
    show(&what, load.stop(), fault, "3000 ms");
    if kind != Kind::Main {
        row("    out of every table after", milliseconds(gone), "");
    }
}

fn show(what: &str, report: Report, fault: Duration, wanted: &str) {
    let since = report
        .operations
        .iter()
        .filter(|operation| operation.begun + operation.took >= fault);
    let slowest = since.max_by_key(|operation| operation.took).unwrap();
    let failures = report.failures().len();
    row(
        what,
        format!("{failures} of {}", report.operations.len()),
        "0 failed",
    );
    row(
        &format!("    slowest ({:?})", slowest.what),
        milliseconds(slowest.took),
        wanted,
    );
    row(
        "    acknowledged edits that are lost",
        format!("{} of {}", report.lost.len(), report.edits()),
        "0",
    );
    if failures > 0 || !report.lost.is_empty() {
        eprintln!("{report}");
    }
}
