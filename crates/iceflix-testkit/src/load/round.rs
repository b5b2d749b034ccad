//! One viewer, round after round.

use std::{fmt::Display, time::Instant};

use iceflix_client::{Error, Viewer, password};
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::{Config, Operation, What, edits::Edits};
use crate::platform::{PASSWORD, USER};

/// How many tags a title bears at the most: those from before are taken away.
const TAGS: usize = 8;

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

    /// Login, search, look up, rename, tag; says whether nothing failed.
    /// Without a token nothing is edited.
    pub(super) async fn make(&mut self) -> bool {
        let before = self.done.len();
        self.steps().await;
        let mut done = self.done[before..].iter();
        done.all(|operation| operation.failure.is_none())
    }

    async fn steps(&mut self) {
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
        let token = self.viewer.login(USER, &self.user_hash).await;
        let token = token.map(|token| token.as_str().to_owned());
        self.note(What::Login, begun, token).await
    }

    async fn search(&mut self, name: &str) {
        let begun = Instant::now();
        let found = self.viewer.search(name, false).await;
        let sure = self.edits.name_for_sure().is_some_and(|sure| sure == name);
        let found = match found {
            Ok(ids) if sure && !ids.contains(&self.edits.title) => Err(format!(
                "renamed to {name:?}, and not found under that name"
            )),
            found => found.map_err(|error| error.to_string()),
        };
        self.note(What::Search, begun, found).await;
    }

    async fn look_up(&mut self) {
        let begun = Instant::now();
        let media = self.viewer.tile(&self.edits.title).await;
        let media = match (media, self.edits.name_for_sure()) {
            (Ok(media), Some(name)) if media.info.name != name => Err(format!(
                "renamed to {name:?}, and shown as {:?}",
                media.info.name
            )),
            (media, _) => media.map_err(|error| error.to_string()),
        };
        self.note(What::Tile, begun, media).await;
    }

    async fn rename(&mut self, token: &str) {
        let begun = Instant::now();
        let name = self.name_of(self.number);
        let renamed = self.viewer.rename(&self.edits.title, &name, token).await;
        self.edits.renamed(name, renamed.is_ok());
        self.note(What::Rename, begun, renamed).await;
    }

    /// A tag more in each round, and one fewer once there are enough.
    async fn tag(&mut self, token: &str) {
        let begun = Instant::now();
        let tags = [format!("round {}", self.number)];
        let added = self.viewer.add_tags(&self.edits.title, &tags, token).await;
        let [tag] = tags;
        self.edits.tagged(tag, true, added.is_ok());
        self.note(What::AddTag, begun, added).await;

        let Some(old) = self.number.checked_sub(TAGS).filter(|old| *old > 0) else {
            return;
        };
        let begun = Instant::now();
        let tags = [format!("round {old}")];
        let title = &self.edits.title;
        let removed = self.viewer.remove_tags(title, &tags, token).await;
        let [tag] = tags;
        self.edits.tagged(tag, false, removed.is_ok());
        self.note(What::RemoveTag, begun, removed).await;
    }

    /// A stream from whoever has the title, stopped at once.
    async fn stream(&mut self, token: &str) {
        let begun = Instant::now();
        let streamed = self.stream_once(token).await;
        self.note(What::Stream, begun, streamed).await;
    }

    async fn stream_once(&self, token: &str) -> Result<(), Error> {
        let media = self.viewer.tile(&self.edits.title).await?;
        let controller = self.viewer.stream(&media, token).await?;
        // One whose server has died since ends by itself.
        let _ = controller.stop().await;
        Ok(())
    }

    async fn note<T>(
        &mut self,
        what: What,
        begun: Instant,
        result: Result<T, impl Display>,
    ) -> Option<T> {
        let (value, failure) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.to_string())),
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
