//! What a viewer costs, how many there can be, and how soon they see something: our server beside
//! others and beside the least that sending can cost. Run by `make bench-streaming`; a part alone by
//! `cargo bench -p iceflix-rtsp --bench streaming -- cpu`.
//!
//! Servers run in processes of their own, and what they use is what the system has counted of those.
//! The loopback interface charges them with receiving, too. Nothing here passes or fails: machines
//! differ, and are noisy.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nobody to report to"
)]

mod arrivals;
mod cpu;
mod film;
mod floor;
mod graph;
mod indexing;
mod peers;
mod process;
mod rtsp;
mod server;
mod starting;
mod thousand;
mod viewers;

use std::fmt::Display;

/// The parts, in the order in which they run.
const PARTS: [(&str, fn()); 6] = [
    ("cpu", cpu::measure),
    ("thousand", thousand::measure),
    ("starting", starting::measure),
    ("indexing", indexing::measure),
    ("heavy", cpu::measure_heavy),
    ("graph", graph::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--role", "server"] => return server::run(),
        ["--role", "floor"] => return floor::run(),
        _ => {}
    }
    let known = |argument: &&String| PARTS.iter().all(|(name, _)| name != argument);
    if let Some(unknown) = arguments.iter().find(known) {
        let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no part {unknown}; there are {}", names.join(", "));
        std::process::exit(2);
    }
    println!("{:<66} {:>14} {:>14}", "figure", "measured", "wanted");
    for (name, measure) in PARTS {
        // The graph is drawn on demand: it takes minutes.
        if arguments.iter().any(|argument| argument == name)
            || arguments.is_empty() && name != "graph"
        {
            measure();
        }
    }
}

/// One line of the table.
fn report(figure: &str, measured: impl Display, wanted: &str) {
    println!("{figure:<66} {measured:>14} {wanted:>14}");
}
