//! Counts what goes through the door.

use ice::Current;
use iceflix_service::metrics::{Counter, Metrics, list};
use iceflix_slice::{
    AuthenticatorPrx, Main, MediaCatalogPrx,
    main::{GetAuthenticatorError, GetCatalogServiceError},
};

/// A door with a count of whom it handed out.
#[derive(Debug)]
pub(crate) struct Counted<M> {
    door: M,
    authenticators: Referrals,
    catalogs: Referrals,
}

/// Services of one kind that were handed out, and were wanted in vain.
#[derive(Debug)]
struct Referrals {
    done: Counter,
    failed: Counter,
}

impl Referrals {
    fn new(metrics: &Metrics, kind: &str) -> Self {
        Self {
            done: metrics.with(&list::REFERRALS, kind),
            failed: metrics.with(&list::REFERRALS_FAILED, kind),
        }
    }

    fn count<T, E>(&self, answer: Result<T, E>) -> Result<T, E> {
        match &answer {
            Ok(_) => self.done.inc(),
            Err(_) => self.failed.inc(),
        };
        answer
    }
}

impl<M> Counted<M> {
    pub(crate) fn new(door: M, metrics: &Metrics) -> Self {
        Self {
            door,
            authenticators: Referrals::new(metrics, "authentication"),
            catalogs: Referrals::new(metrics, "catalog"),
        }
    }
}

impl<M: Main> Main for Counted<M> {
    async fn get_authenticator(
        &self,
        current: &Current,
    ) -> Result<Option<AuthenticatorPrx>, GetAuthenticatorError> {
        self.authenticators
            .count(self.door.get_authenticator(current).await)
    }

    async fn get_catalog_service(
        &self,
        current: &Current,
    ) -> Result<Option<MediaCatalogPrx>, GetCatalogServiceError> {
        self.catalogs
            .count(self.door.get_catalog_service(current).await)
    }
}
