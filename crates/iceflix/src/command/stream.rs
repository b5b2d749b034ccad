//! `iceflix stream`: who watches what, and ending it.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use iceflix_service::settings::Settings;
use iceflix_streaming::{
    Report, WayOut,
    control::{self, Answer, Question},
};
use serde::Serialize;

use super::{age, columns::columns, local};
use crate::cli::Stream;

const HEAD: [&str; 6] = ["STREAM", "FILM", "USER", "FROM", "AGE", "STATE"];

/// A stream, as a script reads it.
#[derive(Serialize)]
struct Entry<'a> {
    /// What `kick` takes.
    stream: String,
    #[serde(flatten)]
    report: &'a Report,
}

/// Lists streams, or ends some. The exit status is that of a failure where one
/// that was to be ended was not there.
///
/// # Errors
///
/// Where no service answers, or a stream's name is none.
pub(super) fn run(settings: &Settings, action: Stream) -> anyhow::Result<ExitCode> {
    match action {
        Stream::List { json } => list(settings, json).map(|()| ExitCode::SUCCESS),
        Stream::Kick { streams } => kick(settings, &streams),
    }
}

fn list(settings: &Settings, json: bool) -> anyhow::Result<()> {
    let answers = local::ask_all(local::services(settings)?, &Question::Streams)?;
    let mut streams = Vec::new();
    for (service, answer) in answers {
        if let Answer::Streams(reports) = answer {
            let named = reports
                .into_iter()
                .map(|one| (name_of(&service, one.number), one));
            streams.extend(named);
        }
    }
    if json {
        let entries: Vec<_> = streams
            .iter()
            .map(|(stream, report)| Entry {
                stream: stream.clone(),
                report,
            })
            .collect();
        local::print(&(serde_json::to_string_pretty(&entries)? + "\n"))?;
        return Ok(());
    }
    let rows: Vec<_> = streams.iter().map(|(name, one)| cells(name, one)).collect();
    local::print(&columns(HEAD, &rows))?;
    Ok(())
}

fn cells(name: &str, report: &Report) -> [String; 6] {
    let unknown = || "?".to_owned();
    let way = match report.way {
        WayOut::Offered => "offered".to_owned(),
        WayOut::Rtsp { sessions: 0 } => "RTSP, nobody there".to_owned(),
        WayOut::Rtsp { sessions: 1 } => "RTSP".to_owned(),
        WayOut::Rtsp { sessions } => format!("RTSP, {sessions} players"),
        WayOut::Push => "push".to_owned(),
    };
    [
        name.to_owned(),
        report
            .name
            .clone()
            .unwrap_or_else(|| report.media.chars().take(12).collect()),
        report.user.clone().unwrap_or_else(unknown),
        report
            .address
            .map_or_else(unknown, |address| address.to_string()),
        age::told(Duration::from_secs(report.seconds)),
        if report.in_grace {
            format!("{way}, waits for a new token")
        } else {
            way
        },
    ]
}

fn kick(settings: &Settings, streams: &[String]) -> anyhow::Result<ExitCode> {
    let wanted = streams
        .iter()
        .map(|name| {
            parse(name).with_context(|| {
                format!("{name} is no name of a stream: `iceflix stream list` shows them")
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut code = ExitCode::SUCCESS;
    for (name, (service, number)) in streams.iter().zip(wanted) {
        // One connection carries one question.
        let mut services = local::services(settings)?;
        services.retain(|one| service.is_none_or(|prefix| one.id.starts_with(prefix)));
        let one = match (services.pop(), services.is_empty()) {
            (Some(one), true) => one,
            (None, _) => {
                eprintln!("{name}: no such service runs here");
                code = ExitCode::FAILURE;
                continue;
            }
            (Some(_), false) => bail!(
                "{name}: several services run here; name the stream as `iceflix stream list` does"
            ),
        };
        match control::ask(one, &Question::Kick(number))? {
            Answer::Kicked(true) => println!("{name} is over."),
            _ => {
                eprintln!("{name}: there is no such stream any more");
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn name_of(service: &str, number: u64) -> String {
    format!("{service}-{number}")
}

/// The service, where one is named, and the number.
fn parse(name: &str) -> Option<(Option<&str>, u64)> {
    match name.rsplit_once('-') {
        Some(("", _)) => None,
        Some((service, number)) => Some((Some(service), number.parse().ok()?)),
        None => Some((None, name.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_by_its_number_and_where_there_are_several_services_by_theirs() {
        assert_eq!(parse("12"), Some((None, 12)));
        assert_eq!(
            parse(&name_of("0e079b72", 12)),
            Some((Some("0e079b72"), 12))
        );
        for wrong in ["", "-1", "all", "0e079b72-", "0e079b72-x"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
