//! `iceflix up`: the whole platform on this machine, from nothing.

mod children;
mod first_start;
mod plan;
mod welcome;

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use iceflix_service::{
    Shutdown,
    settings::{Settings, property},
};

use self::children::{Child, Part};
use super::icestorm;

/// Prepares what is missing, starts every part in order, says what to type
/// next, keeps the parts alive, and on Ctrl-C stops them, the broker last.
///
/// # Errors
///
/// Where something cannot be prepared, or a part does not start.
pub(super) fn run(
    settings: &Settings,
    properties: Vec<String>,
    directories: Vec<PathBuf>,
) -> anyhow::Result<()> {
    // Before films are made, which takes long: another `up` may run already.
    icestorm::check_ports(settings)?;
    let data = settings.data_dir()?;
    let metrics = settings.find(&property::METRICS_ENDPOINT)?;
    let directories = match directories {
        none if none.is_empty() => vec![first_start::films(&data)?],
        given => first_start::check(given)?,
    };
    // On this thread, which lives as long as the process: the parts end with it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let shutdown = Shutdown::on_signals().context("cannot wait for signals")?;
        let logs = data.join("log");
        fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;

        let Some(children) = shutdown
            .unless_begun(start(
                plan::parts(&properties, &directories, metrics),
                &logs,
            ))
            .await
        else {
            return Ok(());
        };
        let children = children?;
        // Not before everything runs: the password is shown once, and by what follows.
        let first_user = first_start::user(settings).await?;
        welcome::print(settings, &children, &logs, first_user.as_ref());

        let mut keepers = Vec::new();
        for child in children {
            let (logs, stop) = (logs.clone(), Shutdown::new());
            let stopping = stop.clone();
            let keeper = tokio::spawn(async move { child.keep(&logs, &stopping).await });
            keepers.push((stop, keeper));
        }
        shutdown.begun().await;
        eprintln!("stopping");
        // The broker was first: it goes last, and hears the goodbyes of the others.
        let services = keepers.split_off(1);
        for together in [services, keepers] {
            together.iter().for_each(|(stop, _)| stop.begin());
            for (_, keeper) in together {
                let _ = keeper.await;
            }
        }
        Ok(())
    })
}

/// The broker first, then Main, so that it hears the very first announcement
/// of the others, then those.
async fn start(parts: Vec<Part>, logs: &std::path::Path) -> anyhow::Result<Vec<Child>> {
    let mut children = Vec::new();
    for part in parts {
        children::keep_one_older_log(&part, logs)?;
        children.push(Child::start(part, logs).await?);
    }
    Ok(children)
}
