//! One viewer, round after round.

use std::time::Instant;

use iceflix_client::{Viewer, password};
use iceflix_slice::{
    AuthenticatorPrx, MediaCatalogPrx,
    authenticator::RefreshAuthorizationError,
    media_catalog::{AddTagsError, GetTileError, RemoveTagsError, RenameTileError},
    stream_provider::GetStreamError,
};
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::{Config, Operation, What, edits::Edits};
use crate::platform::{PASSWORD, USER};

/// How many tags a title bears at the most: those from before are taken away.
const TAGS: usize = 8;

/// How many services are asked for one operation at the most.
const ATTEMPTS: usize = 3;

/// A viewer, what was done, and what comes next.
pub(super) struct Round {
    viewer: Viewer,
    user_hash: Zeroizing<String>,
    config: Config,
    begun: Instant,
    number: usize,
    edits: Edits,
    done: Vec<Operation>,
}

/// Why an attempt failed, and whether another service may do better.
struct Failure {
    text: String,
    elsewhere: bool,
}

impl Round {
    pub(super) fn new(viewer: Viewer, title: String, config: Config, begun: Instant) -> Self {
        Self {
            viewer,
            user_hash: password::hash(PASSWORD),
            config,
            begun,
            number: 0,
            edits: Edits::new(title),
            done: Vec::new(),
        }
    }

    /// What was done in all rounds, and what must be seen of it.
    pub(super) async fn end(self) -> (Vec<Operation>, Edits) {
        self.viewer.close().await;
        (self.done, self.edits)
    }

    /// Login, search, look up, rename, tag. Without a token nothing is edited.
    pub(super) async fn make(&mut self) {
        self.number += 1;
        let token = self.login().await;
        let name = self.name_of(self.number - 1);
        self.search(&name).await;
        self.look_up().await;
        let Some(token) = token else { return };
        self.rename(&token).await;
        self.tag(&token).await;
        if self.config.streams {
            self.stream(&token).await;
        }
    }

    fn name_of(&self, round: usize) -> String {
        format!("Title {} after round {round}", &self.edits.title[..12])
    }

    async fn login(&mut self) -> Option<String> {
        let begun = Instant::now();
        let hash = self.user_hash.clone();
        let token = self
            .authenticator(async |service| {
                service
                    .refresh_authorization(USER, &hash)
                    .await
                    .map_err(|error| match error {
                        RefreshAuthorizationError::Ice(error) => error.into(),
                        error => Failure::here(error),
                    })
            })
            .await;
        self.note(What::Login, begun, token).await
    }

    async fn search(&mut self, name: &str) {
        let begun = Instant::now();
        let found = self
            .catalog(async |catalog| Ok(catalog.get_tiles_by_name(name, false).await?))
            .await;
        self.note(What::Search, begun, found).await;
    }

    async fn look_up(&mut self) {
        let begun = Instant::now();
        let media = self.media().await.map(drop);
        self.note(What::Tile, begun, media).await;
    }

    async fn media(&self) -> Result<iceflix_slice::Media, String> {
        self.catalog(async |catalog| {
            catalog
                .get_tile(&self.edits.title)
                .await
                .map_err(|error| match error {
                    GetTileError::Ice(error) => error.into(),
                    error => Failure::here(error),
                })
        })
        .await
    }

    async fn rename(&mut self, token: &str) {
        let begun = Instant::now();
        let name = self.name_of(self.number);
        let renamed = self
            .catalog(async |catalog| {
                catalog
                    .rename_tile(&self.edits.title, &name, token)
                    .await
                    .map_err(|error| match error {
                        RenameTileError::Ice(error) => error.into(),
                        error => Failure::here(error),
                    })
            })
            .await;
        self.edits.renamed(name, renamed.is_ok());
        self.note(What::Rename, begun, renamed).await;
    }

