//! What a viewer asks for: each call goes on to another service by itself where
//! one is dead or hangs, as `iceflix_service::peers::round` has it.

use std::time::Duration;

use ice::{Group, Prx as _};
use iceflix_service::peers::{
    Failure, is_unreachable,
    round::{Patience, go_round, usual_worth},
};
use iceflix_slice::{
    AuthenticatorPrx, Media, MediaCatalogPrx, StreamControllerPrx,
    authenticator::RefreshAuthorizationError,
    media_catalog::{AddTagsError, GetTileError, RemoveTagsError, RenameTileError},
    stream_provider::GetStreamError,
};
use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

use super::{
    Viewer,
    door::{Named, Services, Trouble},
    known::Known,
};
use crate::Error;

/// How long one service may take for a login: it may slow guessing down.
const LOGIN_WITHIN: Duration = Duration::from_secs(10);

/// How long a catalogue may name a server that is gone: one that hangs is
/// noticed by its silence.
const NOTICED_WITHIN: Duration = Duration::from_secs(8);

/// How soon the catalogue is asked again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl Viewer {
    /// Logs in once: a new token. `user_hash` is what [`crate::password`] makes
    /// of a password. Takes up to 12 s. May be cancelled.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] where user or password is wrong; otherwise where
    /// nobody can be asked.
    pub async fn login(&self, user: &str, user_hash: &str) -> Result<Zeroizing<String>, Error> {
        let ask = |service: AuthenticatorPrx| async move {
            let patient = service.with_invocation_timeout(LOGIN_WITHIN);
            patient.refresh_authorization(user, user_hash).await
        };
        match self.ask(&self.authenticators, Patience::LOGIN, ask).await? {
            Ok(token) => Ok(Zeroizing::new(token)),
            Err(RefreshAuthorizationError::Unauthorized(_)) => Err(Error::Unauthorized),
            Err(RefreshAuthorizationError::Ice(source)) => Err(Error::Call {
                doing: "log in",
                reason: source,
            }),
        }
    }

    /// The ids of the titles with this name, or with this in their name. Takes
    /// up to 3 s. May be cancelled.
    ///
    /// # Errors
    ///
    /// Where no catalogue can be asked.
    pub async fn search(&self, name: &str, exact: bool) -> Result<Vec<String>, Error> {
        let ask =
            |catalog: MediaCatalogPrx| async move { catalog.get_tiles_by_name(name, exact).await };
        let answer = self.ask(&self.catalogs, Patience::READ, ask).await?;
        answer.map_err(Error::call("search"))
    }

    /// The ids of the titles with all of these tags, or with any of them. Takes
    /// up to 3 s. May be cancelled.
    ///
    /// # Errors
    ///
    /// Where no catalogue can be asked.
    pub async fn search_tags(&self, tags: &[String], all: bool) -> Result<Vec<String>, Error> {
        let ask =
            |catalog: MediaCatalogPrx| async move { catalog.get_tiles_by_tags(tags, all).await };
        let answer = self.ask(&self.catalogs, Patience::READ, ask).await?;
        answer.map_err(Error::call("search"))
    }

    /// What the catalogue says of a title. Takes up to 3 s. May be cancelled.
    ///
    /// # Errors
    ///
    /// [`Error::NoTitle`] where there is none with this id,
    /// [`Error::Unavailable`] where no live server has it; otherwise where no
    /// catalogue can be asked.
    pub async fn tile(&self, id: &str) -> Result<Media, Error> {
        let ask = |catalog: MediaCatalogPrx| async move { catalog.get_tile(id).await };
        let answer = self.ask(&self.catalogs, Patience::READ, ask).await?;
        answer.map_err(|error| match error {
            GetTileError::WrongMediaId(_) => Error::NoTitle(id.to_owned()),
            GetTileError::TemporaryUnavailable(_) => Error::Unavailable(id.to_owned()),
            GetTileError::Ice(source) => Error::Call {
                doing: "look a title up",
                reason: source,
            },
        })
    }

    /// Gives a title another name. Takes up to 5 s. May be cancelled: the title
    /// may have the name then.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] where the token is not valid, [`Error::NoTitle`]
    /// where there is no such title; otherwise where no catalogue can be asked.
    pub async fn rename(&self, id: &str, name: &str, token: &str) -> Result<(), Error> {
        let ask =
            |catalog: MediaCatalogPrx| async move { catalog.rename_tile(id, name, token).await };
        let answer = self.ask(&self.catalogs, Patience::EDIT, ask).await?;
        answer.map_err(|error| match error {
            RenameTileError::Unauthorized(_) => Error::Unauthorized,
            RenameTileError::WrongMediaId(_) => Error::NoTitle(id.to_owned()),
            RenameTileError::Ice(source) => Error::Call {
                doing: "rename the title",
                reason: source,
            },
        })
    }

    /// Adds tags to a title. As [`Viewer::rename`] otherwise.
    ///
    /// # Errors
    ///
    /// As [`Viewer::rename`].
    pub async fn add_tags(&self, id: &str, tags: &[String], token: &str) -> Result<(), Error> {
        let ask = |catalog: MediaCatalogPrx| async move { catalog.add_tags(id, tags, token).await };
        let answer = self.ask(&self.catalogs, Patience::EDIT, ask).await?;
        answer.map_err(|error| match error {
            AddTagsError::Unauthorized(_) => Error::Unauthorized,
            AddTagsError::WrongMediaId(_) => Error::NoTitle(id.to_owned()),
            AddTagsError::Ice(source) => Error::Call {
                doing: "change the tags",
                reason: source,
            },
        })
    }

    /// Removes tags from a title. As [`Viewer::rename`] otherwise.
    ///
    /// # Errors
    ///
    /// As [`Viewer::rename`].
    pub async fn remove_tags(&self, id: &str, tags: &[String], token: &str) -> Result<(), Error> {
        let ask =
            |catalog: MediaCatalogPrx| async move { catalog.remove_tags(id, tags, token).await };
        let answer = self.ask(&self.catalogs, Patience::EDIT, ask).await?;
        answer.map_err(|error| match error {
            RemoveTagsError::Unauthorized(_) => Error::Unauthorized,
            RemoveTagsError::WrongMediaId(_) => Error::NoTitle(id.to_owned()),
            RemoveTagsError::Ice(source) => Error::Call {
                doing: "change the tags",
                reason: source,
            },
        })
    }

    /// A stream of a title, from the server that the catalogue named; where
    /// that cannot be reached, from whichever it names then. Takes up to 10 s where
    /// servers hang. May be cancelled: a controller that nobody uses ends
    /// by itself.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] where the token is not valid,
    /// [`Error::Unavailable`] where no server has the title any more; otherwise
    /// where none can be asked.
    pub async fn stream(&self, media: &Media, token: &str) -> Result<StreamControllerPrx, Error> {
        let gone = || Error::Unavailable(media.info.name.clone());
        let mut asked = media.provider.clone().ok_or_else(gone)?;
        let noticed = Instant::now() + NOTICED_WITHIN;
        loop {
            let source = match asked.get_stream(&media.id, token).await {
                Ok(controller) => return controller.ok_or_else(gone),
                Err(GetStreamError::Unauthorized(_)) => return Err(Error::Unauthorized),
                Err(GetStreamError::WrongMediaId(_)) => return Err(gone()),
                Err(GetStreamError::Ice(source)) => source,
            };
            // The catalogue notices by itself that a server is gone, and names another then. One that hangs is not called
            // again before that; one that was killed may be back at the same place.
            let hangs = source.kind().group() == Group::Timeout;
            asked = loop {
                if !is_unreachable(&source) || Instant::now() >= noticed {
                    return Err(Error::Call {
                        doing: "get the stream",
                        reason: source,
                    });
                }
                sleep(LOOK_AGAIN).await;
                match self.tile(&media.id).await {
                    Ok(Media { provider, .. }) if hangs && provider.as_ref() == Some(&asked) => {}
                    Ok(Media { provider, .. }) => break provider.ok_or_else(gone)?,
                    Err(Error::NoTitle(_) | Error::Unavailable(_)) => return Err(gone()),
                    Err(error) => return Err(error),
                }
            };
        }
    }

    /// Goes round the services of a kind.
    async fn ask<P, R, E, F>(
        &self,
        known: &Known<P>,
        patience: Patience,
        call: impl Fn(P) -> F + Send,
    ) -> Result<Result<R, E>, Error>
    where
        P: Named,
        R: Send,
        E: Failure + Send,
        F: Future<Output = Result<R, E>> + Send,
    {
        let trouble = Trouble::default();
        let services = Services::new(self.door.clone(), known.clone(), trouble.clone());
        let answer = go_round(services, patience, usual_worth, call).await;
        answer.ok_or_else(|| trouble.into_error::<P>())
    }
}
