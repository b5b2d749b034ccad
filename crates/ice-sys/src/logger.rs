//! The runtime's own log messages.

use std::sync::{Once, OnceLock};

use crate::bridge::ffi;
use crate::guard::contain;

/// How important a message of the runtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Printed by whoever asked for it.
    Print,
    /// Asked for by an `Ice.Trace` property.
    Trace,
    /// Something to look at.
    Warning,
    /// Something failed.
    Error,
}

/// Takes a message: its level, its category (empty perhaps) and its text, of several lines perhaps.
pub type Sink = fn(Level, &str, &str);

static SINK: OnceLock<Sink> = OnceLock::new();
static INSTALL: Once = Once::new();

/// Says where messages go; the first to say so wins. Without it they go nowhere.
pub fn set_sink(sink: Sink) {
    SINK.get_or_init(|| sink);
}

/// What the runtime has to say before there is a communicator goes the same way.
pub(crate) fn install_for_process() {
    INSTALL.call_once(|| {
        // Without it the runtime writes to standard error, which is no harm.
        let _ = ffi::set_process_logger();
    });
}

pub(crate) fn log(level: u8, category: &[u8], message: &[u8]) {
    let Some(sink) = SINK.get() else { return };
    let level = match level {
        0 => Level::Print,
        1 => Level::Trace,
        2 => Level::Warning,
        _ => Level::Error,
    };
    contain(|| {
        sink(
            level,
            &String::from_utf8_lossy(category),
            &String::from_utf8_lossy(message),
        )
    });
}
