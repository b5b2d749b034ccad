//! `iceflix icestorm`: this process becomes an icebox with the broker in it.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::DirBuilderExt as _, process::CommandExt as _},
    path::PathBuf,
    process::Command,
};

use anyhow::{Context as _, bail};
use iceflix_service::settings::Settings;

/// What the broker needs to be told, unless the user says otherwise. The file
/// `config/icestorm.conf` says the same, with the reasons.
const DEFAULTS: &[(&str, &str)] = &[
    (
        "IceBox.Service.IceStorm",
        "IceStormService,37:createIceStorm",
    ),
    ("IceBox.InheritProperties", "1"),
    ("IceBox.PrintServicesReady", "IceStorm"),
    ("IceStorm.InstanceName", "IceStorm"),
    (
        "IceStorm.TopicManager.Endpoints",
        "tcp -h 127.0.0.1 -p 10000",
    ),
    ("IceStorm.Publish.Endpoints", "tcp -h 127.0.0.1 -p 10001"),
];

/// Replaces this process by the broker.
///
/// # Errors
///
/// Where its directory cannot be made, one of its ports is taken, or there is
/// no icebox on this machine. Does not return otherwise.
pub(super) fn run(settings: &Settings, properties: &[String]) -> anyhow::Result<()> {
    check_ports(settings)?;
    let state = match settings.ice("IceStorm.LMDB.Path", "") {
        path if path.is_empty() => settings.data_dir()?.join("icestorm"),
        path => PathBuf::from(path),
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&state)
        .with_context(|| format!("cannot make the broker's directory {}", state.display()))?;

    let mut icebox = Command::new("icebox");
    icebox.arg(format!("--IceStorm.LMDB.Path={}", state.display()));
    for (name, default) in DEFAULTS {
        icebox.arg(format!("--{name}={}", settings.ice(name, default)));
    }
    // What is meant for the others is not understood by icebox, which then does not start.
    let for_ice =
        |property: &&String| property.starts_with("--Ice") && !property.starts_with("--IceFlix.");
    icebox.args(properties.iter().filter(for_ice));
    let error = icebox.exec();
    Err(error)
        .context("cannot start icebox: install the packages zeroc-icebox and libzeroc-icestorm3.7")
}

/// Sees that the ports of the broker are free.
///
/// # Errors
///
/// Where one is taken.
pub(super) fn check_ports(settings: &Settings) -> anyhow::Result<()> {
    let adapters = DEFAULTS
        .iter()
        .filter(|(name, _)| name.ends_with(".Endpoints"));
    for (adapter, default) in adapters {
        check_free(adapter, &settings.ice(adapter, default))?;
    }
    Ok(())
}

/// Icebox reports a taken port in a page of C++; this says it in a line.
fn check_free(adapter: &str, endpoints: &str) -> anyhow::Result<()> {
    for endpoint in endpoints.split(':') {
        let words: Vec<&str> = endpoint.split_whitespace().collect();
        let option = |name| {
            words
                .iter()
                .position(|word| *word == name)
                .and_then(|at| words.get(at + 1))
        };
        let (Some(host), Some(port)) = (option("-h"), option("-p")) else {
            continue;
        };
        let Ok(port) = port.parse::<u16>() else {
            continue;
        };
        if let Err(error) = TcpListener::bind((*host, port)) {
            bail!(
                "the broker cannot listen at {host}, port {port} ({adapter}): {error}. \
                 Is a broker running already? Otherwise choose another port with --{adapter}=..."
            );
        }
    }
    Ok(())
}
