//! Asking: the Mains whom they know, and those how they are; all at the same
//! time, and nobody for longer than was said.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, bail};
use futures_util::future::{join, join_all};
use ice::{Communicator, ErrorKind, ObjectPrx, Prx as _};
use iceflix_service::{settings::Settings, status::FACET};
use iceflix_slice::{KnownService, MainPrx, ServiceReport, ServiceStatusPrx};
use tokio::time::timeout;

use super::model::{Platform, Report, Service, State};

/// What the Main at one endpoint says.
enum Answer {
    /// How it is, and whom it knows.
    Ours(ServiceReport, Vec<KnownService>),
    /// It is of another make, and hands these out.
    Foreign(Vec<KnownService>),
    /// Something else lives there.
    NoMain,
    /// Nobody answers.
    Silent(ice::Error),
}

/// Finds out who is there. Takes little more than three times `within`: for the
/// Mains, for one of another make, and for those that they know.
///
/// # Errors
///
/// Where the proxy is none, or no Main answers.
pub(super) async fn platform(
    settings: &Settings,
    proxy: &str,
    within: Duration,
) -> anyhow::Result<Platform> {
    let communicator = Communicator::new(settings.properties().clone())?;
    let platform = found(&communicator, proxy, within).await;
    // Connections to who hangs are not waited for.
    let _ = timeout(within, communicator.destroy()).await;
    platform
}

async fn found(
    communicator: &Communicator,
    proxy: &str,
    within: Duration,
) -> anyhow::Result<Platform> {
    if proxy.contains("://") {
        // Not repeated: that of a database may hold a password.
        bail!("a URL is no proxy: write it as `iceflix main` prints it");
    }
    let object = communicator.string_to_proxy(proxy).with_context(|| {
        format!("\"{proxy}\" is no proxy: write it as `iceflix main` prints it")
    })?;
    let doors = doors(&object)?;
    let answers = join_all(doors.iter().map(|door| ask_main(door, within))).await;

    let mut platform = Platform {
        services: Vec::new(),
        complete: true,
    };
    let (mut known, mut answered, mut failure) = (Vec::new(), false, None);
    for (door, answer) in doors.iter().zip(answers) {
        match answer {
            Answer::Ours(report, others) => {
                answered = true;
                known.extend(others);
                // One Main may have several endpoints.
                if platform.services.iter().all(|one| one.id != report.id) {
                    platform.services.push(service_of(report, door, None));
                }
            }
            Answer::Foreign(others) => {
                answered = true;
                platform.complete = false;
                known.extend(others);
                platform.services.push(untold("main", door, State::Up));
            }
            Answer::NoMain => failure = None,
            Answer::Silent(error) => {
                failure = Some(error);
                platform
                    .services
                    .push(untold("main", door, State::NoAnswer));
            }
        }
    }
    match failure {
        _ if answered => {}
        None => bail!(
            "what answers at \"{proxy}\" is no Main: name the proxy that `iceflix main` printed"
        ),
        Some(error) => bail!(
            "no Main answers at \"{proxy}\": {error}. Is IceFlix running there? `iceflix up` starts it"
        ),
    }

    // What several Mains know is asked once. Those that a foreign Main hands out have no id yet.
    let mut seen = HashSet::new();
    known.retain(|one| one.id.is_empty() || seen.insert((one.kind.clone(), one.id.clone())));
    let asked = known.into_iter().map(|one| ask_service(one, within));
    for service in join_all(asked).await.into_iter().flatten() {
        let told = |other: &Service| {
            !service.id.is_empty() && other.id == service.id && other.kind == service.kind
        };
        if !platform.services.iter().any(told) {
            platform.services.push(service);
        }
    }
    platform.sort();
    Ok(platform)
}

/// A proxy for each endpoint, so that every Main is asked by itself.
fn doors(object: &ObjectPrx) -> anyhow::Result<Vec<ObjectPrx>> {
    let endpoints = object.endpoints();
    if endpoints.is_empty() {
        return Ok(vec![object.clone()]);
    }
    let alone = |endpoint: ice::Endpoint| Ok(object.with_endpoints(&endpoint.to_string())?);
    endpoints.into_iter().map(alone).collect()
}

async fn ask_main(door: &ObjectPrx, within: Duration) -> Answer {
    let status = status_of(door, within);
    let told = join(
        answer(status.get_report(), within),
        answer(status.get_services(), within),
    );
    match told.await {
        (Ok(report), Ok(services)) if report.kind == "main" => Answer::Ours(report, services),
        (Ok(_), Ok(_)) => Answer::NoMain,
        (Err(error), _) | (_, Err(error)) if is_foreign(&error) => {
            ask_foreign_main(door, within).await
        }
        (Err(error), _) | (_, Err(error)) => Answer::Silent(error),
    }
}

