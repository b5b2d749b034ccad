//! `iceflix auth|main|catalog|streaming`: this process becomes a service.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use iceflix_service::{
    Shutdown, log,
    settings::{Settings, property},
};

use super::files;

/// How long threads that are blocked may hold up the end.
const BLOCKED_WITHIN: Duration = Duration::from_millis(200);

/// Runs a service until SIGTERM or SIGINT.
///
/// # Errors
///
/// Whatever kept it from starting.
pub(super) fn run<F, E>(
    settings: &Settings,
    service: impl FnOnce(Settings, Shutdown) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    log::start(settings)?;
    files::as_many_as_allowed();
    // Two threads carry any service: what takes long has threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let shutdown = Shutdown::on_signals().context("cannot wait for signals")?;
        service(settings.clone(), shutdown)
            .await
            .map_err(anyhow::Error::from)
    });
    // What blocks a thread still, on a disk or a peer that hangs, is not waited for.
    runtime.shutdown_timeout(BLOCKED_WITHIN);
    ended
}

/// Runs a Streaming service, on the directories of the command line before
/// those of the property.
///
/// # Errors
///
/// As [`run`], and where neither names a directory.
pub(super) fn run_streaming(settings: &Settings, directories: Vec<PathBuf>) -> anyhow::Result<()> {
    let directories = match directories {
        none if none.is_empty() => settings.get(&property::FILM_DIRECTORY)?.0,
        given => given,
    };
    run(settings, |settings, shutdown| {
        iceflix_streaming::run(settings, directories, shutdown)
    })
}
