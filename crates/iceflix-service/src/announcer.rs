//! Saying that one is there: at first, again and again, to whoever is new, and
//! goodbye at the end.

use std::time::Duration;

use iceflix_slice::{
    AuthenticatorPrx, MediaCatalogPrx, ServiceAvailabilityPrx, ServiceDeparturesPrx,
    StreamProviderPrx,
};
use icestorm::{Publisher, State};
use tokio::{
    sync::{broadcast, watch},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tracing::{debug, warn};

use crate::{
    Shutdown,
    peers::{Change, Event},
};

/// Two announcements because of newcomers are at least this far apart: many
/// that come at once need no more than one.
const NEWCOMER_PAUSE: Duration = Duration::from_millis(50);

/// How long a goodbye may take: stopping goes before politeness.
const GOODBYE_WITHIN: Duration = Duration::from_millis(500);

/// What a service says of itself.
#[derive(Clone, Debug)]
pub enum Announcement {
    /// It issues tokens.
    Authenticator(AuthenticatorPrx),
    /// It lists titles.
    Catalog(MediaCatalogPrx),
    /// It has films.
    StreamProvider(StreamProviderPrx),
}

/// Says it, on the topics for it.
#[derive(Clone, Debug)]
pub(crate) struct Announcer {
    pub(crate) availability: Publisher<ServiceAvailabilityPrx>,
    pub(crate) departures: Publisher<ServiceDeparturesPrx>,
    pub(crate) id: String,
    pub(crate) announcement: Announcement,
    pub(crate) period: Duration,
}

impl Announcer {
    /// Announces until the shutdown begins, then says goodbye.
    pub(crate) async fn run(
        self,
        mut changes: broadcast::Receiver<Change>,
        mut broker: watch::Receiver<State>,
        shutdown: Shutdown,
    ) {
        let mut ticks = interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // A failure is told once, not at every interval.
        let mut failing = false;
        loop {
            tokio::select! {
                () = shutdown.begun() => break,
                _ = ticks.tick() => {}
                () = newcomer(&mut changes) => sleep(NEWCOMER_PAUSE).await,
                Ok(()) = broker.changed() => {}
            }
            // What arrived meanwhile is answered by the same announcement.
            changes = changes.resubscribe();
            // A broker that hangs does not hold up the goodbye.
            let Some(announced) = shutdown.unless_begun(self.announce()).await else {
                break;
            };
            match announced {
                Ok(()) => failing = false,
                Err(error) if failing => debug!(%error, "still not announced"),
                Err(error) => {
                    failing = true;
                    warn!(%error, "not announced: the broker cannot be reached; trying again at every interval");
                }
            }
        }
        let goodbye = self.departures.publish(|topic| {
            let id = self.id.clone();
            async move { topic.service_stopped(&id).await }
        });
        match timeout(GOODBYE_WITHIN, goodbye).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(%error, "no goodbye said"),
            Err(_) => debug!("no goodbye said: the broker does not answer"),
        }
    }

    async fn announce(&self) -> Result<(), icestorm::Error> {
        self.availability
            .publish(|topic| {
                let (id, announcement) = (self.id.clone(), self.announcement.clone());
                async move {
                    match announcement {
                        Announcement::Authenticator(proxy) => {
                            topic.authentication_service(Some(&proxy), &id).await
                        }
                        Announcement::Catalog(proxy) => {
                            topic.catalog_service(Some(&proxy), &id).await
                        }
                        Announcement::StreamProvider(proxy) => {
                            topic.media_service(Some(&proxy), &id).await
                        }
                    }
                }
            })
            .await
    }
}

/// Returns when a service has come that was not known.
async fn newcomer(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(change) if change.event == Event::Found => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