async fn ask_foreign_main(door: &ObjectPrx, within: Duration) -> Answer {
    let main = MainPrx::from_object(door.with_invocation_timeout(within));
    match answer(main.ice_is_a(MainPrx::TYPE_ID), within).await {
        Ok(true) => {}
        Ok(false) => return Answer::NoMain,
        Err(error) if error.is_not_exist() => return Answer::NoMain,
        Err(error) => return Answer::Silent(error),
    }
    // Whatever it answers: it answers.
    let handed_out = join(
        timeout(within, main.get_authenticator()),
        timeout(within, main.get_catalog_service()),
    );
    let (authenticator, catalog) = handed_out.await;
    let authenticator = authenticator.ok().and_then(Result::ok).flatten();
    let catalog = catalog.ok().and_then(Result::ok).flatten();
    let known = |kind: &str, service: ObjectPrx| KnownService {
        kind: kind.to_owned(),
        id: String::new(),
        service: Some(service),
        known: 0,
    };
    let authenticator = authenticator.map(|one| known("authentication", one.as_object().clone()));
    let catalog = catalog.map(|one| known("catalog", one.as_object().clone()));
    Answer::Foreign(authenticator.into_iter().chain(catalog).collect())
}

async fn ask_service(known: KnownService, within: Duration) -> Option<Service> {
    let proxy = known.service?;
    let status = status_of(&proxy, within);
    let told = answer(status.get_report(), within).await;
    let since = Duration::from_millis(u64::try_from(known.known).unwrap_or(0));
    // One that was handed out by a foreign Main has been known to nobody.
    let since = (!known.id.is_empty()).then_some(since);
    let untold = |state| Service {
        id: known.id.clone(),
        known: since,
        ..untold(&known.kind, &proxy, state)
    };
    Some(match told {
        Ok(report) if known.id.is_empty() || report.id == known.id => {
            service_of(report, &proxy, since)
        }
        // Another one has taken its place.
        Ok(_) => untold(State::NoAnswer),
        Err(error) if error.kind() == ErrorKind::ObjectNotExist => untold(State::NoAnswer),
        Err(error) if is_foreign(&error) => untold(State::Up),
        Err(_) => untold(State::NoAnswer),
    })
}

fn status_of(proxy: &ObjectPrx, within: Duration) -> ServiceStatusPrx {
    ServiceStatusPrx::from_object(proxy.with_facet(FACET)).with_invocation_timeout(within)
}

/// Connecting has a time-out of its own, which may be longer.
async fn answer<T>(
    asked: impl Future<Output = Result<T, ice::Error>>,
    within: Duration,
) -> Result<T, ice::Error> {
    let late = |_| ice::Error::new(ErrorKind::InvocationTimeout, "");
    timeout(within, asked)
        .await
        .map_err(late)
        .and_then(|told| told)
}

/// Whether this is what somebody says who is there and does not know the
/// question: a facet or an operation that is missing, or whatever a foreign
/// program makes of that.
fn is_foreign(error: &ice::Error) -> bool {
    !error.is_transport()
}

fn service_of(report: ServiceReport, proxy: &ObjectPrx, known: Option<Duration>) -> Service {
    let state = if report.ready {
        State::Up
    } else {
        State::NotReady
    };
    Service {
        kind: report.kind,
        id: report.id,
        proxy: short(proxy),
        state,
        known,
        report: Some(Report {
            version: report.version,
            pid: report.pid,
            age: Duration::from_millis(u64::try_from(report.age).unwrap_or(0)),
            problems: report.problems,
            holds: report
                .holds
                .into_iter()
                .map(|held| (held.what, held.count))
                .collect(),
        }),
    }
}

fn untold(kind: &str, proxy: &ObjectPrx, state: State) -> Service {
    Service {
        kind: kind.to_owned(),
        id: String::new(),
        proxy: short(proxy),
        state,
        known: None,
        report: None,
    }
}

/// A proxy as a user would write it: without what is so by default.
fn short(proxy: &ObjectPrx) -> String {
    let endpoints = proxy.endpoints();
    if endpoints.is_empty() {
        return proxy.to_string();
    }
    let endpoints = endpoints.iter().map(|endpoint| {
        let text = endpoint.to_string();
        text.strip_suffix(" -t 60000")
            .map_or(text.clone(), str::to_owned)
    });
    std::iter::once(proxy.identity().to_string())
        .chain(endpoints)
        .collect::<Vec<_>>()
        .join(":")
}