    /// A tag more in each round, and one fewer once there are enough.
    async fn tag(&mut self, token: &str) {
        let begun = Instant::now();
        let tag = format!("round {}", self.number);
        let added = self
            .catalog(async |catalog| {
                let tags = [tag.clone()];
                catalog
                    .add_tags(&self.edits.title, &tags, token)
                    .await
                    .map_err(|error| match error {
                        AddTagsError::Ice(error) => error.into(),
                        error => Failure::here(error),
                    })
            })
            .await;
        self.edits.tagged(tag, true, added.is_ok());
        self.note(What::AddTag, begun, added).await;

        let Some(old) = self.number.checked_sub(TAGS).filter(|old| *old > 0) else {
            return;
        };
        let begun = Instant::now();
        let tag = format!("round {old}");
        let removed = self
            .catalog(async |catalog| {
                let tags = [tag.clone()];
                catalog
                    .remove_tags(&self.edits.title, &tags, token)
                    .await
                    .map_err(|error| match error {
                        RemoveTagsError::Ice(error) => error.into(),
                        error => Failure::here(error),
                    })
            })
            .await;
        self.edits.tagged(tag, false, removed.is_ok());
        self.note(What::RemoveTag, begun, removed).await;
    }

    /// A stream from whoever has the title; where that one is gone, from
    /// whoever the catalogue names then.
    async fn stream(&mut self, token: &str) {
        let begun = Instant::now();
        let mut attempt = 0;
        let stopped = loop {
            attempt += 1;
            match self.stream_once(token).await {
                Err(failure) if failure.elsewhere && attempt < ATTEMPTS => {}
                result => break result.map_err(|failure| failure.text),
            }
        };
        self.note(What::Stream, begun, stopped).await;
    }

    async fn stream_once(&self, token: &str) -> Result<(), Failure> {
        let media = self.media().await.map_err(Failure::here)?;
        let provider = media.provider.ok_or_else(|| Failure::here("no provider"))?;
        let controller = provider
            .get_stream(&media.id, token)
            .await
            .map_err(|error| match error {
                GetStreamError::Ice(error) => error.into(),
                error => Failure::here(error),
            })?
            .ok_or_else(|| Failure::here("no controller"))?;
        Ok(controller.stop().await?)
    }

    async fn authenticator<T>(
        &self,
        call: impl AsyncFn(AuthenticatorPrx) -> Result<T, Failure>,
    ) -> Result<T, String> {
        go_round(async || call(self.viewer.authenticator().await?).await).await
    }

    async fn catalog<T>(
        &self,
        call: impl AsyncFn(MediaCatalogPrx) -> Result<T, Failure>,
    ) -> Result<T, String> {
        go_round(async || call(self.viewer.catalog().await?).await).await
    }

    async fn note<T>(
        &mut self,
        what: What,
        begun: Instant,
        result: Result<T, String>,
    ) -> Option<T> {
        let (value, failure) = match result {
            Ok(value) => (Some(value), None),
            Err(text) => (None, Some(text)),
        };
        self.done.push(Operation {
            what,
            begun: begun.duration_since(self.begun),
            took: begun.elapsed(),
            failure,
        });
        sleep(self.config.pause).await;
        value
    }
}

/// As any client would: where one service cannot be reached, Main is asked
/// for another.
async fn go_round<T>(attempt: impl AsyncFn() -> Result<T, Failure>) -> Result<T, String> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt().await {
            Err(failure) if failure.elsewhere && attempts < ATTEMPTS => {}
            result => return result.map_err(|failure| failure.text),
        }
    }
}

impl Failure {
    /// One that is the same everywhere.
    fn here(error: impl std::fmt::Display) -> Self {
        Self {
            text: error.to_string(),
            elsewhere: false,
        }
    }
}

impl From<ice::Error> for Failure {
    fn from(error: ice::Error) -> Self {
        Self {
            elsewhere: error.is_transport(),
            text: error.to_string(),
        }
    }
}

impl From<iceflix_client::Error> for Failure {
    fn from(error: iceflix_client::Error) -> Self {
        let elsewhere = match &error {
            iceflix_client::Error::Call { source, .. } => source.is_transport(),
            _ => false,
        };
        Self {
            text: error.to_string(),
            elsewhere,
        }
    }
}
