//! What a viewer can ask of a controller.

use std::{net::IpAddr, sync::Arc};

use ice::Current;
use iceflix_service::token::{Checks, Verdict};
use iceflix_slice::{
    RtspStreamController, StreamController, Unauthorized,
    rtsp_stream_controller::GetUrlError,
    stream_controller::{GetSdpError, RefreshAuthenticationError},
};
use tokio::sync::{mpsc, oneshot};
use tracing::info;

use super::report::Report;

/// What a controller is told. Whoever drops an answer says that the controller
/// is gone.
#[derive(Debug)]
pub(crate) enum Command {
    /// This valid token authorises from now on.
    Accept(Arc<str>, oneshot::Sender<()>),
    /// Push the film there.
    Push {
        to: IpAddr,
        port: u16,
        answer: oneshot::Sender<Result<String, ice::Error>>,
    },
    /// The URL for a viewer at this address.
    Url {
        viewer: Option<IpAddr>,
        answer: oneshot::Sender<Result<String, ice::Error>>,
    },
    /// The path of that URL, which the viewer is not told.
    Path(oneshot::Sender<Result<String, ice::Error>>),
    /// The name of the topic.
    Topic(oneshot::Sender<String>),
    /// What there is to be said of the stream.
    Report(oneshot::Sender<Report>),
    /// End.
    Stop(oneshot::Sender<()>),
    /// End, because an administrator wants it.
    Kick(oneshot::Sender<()>),
    /// A token is not valid any more.
    Revoked(Arc<str>),
    /// Tokens may have been revoked without a word.
    Doubt,
}

/// The servant of one controller: checks tokens, and hands the rest on.
#[derive(Debug)]
pub(crate) struct Servant {
    pub(crate) stream: u64,
    pub(crate) checks: Checks,
    pub(crate) commands: mpsc::Sender<Command>,
}

impl Servant {
    /// Checks a token, and has it authorise the stream.
    async fn authorise<E>(&self, token: String) -> Result<(), E>
    where
        E: From<Unauthorized> + From<ice::Error>,
    {
        match self.checks.check(&token).await {
            Verdict::Valid => {}
            Verdict::Invalid => {
                info!(stream = self.stream, "refused: the token is not valid");
                return Err(Unauthorized {}.into());
            }
            Verdict::Unknown => {
                info!(
                    stream = self.stream,
                    "refused: no authentication service can be reached to check the token"
                );
                return Err(Unauthorized {}.into());
            }
        }
        Ok(self
            .ask(|answer| Command::Accept(token.into(), answer))
            .await?)
    }

    /// Has the controller carry something out.
    async fn ask<R>(
        &self,
        command: impl FnOnce(oneshot::Sender<R>) -> Command,
    ) -> Result<R, ice::Error> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| ice::Error::object_not_exist();
        self.commands.send(command(answer)).await.map_err(gone)?;
        answered.await.map_err(|_| ice::Error::object_not_exist())
    }
}

impl StreamController for Servant {
    async fn get_sdp(
        &self,
        authentication: String,
        port: i32,
        current: &Current,
    ) -> Result<String, GetSdpError> {
        self.authorise::<GetSdpError>(authentication).await?;
        let port = match u16::try_from(port) {
            Ok(port) if port > 0 => port,
            _ => {
                return Err(refusal(
                    self.stream,
                    format!("{port} is no port: a number from 1 to 65535 is wanted"),
                )
                .into());
            }
        };
        let Some(caller) = current.remote_address() else {
            return Err(refusal(
                self.stream,
                "your address cannot be told, so there is nowhere to send to",
            )
            .into());
        };
        let to = caller.ip().to_canonical();
        Ok(self
            .ask(|answer| Command::Push { to, port, answer })
            .await??)
    }

    async fn get_sync_topic(&self, _: &Current) -> Result<String, ice::Error> {
        self.ask(Command::Topic).await
    }

    async fn refresh_authentication(
        &self,
        authentication: String,
        _: &Current,
    ) -> Result<(), RefreshAuthenticationError> {
        self.authorise(authentication).await
    }

    async fn stop(&self, _: &Current) -> Result<(), ice::Error> {
        self.ask(Command::Stop).await
    }
}

impl RtspStreamController for Servant {
    async fn get_url(
        &self,
        authentication: String,
        current: &Current,
    ) -> Result<String, GetUrlError> {
        self.authorise::<GetUrlError>(authentication).await?;
        let viewer = current
            .remote_address()
            .map(|viewer| viewer.ip().to_canonical());
        Ok(self.ask(|answer| Command::Url { viewer, answer }).await??)
    }
}

/// What the contract has no error for: the reason goes to the caller, and to
/// the log.
pub(crate) fn refusal(stream: u64, reason: impl Into<String>) -> ice::Error {
    let reason = reason.into();
    info!(stream, %reason, "refused");
    ice::Error::unknown(reason)
}
