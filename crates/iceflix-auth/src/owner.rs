//! Whose a token is, for services that bound what one user can have of them.

use std::sync::Arc;
use std::time::Duration;

use ice::Current;
use iceflix_slice::TokenOwner;
use tokio::time::timeout;
use tracing::error;

use crate::store::Store;

/// How long the database may take: whoever asks gives up after half a second.
const ANSWERED_WITHIN: Duration = Duration::from_millis(500);

/// The servant of the facet.
#[derive(Debug)]
pub(crate) struct Owners(pub(crate) Arc<Store>);

impl TokenOwner for Owners {
    async fn owner_of(&self, authentication: String, _: &Current) -> Result<String, ice::Error> {
        let owner = self.0.tokens().owner(&authentication);
        match timeout(ANSWERED_WITHIN, owner).await {
            Ok(Ok(owner)) => Ok(owner.as_deref().unwrap_or_default().to_owned()),
            Ok(Err(error)) => {
                error!(%error, "cannot tell whose a token is");
                Err(ice::Error::unknown("the database of tokens fails"))
            }
            Err(_) => Err(ice::Error::unknown("the database of tokens hangs")),
        }
    }
}
