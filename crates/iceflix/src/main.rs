//! The one program of IceFlix: every service, the client, and what an
//! administrator needs, each a subcommand.

mod arguments;
mod cli;
mod command;
mod parent;

use std::{process::ExitCode, time::Duration};

use iceflix_service::log::causes;

/// How long connections that nobody has closed may hold up the end.
const CLOSED_WITHIN: Duration = Duration::from_millis(700);

fn main() -> ExitCode {
    let code = match command::run(std::env::args_os()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("iceflix: {}", causes(error.as_ref()));
            ExitCode::FAILURE
        }
    };
    ice::wait_for_dropped_communicators(CLOSED_WITHIN);
    code
}
