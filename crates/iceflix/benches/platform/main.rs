//! Figures of the whole platform, each beside the one that was asked for. Run by `make bench`.
//!
//! Nothing here passes or fails: machines differ, and are noisy.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nobody to report to"
)]

mod idle;
mod library;
mod stream;
mod up;

fn main() {
    println!("{:<58} {:>10} {:>10}", "figure", "measured", "wanted");
    up::measure();
    library::measure();
    stream::measure();
    idle::measure();
}

/// One line of the table.
fn report(figure: &str, measured: impl std::fmt::Display, wanted: &str) {
    println!("{figure:<58} {measured:>10} {wanted:>10}");
}

fn milliseconds(length: std::time::Duration) -> String {
    format!("{:.1} ms", length.as_secs_f64() * 1000.0)
}

fn median<T: Ord + Copy>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}
