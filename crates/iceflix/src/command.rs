//! From the command line to the part of the platform that it names.

mod age;
mod columns;
mod files;
mod icestorm;
mod local;
mod media;
mod metrics;
mod properties;
mod service;
mod status;
mod stream;
mod up;
mod user;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;
use iceflix_service::settings::Settings;

use crate::{
    arguments::Arguments,
    cli::{Cli, Command},
    parent,
};

/// Runs the command that the arguments name, to its end.
///
/// # Errors
///
/// Whatever stopped it, said so that its user knows what to do.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<ExitCode> {
    parent::follow()?;
    let arguments = arguments
        .into_iter()
        .map(OsString::into_string)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|argument| {
            anyhow::anyhow!(
                "{}: every argument has to be valid UTF-8",
                argument.display()
            )
        })?;
    let Arguments { properties, words } = Arguments::sort(arguments);
    let cli = Cli::parse_from(words);
    let (settings, rest) = Settings::load(properties.clone())?;
    if let Some(argument) = rest.first() {
        anyhow::bail!("{argument} is no property: write it as --Name=value");
    }
    match cli.command {
        Command::Up { directories } => up::run(&settings, properties, directories)?,
        Command::Icestorm => icestorm::run(&settings, &properties)?,
        Command::Auth => service::run(&settings, iceflix_auth::run)?,
        Command::Main => service::run(&settings, iceflix_main::run)?,
        Command::Catalog => service::run(&settings, iceflix_catalog::run)?,
        Command::Streaming { directories } => service::run_streaming(&settings, directories)?,
        Command::Client(client) => return Ok(client.run(&settings)?),
        Command::Status {
            main_proxy,
            json,
            within,
        } => return status::run(&settings, &main_proxy, json, within),
        Command::User(action) => user::run(&settings, action)?,
        Command::Media(action) => return media::run(&settings, action),
        Command::Stream(action) => return stream::run(&settings, action),
        Command::Properties => properties::print()?,
        Command::Metrics => metrics::print()?,
    }
    Ok(ExitCode::SUCCESS)
}
