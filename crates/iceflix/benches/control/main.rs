//! Figures of the control plane, each beside the one that was asked for. Run by `make bench-control`; words behind
//! `--` choose parts of it: `cargo bench -p iceflix --bench control -- calls tokens`.
//!
//! Nothing here passes or fails: machines differ, and are noisy. What is being done is told on standard error.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nobody to report to"
)]

mod broker;
mod calls;
mod figures;
mod survival;
mod titles;
mod tokens;

const ICEFLIX: &str = env!("CARGO_BIN_EXE_iceflix");

fn main() {
    let parts: [(&str, fn()); 5] = [
        ("calls", calls::measure),
        ("tokens", tokens::measure),
        ("titles", titles::measure),
        ("survival", survival::measure),
        ("broker", broker::measure),
    ];
    // Cargo adds `--bench`.
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    figures::head();
    for (name, measure) in parts {
        if chosen.is_empty() || chosen.iter().any(|word| word == name) {
            measure();
        }
    }
}
