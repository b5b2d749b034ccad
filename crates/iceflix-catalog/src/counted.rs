//! Counts what is asked of the catalogue, and what it hears.

use std::time::Instant;

use ice::Current;
use iceflix_service::metrics::{Counter, Histogram, Metrics, list};
use iceflix_slice::media_catalog::{AddTagsError, GetTileError, RemoveTagsError, RenameTileError};
use iceflix_slice::{Media, MediaCatalog, MediaRemovals, StreamAnnounces};

/// A catalogue with a count of what was asked of it.
pub(crate) struct Counted<C> {
    catalog: C,
    by_name: Searches,
    by_tags: Searches,
    tiles: Tiles,
    edits: Edits,
}

struct Searches {
    count: Counter,
    seconds: Histogram,
}

struct Tiles {
    found: Counter,
    unavailable: Counter,
    unknown: Counter,
    failed: Counter,
}

struct Edits {
    done: Counter,
    unauthorized: Counter,
    refused: Counter,
}

impl<C> Counted<C> {
    pub(crate) fn new(catalog: C, metrics: &Metrics) -> Self {
        let searches = |kind| Searches {
            count: metrics.with(&list::SEARCHES, kind),
            seconds: metrics.with(&list::SEARCH_SECONDS, kind),
        };
        let tiles = |answer| metrics.with(&list::TILES, answer);
        let edits = |answer| metrics.with(&list::EDITS, answer);
        Self {
            catalog,
            by_name: searches("name"),
            by_tags: searches("tags"),
            tiles: Tiles {
                found: tiles("found"),
                unavailable: tiles("unavailable"),
                unknown: tiles("unknown"),
                failed: tiles("failed"),
            },
            edits: Edits {
                done: edits("done"),
                unauthorized: edits("unauthorized"),
                refused: edits("refused"),
            },
        }
    }
}

impl Searches {
    async fn count<T>(&self, search: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let found = search.await;
        self.count.inc();
        self.seconds.observe(begun.elapsed().as_secs_f64());
        found
    }
}

impl Edits {
    fn count<E>(
        &self,
        answer: Result<(), E>,
        unauthorized: impl FnOnce(&E) -> bool,
    ) -> Result<(), E> {
        match &answer {
            Ok(()) => self.done.inc(),
            Err(error) if unauthorized(error) => self.unauthorized.inc(),
            Err(_) => self.refused.inc(),
        };
        answer
    }
}

impl<C: MediaCatalog> MediaCatalog for Counted<C> {
    async fn get_tile(&self, id: String, current: &Current) -> Result<Media, GetTileError> {
        let answer = self.catalog.get_tile(id, current).await;
        match &answer {
            Ok(_) => self.tiles.found.inc(),
            Err(GetTileError::TemporaryUnavailable(_)) => self.tiles.unavailable.inc(),
            Err(GetTileError::WrongMediaId(_)) => self.tiles.unknown.inc(),
            Err(_) => self.tiles.failed.inc(),
        };
        answer
    }

    async fn get_tiles_by_name(
        &self,
        name: String,
        exact: bool,
        current: &Current,
    ) -> Result<Vec<String>, ice::Error> {
        let search = self.catalog.get_tiles_by_name(name, exact, current);
        self.by_name.count(search).await
    }

    async fn get_tiles_by_tags(
        &self,
        tags: Vec<String>,
        include_all_tags: bool,
        current: &Current,
    ) -> Result<Vec<String>, ice::Error> {
        let search = self
            .catalog
            .get_tiles_by_tags(tags, include_all_tags, current);
        self.by_tags.count(search).await
    }

    async fn rename_tile(
        &self,
        id: String,
        name: String,
        authentication: String,
        current: &Current,
    ) -> Result<(), RenameTileError> {
        let edit = self.catalog.rename_tile(id, name, authentication, current);
        let refused = |error: &_| matches!(error, RenameTileError::Unauthorized(_));
        self.edits.count(edit.await, refused)
    }

    async fn add_tags(
        &self,
        id: String,
        tags: Vec<String>,
        authentication: String,
        current: &Current,
    ) -> Result<(), AddTagsError> {
        let edit = self.catalog.add_tags(id, tags, authentication, current);
        let refused = |error: &_| matches!(error, AddTagsError::Unauthorized(_));
        self.edits.count(edit.await, refused)
    }

    async fn remove_tags(
        &self,
        id: String,
        tags: Vec<String>,
        authentication: String,
        current: &Current,
    ) -> Result<(), RemoveTagsError> {
        let edit = self.catalog.remove_tags(id, tags, authentication, current);
        let refused = |error: &_| matches!(error, RemoveTagsError::Unauthorized(_));
        self.edits.count(edit.await, refused)
    }
}

/// Ears with a count of what they heard.
pub(crate) struct Ears<H> {
    heard: H,
    new: Counter,
    removed: Counter,
}

impl<H> Ears<H> {
    pub(crate) fn new(heard: H, metrics: &Metrics) -> Self {
        Self {
            heard,
            new: metrics.with(&list::MEDIA_HEARD, "new"),
            removed: metrics.with(&list::MEDIA_HEARD, "removed"),
        }
    }
}

impl<H: StreamAnnounces> StreamAnnounces for Ears<H> {
    async fn new_media(
        &self,
        id: String,
        initial_name: String,
        provider_id: String,
        current: &Current,
    ) -> Result<(), ice::Error> {
        self.new.inc();
        self.heard
            .new_media(id, initial_name, provider_id, current)
            .await
    }
}

impl<H: MediaRemovals> MediaRemovals for Ears<H> {
    async fn removed_media(
        &self,
        id: String,
        provider_id: String,
        current: &Current,
    ) -> Result<(), ice::Error> {
        self.removed.inc();
        self.heard.removed_media(id, provider_id, current).await
    }
}
