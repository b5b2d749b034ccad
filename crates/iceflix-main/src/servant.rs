//! What a client asks first.

use ice::Current;
use iceflix_service::peers::Registry;
use iceflix_slice::{
    AuthenticatorPrx, Main, MediaCatalogPrx, TemporaryUnavailable,
    main::{GetAuthenticatorError, GetCatalogServiceError},
};

/// Hands out the live services, each in turn.
#[derive(Debug)]
pub(crate) struct Door {
    peers: Registry,
}

impl Door {
    pub(crate) fn new(peers: Registry) -> Self {
        Self { peers }
    }
}

impl Main for Door {
    async fn get_authenticator(
        &self,
        _: &Current,
    ) -> Result<Option<AuthenticatorPrx>, GetAuthenticatorError> {
        let next = self.peers.authenticators().next_in_turn();
        Ok(Some(next.ok_or(TemporaryUnavailable {})?.proxy))
    }

    async fn get_catalog_service(
        &self,
        _: &Current,
    ) -> Result<Option<MediaCatalogPrx>, GetCatalogServiceError> {
        let next = self.peers.catalogs().next_in_turn();
        Ok(Some(next.ok_or(TemporaryUnavailable {})?.proxy))
    }
}
