//! The servants that hear who comes and goes.

use std::{sync::Arc, time::Duration};

use ice::Current;
use iceflix_slice::{
    AuthenticatorPrx, MediaCatalogPrx, ServiceAvailability, ServiceDepartures, StreamProviderPrx,
};
use tokio::sync::broadcast;

use super::{
    candidates::{Candidates, Known},
    change::{Change, Kind},
};

/// How many changes a slow listener may lag behind before it has to look at
/// the tables themselves.
const CHANGES_KEPT: usize = 1024;

/// Every live service that this process knows of. Clones share it. It is also
/// the servant for `ServiceAvailability`.
#[derive(Clone, Debug)]
pub struct Registry(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    authenticators: Candidates<AuthenticatorPrx>,
    catalogs: Candidates<MediaCatalogPrx>,
    providers: Candidates<StreamProviderPrx>,
    changes: broadcast::Sender<Change>,
}

impl Registry {
    /// One that knows of nobody yet. `own_id` is this process's own service id.
    pub fn new(own_id: &str) -> Self {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        Self(Arc::new(Shared {
            authenticators: Candidates::new(Kind::Authenticator, own_id, changes.clone()),
            catalogs: Candidates::new(Kind::Catalog, own_id, changes.clone()),
            providers: Candidates::new(Kind::StreamProvider, own_id, changes.clone()),
            changes,
        }))
    }

    /// The Authentication services.
    pub fn authenticators(&self) -> &Candidates<AuthenticatorPrx> {
        &self.0.authenticators
    }

    /// The Catalogue services.
    pub fn catalogs(&self) -> &Candidates<MediaCatalogPrx> {
        &self.0.catalogs
    }

    /// The Streaming services.
    pub fn providers(&self) -> &Candidates<StreamProviderPrx> {
        &self.0.providers
    }

    /// All live services, kind by kind, in order of arrival.
    pub fn known(&self) -> Vec<Known> {
        let mut known = self.0.authenticators.known();
        known.extend(self.0.catalogs.known());
        known.extend(self.0.providers.known());
        known
    }

    /// Every change from now on. A listener that lags too far is told so, and
    /// can look at the candidates themselves.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// Asks whoever has been silent for `silence`, and strikes off who does
    /// not answer.
    pub async fn sweep(&self, silence: Duration) {
        tokio::join!(
            self.0.authenticators.sweep(silence),
            self.0.catalogs.sweep(silence),
            self.0.providers.sweep(silence),
        );
    }
}

impl ServiceAvailability for Registry {
    async fn catalog_service(
        &self,
        service: Option<MediaCatalogPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.0.catalogs.announced(id, service);
        Ok(())
    }

    async fn authentication_service(
        &self,
        service: Option<AuthenticatorPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.0.authenticators.announced(id, service);
        Ok(())
    }

    async fn media_service(
        &self,
        service: Option<StreamProviderPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        self.0.providers.announced(id, service);
        Ok(())
    }
}

/// The servant for `ServiceDepartures`.
#[derive(Clone, Debug)]
pub struct Departures(pub Registry);

impl ServiceDepartures for Departures {
    async fn service_stopped(&self, id: String, _: &Current) -> Result<(), ice::Error> {
        let Shared {
            authenticators,
            catalogs,
            providers,
            ..
        } = &*self.0.0;
        authenticators.departed(&id);
        catalogs.departed(&id);
        providers.departed(&id);
        Ok(())
    }
}
