//! The broker dies and comes back.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ice::Current;
use iceflix_slice::{
    AuthenticatorPrx, MediaCatalogPrx, ServiceAvailability, ServiceAvailabilityServant,
    StreamProviderPrx,
};
use iceflix_testkit::{
    peer::{Peer, until},
    twins::{Kind, Twins},
};

use crate::{
    ICEFLIX,
    figures::{milliseconds, progress, row},
};

/// How long the broker is away.
const AWAY: Duration = Duration::from_secs(2);

/// Who announced itself when, first and last.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<HashMap<String, Instant>>>);

impl Heard {
    fn note(&self, id: String) {
        self.lock().entry(id).or_insert_with(Instant::now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServiceAvailability for Heard {
    async fn catalog_service(
        &self,
        _: Option<MediaCatalogPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.note(id);
        Ok(())
    }

    async fn authentication_service(
        &self,
        _: Option<AuthenticatorPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.note(id);
        Ok(())
    }

    async fn media_service(
        &self,
        _: Option<StreamProviderPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.note(id);
        Ok(())
    }
}

pub(crate) fn measure() {
    progress("the broker is killed and started again");
    // The usual interval: what is measured must not hang on a short one.
    let mut twins = Twins::start(ICEFLIX, &["--IceFlix.Announce.Interval=2s".to_owned()]);
    let ids: Vec<String> = twins
        .services
        .iter()
        .filter(|twin| twin.kind != Kind::Main)
        .map(|twin| twin.service.id())
        .collect();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut peer = Peer::join(&twins.platform);
        let heard = Heard::default();
        peer.listen(
            "ServiceAvailability",
            ServiceAvailabilityServant::new(heard.clone()),
        )
        .await;
        twins.platform.broker.kill();
        tokio::time::sleep(AWAY).await;
        heard.lock().clear();
        let started = Instant::now();
        twins.platform.broker.restart();
        let ready = started.elapsed();
        let announced = until("all announcements", async || {
            let heard = heard.lock();
            let times: Option<Vec<Instant>> = ids.iter().map(|id| heard.get(id).copied()).collect();
            times?.into_iter().max()
        })
        .await;

        // A newcomer that announces itself until all have found it: then all are subscribed again.
        let newcomer = peer.provider("newcomer", &[]);
        let found = until("the newcomer", async || {
            // It fails as long as the broker is not there.
            let _ = peer.announce("newcomer", &newcomer).await;
            let all = twins.services.iter().all(|twin| {
                let log = twin.service.process.log();
                log.lines()
                    .any(|line| line.contains("service found") && line.contains("newcomer"))
            });
            all.then(Instant::now)
        })
        .await;
        row(
            "broker started again until it is ready itself",
            milliseconds(ready),
            "",
        );
        let since = |time: Instant| milliseconds(time.saturating_duration_since(started));
        row(
            "    until all six services have announced themselves",
            since(announced),
            "5000 ms",
        );
        row(
            "    until all eight have heard a newcomer",
            since(found),
            "5000 ms",
        );
        peer.communicator.destroy().await;
    });
}
