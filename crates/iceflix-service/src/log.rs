//! Log lines: to standard error, for people or for programs.

use tracing_subscriber::EnvFilter;

use crate::settings::{self, LogFormat, Settings, property};

/// Begins to write log lines, as the properties say. A second call changes
/// nothing: a process has one log.
///
/// # Errors
///
/// A value of `IceFlix.Log.Level` or `IceFlix.Log.Format` that means nothing.
pub fn start(settings: &Settings) -> Result<(), settings::Error> {
    let level = settings.get(&property::LOG_LEVEL)?;
    let format = settings.get(&property::LOG_FORMAT)?;
    let filter = EnvFilter::new(level.0);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let _already_started = match format {
        LogFormat::Text => lines
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(())
}
