//! What a client asks first.

use std::time::Duration;

use ice::{Current, Prx};
use iceflix_service::peers::{Candidates, Registry};
use iceflix_slice::{
    AuthenticatorPrx, Main, MediaCatalogPrx, TemporaryUnavailable,
    main::{GetAuthenticatorError, GetCatalogServiceError},
};
use tokio::time::{Instant, timeout_at};

/// How long a client waits at the most for a service to be found. Ours give
/// Main 1.5 s before they go on to another one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hands out the live services, each in turn.
#[derive(Debug)]
pub(crate) struct Door {
    peers: Registry,
    /// When every service that lives has announced itself: who knows nobody
    /// before that has only not heard of them yet.
    complete: Instant,
}

impl Door {
    /// One that opens now. `interval` is how often services announce
    /// themselves.
    pub(crate) fn new(peers: Registry, interval: Duration) -> Self {
        Self {
            peers,
            complete: Instant::now() + interval,
        }
    }

    async fn next<P: Prx + PartialEq>(
        &self,
        candidates: &Candidates<P>,
    ) -> Result<P, TemporaryUnavailable> {
        let newcomer = candidates.newcomer();
        if let Some(next) = candidates.next_in_turn() {
            return Ok(next.proxy);
        }
        let until = self.complete.min(Instant::now() + PATIENCE);
        // Whether one came or not is seen in the table.
        let _ = timeout_at(until, newcomer).await;
        let next = candidates.next_in_turn();
        Ok(next.ok_or(TemporaryUnavailable {})?.proxy)
    }
}

impl Main for Door {
    async fn get_authenticator(
        &self,
        _: &Current,
    ) -> Result<Option<AuthenticatorPrx>, GetAuthenticatorError> {
        Ok(Some(self.next(self.peers.authenticators()).await?))
    }

    async fn get_catalog_service(
        &self,
        _: &Current,
    ) -> Result<Option<MediaCatalogPrx>, GetCatalogServiceError> {
        Ok(Some(self.next(self.peers.catalogs()).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused_after(door: &Door) -> Duration {
        let begun = Instant::now();
        let next = door.next(door.peers.catalogs()).await;
        assert!(next.is_err());
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_refused_before_everybody_had_the_time_to_announce_itself() {
        let interval = Duration::from_millis(1500);
        let door = Door::new(Registry::new("own id"), interval);
        let first = refused_after(&door).await;
        assert!(first >= PATIENCE, "{first:?}");
        let second = refused_after(&door).await;
        assert!(
            second >= interval - PATIENCE && second < PATIENCE,
            "{second:?}"
        );
        assert!(refused_after(&door).await < Duration::from_millis(10));
    }
}
