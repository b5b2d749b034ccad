//! How figures are made and shown.

use std::{fmt::Display, time::Duration};

/// The head of the table.
pub(crate) fn head() {
    row("figure", "measured", "wanted");
}

/// One line of the table.
pub(crate) fn row(figure: &str, measured: impl Display, wanted: &str) {
    println!("{figure:<72} {measured:>16} {wanted:>12}");
}

/// What is being done now.
pub(crate) fn progress(what: impl Display) {
    eprintln!("... {what}");
}

pub(crate) fn milliseconds(length: Duration) -> String {
    format!("{:.1} ms", length.as_secs_f64() * 1000.0)
}

/// Median, 99 of a hundred, and the longest.
pub(crate) fn spread(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    [at(50), at(99), at(100)]
}
