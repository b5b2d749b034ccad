//! A film on its way to this viewer.

use std::fmt;

use ice::Prx as _;
use iceflix_slice::{
    Media, RtspStreamControllerPrx, StreamControllerPrx,
    rtsp_stream_controller::GetUrlError,
    stream_controller::{GetSdpError, RefreshAuthenticationError},
};
use tokio::{sync::watch, task::JoinHandle};
use tracing::warn;
use zeroize::Zeroizing;

use crate::{Error, Session, Viewer};

/// A controller on a streaming server, handed every new token of the session.
/// Call [`Stream::stop`] when done; one that is only dropped ends when its
/// last token does. Its `Debug` shows no token.
pub struct Stream {
    controller: StreamControllerPrx,
    tokens: watch::Receiver<Zeroizing<String>>,
    renewal: JoinHandle<()>,
}

impl Stream {
    /// Asks a server of a title for a stream, as [`Viewer::stream`].
    ///
    /// # Errors
    ///
    /// Where the login is refused, or no server has the title any more.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn open(viewer: &Viewer, session: &Session, media: &Media) -> Result<Self, Error> {
        let controller = viewer.stream(media, &session.token()).await?;
        let renewal = tokio::spawn(hand_on(controller.clone(), session.tokens()));
        Ok(Self {
            controller,
            tokens: session.tokens(),
            renewal,
        })
    }

    /// The address of the stream for an RTSP player: a secret.
    ///
    /// # Errors
    ///
    /// [`Error::OnlyPush`] where the server knows no RTSP.
    pub async fn url(&self) -> Result<Zeroizing<String>, Error> {
        const DOING: &str = "get the stream's address";
        let cast = self
            .controller
            .checked_cast::<RtspStreamControllerPrx>()
            .await;
        let rtsp = cast.map_err(Error::call(DOING))?.ok_or(Error::OnlyPush)?;
        match rtsp.get_url(&self.token()).await {
            Ok(url) => Ok(Zeroizing::new(url)),
            Err(GetUrlError::Unauthorized(_)) => Err(Error::Unauthorized),
            Err(GetUrlError::Ice(source)) => Err(Error::Call {
                doing: DOING,
                reason: source,
            }),
        }
    }

    /// Has the server send the film to a UDP port of this machine, beginning
    /// now, and returns the SDP that describes it.
    ///
    /// # Errors
    ///
    /// Where the server refuses the port.
    pub async fn push(&self, port: u16) -> Result<String, Error> {
        match self
            .controller
            .get_sdp(&self.token(), i32::from(port))
            .await
        {
            Ok(sdp) => Ok(sdp),
            Err(GetSdpError::Unauthorized(_)) => Err(Error::Unauthorized),
            Err(GetSdpError::Ice(source)) => Err(Error::Call {
                doing: "have the film sent",
                reason: source,
            }),
        }
    }

    /// Returns when the server no longer has this stream, or the login is
    /// refused. May be cancelled.
    ///
    /// # Panics
    ///
    /// When it has returned before.
    pub async fn ended(&mut self) {
        // The task ends when the server refuses a token for this stream, or no longer knows it.
        let _ = (&mut self.renewal).await;
    }

    /// Stops the stream. That it has ended already is fine.
    pub async fn stop(self) {
        self.renewal.abort();
        if let Err(error) = self.controller.stop().await
            && !error.is_not_exist()
        {
            warn!(%error, "the stream could not be stopped: it ends with its token");
        }
    }

    fn token(&self) -> Zeroizing<String> {
        self.tokens.borrow().clone()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("controller", &self.controller)
            .finish_non_exhaustive()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

/// Gives every new token to the controller, until either ends.
async fn hand_on(controller: StreamControllerPrx, mut tokens: watch::Receiver<Zeroizing<String>>) {
    while tokens.changed().await.is_ok() {
        let token = tokens.borrow_and_update().clone();
        match controller.refresh_authentication(&token).await {
            Ok(()) => {}
            Err(RefreshAuthenticationError::Unauthorized(_)) => {
                warn!("the streaming server refuses the new token: the stream will end");
            }
            Err(RefreshAuthenticationError::Ice(error)) if error.is_not_exist() => return,
            Err(RefreshAuthenticationError::Ice(error)) => {
                warn!(%error, "the stream's token is not renewed yet")
            }
        }
    }
}
