//! Log lines: to standard error, for people or for programs.

mod lines;
mod seldom;

use std::{
    error::Error,
    fmt::{self, Write as _},
};

use tracing_subscriber::EnvFilter;

pub(crate) use lines::belong_to;
pub use seldom::{Complaints, Seldom};

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
            .event_format(lines::Text)
            .try_init(),
        LogFormat::Json => lines.with_ansi(false).event_format(lines::Json).try_init(),
    };
    Ok(())
}

/// How much of a foreign text a log line carries, in characters.
const SHOWN: usize = 256;

/// What came from elsewhere as it may stand in a log: its first 256
/// characters, those escaped that control a terminal, break a line or turn
/// round the order of what follows.
pub fn shown<T: fmt::Display + ?Sized>(foreign: &T) -> String {
    let mut shown = Shown {
        text: String::new(),
        left: SHOWN,
    };
    if write!(shown, "{foreign}").is_err() {
        shown.text.push('…');
    }
    shown.text
}

/// An error with what is behind it, each cause said once: many tell their cause
/// themselves.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// Takes no more than fits: what is written has no bound.
struct Shown {
    text: String,
    left: usize,
}

impl fmt::Write for Shown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for symbol in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            if symbol.is_control() || turns_or_breaks(symbol) {
                self.text.extend(symbol.escape_default());
            } else {
                self.text.push(symbol);
            }
        }
        Ok(())
    }
}

/// Whether a character that is not seen changes how the line around it is read:
/// the directional formatting of Unicode, and its line and paragraph separators.
fn turns_or_breaks(symbol: char) -> bool {
    matches!(symbol, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot open films: {0}")]
        struct Films(#[source] io::Error);
        #[derive(Debug, thiserror::Error)]
        #[error("the service does not start")]
        struct Start(#[source] Films);

        let error = Start(Films(io::Error::other("no such file")));
        assert_eq!(
            causes(&error),
            "the service does not start: cannot open films: no such file"
        );
    }

    #[test]
    fn a_foreign_text_neither_fills_the_log_nor_controls_a_terminal() {
        assert_eq!(shown(&"é \u{1b}[2J\n"), "é \\u{1b}[2J\\n");
        assert_eq!(shown(&"a\u{202e}b\u{2028}"), "a\\u{202e}b\\u{2028}");
        assert_eq!(shown(&"x".repeat(SHOWN)).len(), SHOWN);
        let long = shown(&"x".repeat(1 << 20));
        assert_eq!(long.chars().count(), SHOWN + 1);
    }
}
