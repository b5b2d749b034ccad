//! `iceflix media`: what the services know of files, and what files are.

mod check;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use iceflix_service::settings::Settings;
use iceflix_streaming::{
    Entry, State,
    control::{Answer, Question},
};

use super::{columns::columns, local};
use crate::cli::Media;

const HEAD: [&str; 4] = ["ID", "SIZE", "STATE", "FILE"];

/// How much of an id is shown: what `iceflix client search` shows.
const SHORT_ID: usize = 12;

/// Lists, rescans or checks.
///
/// # Errors
///
/// Where no service answers that has to, or a path is not there.
pub(super) fn run(settings: &Settings, action: Media) -> anyhow::Result<ExitCode> {
    match action {
        Media::List { paths, json } => list(settings, &paths, json)?,
        Media::Reload => reload(settings)?,
        Media::Check { paths, json } => check::run(&paths, json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(settings: &Settings, below: &[PathBuf], json: bool) -> anyhow::Result<()> {
    let real = |path: &PathBuf| {
        fs::canonicalize(path).with_context(|| format!("cannot look at {}", path.display()))
    };
    let below = below.iter().map(real).collect::<anyhow::Result<Vec<_>>>()?;
    let wanted = |path: &Path| below.is_empty() || below.iter().any(|top| path.starts_with(top));
    let mut entries = Vec::new();
    for (_, answer) in local::ask_all(local::services(settings)?, &Question::Films)? {
        if let Answer::Films { files, silent } = answer {
            entries.extend(files.into_iter().filter(|file| wanted(&file.path)));
            for directory in silent {
                eprintln!(
                    "{directory}: it is being looked at, or its disk hangs: try again in a moment"
                );
            }
        }
    }
    if json {
        local::print(&(serde_json::to_string_pretty(&entries)? + "\n"))?;
        return Ok(());
    }
    let rows: Vec<_> = entries.iter().map(cells).collect();
    local::print(&columns(HEAD, &rows))?;
    Ok(())
}

fn cells(entry: &Entry) -> [String; 4] {
    let id = entry.id.as_deref().unwrap_or_default();
    let state = match &entry.state {
        State::Ready => "ready".to_owned(),
        State::Unindexed => "ready, index when played".to_owned(),
        State::Reading(percent) => format!("reading, {percent} %"),
        State::Waiting => "waiting".to_owned(),
        State::LeftOut(reason) => format!("left out: {reason}"),
    };
    [
        id.chars().take(SHORT_ID).collect(),
        bytes(entry.size),
        state,
        entry.path.display().to_string(),
    ]
}

fn reload(settings: &Settings) -> anyhow::Result<()> {
    for (service, answer) in local::ask_all(local::services(settings)?, &Question::Reload)? {
        if let Answer::Reloading(directories) = answer {
            println!("{service} looks again at {}", directories.join(", "));
        }
    }
    Ok(())
}

/// An amount of bytes for people: three digits, and a unit.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let mut amount = count as f64 / 1e3;
    let mut unit = 0;
    while amount >= 999.5 && unit + 1 < UNITS.len() {
        amount /= 1e3;
        unit += 1;
    }
    let digits = if amount < 9.95 { 1 } else { 0 };
    format!("{amount:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_or_three_digits() {
        let told = [0, 999, 1_000, 9_960, 123_456, 999_600, 4_200_000_000].map(bytes);
        assert_eq!(
            told,
            [
                "0 B", "999 B", "1.0 kB", "10 kB", "123 kB", "1.0 MB", "4.2 GB"
            ]
        );
    }
}
