//! The one program of IceFlix: every service, the client, and what an
//! administrator needs, each a subcommand.

mod arguments;
mod cli;
mod command;
mod parent;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run(std::env::args()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("iceflix: {error:#}");
            ExitCode::FAILURE
        }
    }
}
