//! What the Ice runtime has to say goes to `tracing`, under the target `ice`; in a program that has set up nothing
//! to receive it, to standard error, as it does in Ice's other languages.

use std::io::Write as _;

use ice_sys::Level;

pub(crate) fn install() {
    ice_sys::set_sink(write);
}

fn write(level: Level, category: &str, message: &str) {
    let message = one_line(message);
    if !tracing::dispatcher::has_been_set() {
        return print(level, category, &message);
    }
    let category = (!category.is_empty()).then_some(category);
    match level {
        Level::Print => tracing::info!(target: "ice", category, "{message}"),
        Level::Trace => tracing::debug!(target: "ice", category, "{message}"),
        Level::Warning => tracing::warn!(target: "ice", category, "{message}"),
        Level::Error => tracing::error!(target: "ice", category, "{message}"),
    }
}

fn print(level: Level, category: &str, message: &str) {
    let what = match level {
        Level::Print => "ice",
        Level::Trace => "ice: trace",
        Level::Warning => "ice: warning",
        Level::Error => "ice: error",
    };
    let space = if category.is_empty() { "" } else { " " };
    // Nobody is left to be told of a standard error that is closed.
    let _ = writeln!(std::io::stderr(), "{what}{space}{category}: {message}");
}

/// The runtime breaks its messages into lines, and quotes what peers send: neither may break up a log.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for part in message
        .lines()
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        if !line.is_empty() {
            line.push_str(if line.ends_with(':') { " " } else { "; " });
        }
        line.extend(
            part.chars()
                .map(|c| if c.is_control() { '\u{fffd}' } else { c }),
        );
    }
    line
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_message_of_the_runtime_becomes_one_line_without_control_characters() {
        assert_eq!(
            one_line("dispatch exception:\n  reason = x\x1b[31m\n\n"),
            "dispatch exception: reason = x\u{fffd}[31m"
        );
    }
}
