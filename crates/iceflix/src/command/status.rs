//! `iceflix status`: who is there, since when, and with what.

mod ask;
mod json;
mod model;
mod table;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use iceflix_service::{Shutdown, log, settings::Settings};

use self::model::Platform;

/// The exit status where Main answers and something else is not as it should
/// be. 1 is that of any command that fails, 2 that of a wrong command line.
const NOT_WELL: u8 = 3;

/// Asks the Mains of a proxy, and everybody whom they know, and prints what
/// they say. Says by the exit status whether all is well.
///
/// # Errors
///
/// Where the proxy is none, or no Main answers.
pub(super) fn run(
    settings: &Settings,
    main_proxy: &str,
    as_json: bool,
    within: Duration,
) -> anyhow::Result<ExitCode> {
    log::start(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let asked = runtime.block_on(async {
        let shutdown = Shutdown::on_signals()?;
        let asked = shutdown.unless_begun(ask::platform(settings, main_proxy, within));
        let asked = asked.await.transpose()?;
        anyhow::Ok(asked.ok_or_else(|| shutdown.exit_status()))
    })?;
    let platform = match asked {
        Ok(platform) => platform,
        Err(interrupted) => return Ok(ExitCode::from(interrupted)),
    };
    let text = if as_json {
        json::render(&platform)?
    } else {
        table::render(&platform, &table::Screen::of_stdout())
    };
    // Whoever reads this through a pipe may stop when it has seen enough.
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    Ok(exit(&platform))
}

fn exit(platform: &Platform) -> ExitCode {
    if platform.is_well() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_WELL)
    }
}
