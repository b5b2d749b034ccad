//! Ice in C++, Python and Rust, in one run: what a call costs, and an event. Run by `make bench-ice`.
//!
//! Nothing here passes or fails: machines differ, and are noisy. The languages take turns in short rounds, so that what
//! else happens on the machine befalls all of them alike, and every ratio is taken within its round. What is printed is
//! the median of the rounds, with the quartiles of the ratio.
//!
//! `BENCH_ROUNDS` is how many rounds there are; arguments leave only the figures whose names contain one of them.

mod broker;
mod build;
mod calls;
mod events;
mod language;
mod peer;
mod rounds;

use anyhow::Context as _;

use broker::Broker;
use build::Built;
use peer::Peer;

/// How many rounds, where nobody says otherwise.
const ROUNDS: usize = 15;

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let rounds = match std::env::var("BENCH_ROUNDS") {
        Ok(rounds) => rounds.parse().context("BENCH_ROUNDS is not a number")?,
        Err(_) => ROUNDS,
    };
    println!("building the peers in C++ and Python");
    let built = Built::new()?;
    calls::measure(&built, rounds, &is_wanted)?;
    calls::count_allocations(&is_wanted)?;
    events::measure(&built, rounds, &is_wanted)
}
