//! The streaming services that run on this machine, for this user.

use std::io::{self, Write as _};

use anyhow::bail;
use iceflix_service::settings::Settings;
use iceflix_streaming::control::{self, Answer, Question, Service};

/// How much of a service id names it among those of one machine.
pub(super) const SHORT_ID: usize = 8;

/// All of them, by their ids.
///
/// # Errors
///
/// Where there is none, or it cannot be found out.
pub(super) fn services(settings: &Settings) -> anyhow::Result<Vec<Service>> {
    let cache = settings.cache_dir()?;
    let services = control::services(&cache)?;
    if services.is_empty() {
        bail!(
            "no streaming service of this user runs here with the cache directory {}: `iceflix streaming DIRECTORY` \
             starts one, --IceFlix.CacheDir names another cache",
            cache.display()
        );
    }
    Ok(services)
}

/// What each of them answers, with the short form of its id. One that does not
/// answer is told of on standard error, and left out.
///
/// # Errors
///
/// Where none of them answers.
pub(super) fn ask_all(
    services: Vec<Service>,
    question: &Question,
) -> anyhow::Result<Vec<(String, Answer)>> {
    let mut answers = Vec::new();
    let mut failure = None;
    for service in services {
        let id = service.id.chars().take(SHORT_ID).collect();
        match control::ask(service, question) {
            Ok(answer) => answers.push((id, answer)),
            Err(error) => {
                eprintln!("{error}");
                failure = Some(error);
            }
        }
    }
    match failure {
        Some(error) if answers.is_empty() => Err(error.into()),
        _ => Ok(answers),
    }
}

/// Prints it, and says whether anybody still reads: whoever does so through a
/// pipe may stop when it has seen enough.
///
/// # Errors
///
/// Where standard output cannot be written otherwise.
pub(super) fn print(text: &str) -> anyhow::Result<bool> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}
