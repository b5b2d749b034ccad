//! For programs. The names are promised: some may be added, none changes.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use super::model::{Platform, Service};

#[derive(Serialize)]
struct Told<'a> {
    well: bool,
    complete: bool,
    missing: Vec<&'static str>,
    services: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    kind: &'a str,
    /// `null` where nobody knows it.
    id: Option<&'a str>,
    proxy: &'a str,
    state: &'static str,
    age_seconds: Option<f64>,
    known_seconds: Option<f64>,
    version: Option<&'a str>,
    pid: Option<i32>,
    problems: &'a [String],
    holds: Option<BTreeMap<&'a str, i64>>,
}

/// One object, on several lines, with one line break at its end.
pub(super) fn render(platform: &Platform) -> serde_json::Result<String> {
    let told = Told {
        well: platform.is_well(),
        complete: platform.complete,
        missing: platform.missing(),
        services: platform.services.iter().map(one).collect(),
    };
    Ok(serde_json::to_string_pretty(&told)? + "\n")
}

fn one(service: &Service) -> One<'_> {
    let report = service.report.as_ref();
    One {
        kind: &service.kind,
        id: (!service.id.is_empty()).then_some(&service.id),
        proxy: &service.proxy,
        state: service.state.name(),
        age_seconds: report.map(|report| seconds(report.age)),
        known_seconds: service.known.map(seconds),
        version: report.map(|report| report.version.as_str()),
        pid: report.map(|report| report.pid),
        problems: report.map_or(&[], |report| &report.problems),
        holds: report.map(|report| {
            let holds = report.holds.iter();
            holds.map(|(what, count)| (what.as_str(), *count)).collect()
        }),
    }
}

/// With three digits, which is what is known.
fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1000.0
}
