//! Players that log in: a token, typed into a login box, in place of a
//! controller's secret URL.
//!
//! Behind such a player there is a controller like any other, which nobody has
//! the proxy of: limits, grace, revocations and administrators find it. It
//! begins when the player logs in and ends with its connection.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use iceflix_media::MediaId;
use iceflix_rtsp::{Admission, Claim, Pass, Refusal, Renewal, Token};
use iceflix_service::token::{Checks, Verdict};
use tokio::sync::{mpsc, oneshot};
use tracing::info;

use super::{Controllers, Viewer, servant::Command};
use crate::library::{Library, Missing};

/// How many newer tokens wait to be looked at.
const RENEWALS: usize = 1;

/// Decides who may play `/media/<media id>`. It must be there before the RTSP
/// server, and what it decides by only comes later: until then nobody is let in.
#[derive(Clone, Default)]
pub(crate) struct Doorkeeper(Arc<OnceLock<Known>>);

/// What it decides by.
#[derive(Clone)]
struct Known {
    library: Arc<Library>,
    checks: Checks,
    controllers: Controllers,
}

impl Doorkeeper {
    /// Lets players in from now on.
    pub(crate) fn begin(&self, library: Arc<Library>, checks: Checks, controllers: Controllers) {
        let _only_once = self.0.set(Known {
            library,
            checks,
            controllers,
        });
    }
}

impl fmt::Debug for Doorkeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doorkeeper").finish_non_exhaustive()
    }
}

impl Admission for Doorkeeper {
    fn admit(&self, claim: Claim) -> Pin<Box<dyn Future<Output = Result<Pass, Refusal>> + Send>> {
        let known = self.0.get().cloned();
        Box::pin(async move {
            match known {
                Some(known) => known.admit(claim).await,
                None => Err(Refusal::Unavailable),
            }
        })
    }
}

impl Known {
    async fn admit(&self, claim: Claim) -> Result<Pass, Refusal> {
        let token = claim.token.as_str();
        checked(&self.checks, &claim.token).await?;
        let media: MediaId = claim.media.parse().map_err(|_| Refusal::Media)?;
        let (taken, user) = tokio::join!(self.library.take(media), self.checks.owner(token));
        let index = taken.map_err(|missing| {
            info!(%media, reason = %missing, "a player's login refused");
            match missing {
                Missing::Unknown => Refusal::Media,
                _ => Refusal::Unavailable,
            }
        })?;
        let viewer = Viewer {
            user,
            address: Some(claim.viewer.ip()),
        };
        let (commands, _) = self
            .controllers
            .begin(media, index, viewer, token.to_owned())
            .map_err(|_| Refusal::Full)?;
        let ending = Ending(commands.clone());
        let path = ask(&commands, Command::Path).await;
        let path = path.and_then(Result::ok).ok_or(Refusal::Unavailable)?;
        let (renewals, shown) = mpsc::channel(RENEWALS);
        self.controllers
            .spawn(attend(ending, shown, self.checks.clone()));
        Ok(Pass { path, renewals })
    }
}

/// Looks after an admitted player, until its connection is gone.
async fn attend(controller: Ending, mut shown: mpsc::Receiver<Renewal>, checks: Checks) {
    while let Some(Renewal { token, answer }) = shown.recv().await {
        let renewed = async {
            checked(&checks, &token).await?;
            let accept = |answer| Command::Accept(token.as_str().into(), answer);
            let accepted = ask(&controller.0, accept).await;
            accepted.ok_or(Refusal::Token)
        };
        // The player may have left meanwhile.
        let _ = answer.send(renewed.await);
    }
}

/// Ends a controller when nobody has a use for it any more.
struct Ending(mpsc::Sender<Command>);

impl Drop for Ending {
    fn drop(&mut self) {
        let commands = self.0.clone();
        let (answer, _nobody_waits) = oneshot::channel();
        // With a full queue it has other callers, and ends with its token.
        let _ = commands.try_send(Command::Stop(answer));
    }
}

async fn checked(checks: &Checks, token: &Token) -> Result<(), Refusal> {
    match checks.check(token.as_str()).await {
        Verdict::Valid => Ok(()),
        Verdict::Invalid => Err(Refusal::Token),
        Verdict::Unknown => Err(Refusal::Unavailable),
    }
}

/// Has a controller carry something out; `None` where it is gone.
async fn ask<R>(
    commands: &mpsc::Sender<Command>,
    command: impl FnOnce(oneshot::Sender<R>) -> Command,
) -> Option<R> {
    let (answer, answered) = oneshot::channel();
    commands.send(command(answer)).await.ok()?;
    answered.await.ok()
}
