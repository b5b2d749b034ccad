//! The same over Ice.

use ice::Current;
use iceflix_slice::{Holding, KnownService, ServiceReport, ServiceStatus};

use super::{BROKER, Status};

/// The servant of the facet.
#[derive(Debug)]
pub(crate) struct Teller(pub(crate) Status);

impl ServiceStatus for Teller {
    async fn get_report(&self, _: &Current) -> Result<ServiceReport, ice::Error> {
        let Self(status) = self;
        let look = status.look().await;
        let broker = (!status.subscribed()).then_some(BROKER);
        let failing = look.failing.iter().map(|(what, _)| *what);
        Ok(ServiceReport {
            kind: status.kind().to_owned(),
            id: status.0.id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id().cast_signed(),
            age: millis(status.0.started),
            ready: look.is_ready(),
            problems: broker
                .into_iter()
                .chain(failing)
                .map(str::to_owned)
                .collect(),
            holds: look
                .holds
                .iter()
                .map(|(what, count)| Holding {
                    what: (*what).to_owned(),
                    count: i64::try_from(*count).unwrap_or(i64::MAX),
                })
                .collect(),
        })
    }

    async fn get_services(&self, _: &Current) -> Result<Vec<KnownService>, ice::Error> {
        let known = self.0.0.peers.known();
        Ok(known
            .into_iter()
            .map(|one| KnownService {
                kind: one.kind.to_string(),
                id: one.id,
                service: Some(one.proxy),
                known: millis(one.since),
            })
            .collect())
    }
}

fn millis(since: std::time::Instant) -> i64 {
    i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)
}
