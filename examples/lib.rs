//! What all examples do alike: they show what Ice says.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::EnvFilter;

mod front_pages;

/// Has warnings and errors of Ice shown on standard error, and traces that a property asks for, like
/// `--Ice.Trace.Network=2`, with times and levels. Where a program does nothing of the kind, they go there bare.
///
/// The environment variable `RUST_LOG` chooses otherwise: `RUST_LOG=off` hides all.
///
/// # Panics
///
/// Where this was called before.
pub fn show_messages() {
    let filter = EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new("info,ice=debug")))
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
}
