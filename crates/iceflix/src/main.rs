//! The one program of IceFlix: every service, the client, and what an
//! administrator needs, each a subcommand.

mod arguments;
mod cli;
mod command;
mod parent;

use std::{process::ExitCode, time::Duration};

/// How long connections that nobody has closed may hold up the end.
const CLOSED_WITHIN: Duration = Duration::from_millis(700);

fn main() -> ExitCode {
    let code = match command::run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("iceflix: {}", told(&error));
            ExitCode::FAILURE
        }
    };
    ice::wait_for_dropped_communicators(CLOSED_WITHIN);
    code
}

/// An error with its causes, each said once: many tell their cause themselves.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        let error = anyhow::anyhow!("no such file")
            .context("cannot open films: no such file")
            .context("the service does not start");
        assert_eq!(
            told(&error),
            "the service does not start: cannot open films: no such file"
        );
    }
}
