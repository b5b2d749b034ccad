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
    controller::Controllers,
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
        _: &Current,
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
        let index = match Library::take(&self.library, media).await {
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
        Ok(Some(self.controllers.create(
            media,
            index,
            authentication,
        )?))
    }

    async fn is_available(&self, id: String, _: &Current) -> Result<bool, ice::Error> {
        let Ok(media) = id.parse::<MediaId>() else {
            return Ok(false);
        };
        Ok(Library::has(&self.library, media).await)
    }

    async fn reannounce_media(&self, _: &Current) -> Result<(), ice::Error> {
        debug!("asked to announce all films");
        self.announce.notify_one();
        Ok(())
    }
}
