//! What clients and catalogues ask of a streaming server.

use std::sync::Arc;

use ice::Current;
use iceflix_media::MediaId;
use iceflix_service::{
    log::shown,
    token::{Checks, Verdict},
};
use iceflix_slice::{
    StreamControllerPrx, StreamProvider, Unauthorized, WrongMediaId,
    stream_provider::GetStreamError,
};
use tokio::sync::Notify;
use tracing::{debug, info};

use crate::{
    controller::{Controllers, Viewer},
    library::{Library, Missing},
};

/// The servant of the service.
pub(crate) struct Provider {
    pub(crate) library: Arc<Library>,
    pub(crate) checks: Checks,
    pub(crate) controllers: Controllers,
    /// Told when all films are to be announced.
    pub(crate) announce: Arc<Notify>,
}

impl StreamProvider for Provider {
    async fn get_stream(
        &self,
        id: String,
        authentication: String,
        current: &Current,
    ) -> Result<Option<StreamControllerPrx>, GetStreamError> {
        let verdict = self.checks.check(&authentication).await;
        if verdict != Verdict::Valid {
            info!(
                media = shown(&id),
                ?verdict,
                "getStream refused: the token is not known to be valid"
            );
            return Err(Unauthorized {}.into());
        }
        let Ok(media) = id.parse::<MediaId>() else {
            info!(media = shown(&id), "getStream refused: that is no media id");
            return Err(WrongMediaId { id }.into());
        };
        let (taken, user) =
            tokio::join!(self.library.take(media), self.checks.owner(&authentication));
        let index = match taken {
            Ok(index) => index,
            Err(Missing::Unknown) => {
                info!(%media, "getStream refused: there is no such film here");
                return Err(WrongMediaId { id }.into());
            }
            Err(missing) => {
                info!(%media, reason = %missing, "getStream refused");
                return Err(ice::Error::unknown(missing.to_string()).into());
            }
        };
        let address = current
            .remote_address()
            .map(|address| address.ip().to_canonical());
        let viewer = Viewer { user, address };
        let created = self
            .controllers
            .create(media, index, viewer, authentication);
        Ok(Some(created?))
    }

    async fn is_available(&self, id: String, _: &Current) -> Result<bool, ice::Error> {
        let Ok(media) = id.parse::<MediaId>() else {
            return Ok(false);
        };
        Ok(self.library.has(media).await)
    }

    async fn reannounce_media(&self, _: &Current) -> Result<(), ice::Error> {
        debug!("asked to announce all films");
        self.announce.notify_one();
        Ok(())
    }
}
