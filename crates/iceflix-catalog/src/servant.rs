//! What comes in by Ice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ice::Current;
use iceflix_service::log::{Seldom, causes};
use iceflix_service::token::{Checks, Verdict};
use iceflix_slice::media_catalog::{AddTagsError, GetTileError, RemoveTagsError, RenameTileError};
use iceflix_slice::{
    Media, MediaCatalog, MediaInfo, TemporaryUnavailable, Unauthorized, WrongMediaId,
};
use tokio::time::timeout_at;
use tracing::{error, warn};

use crate::shelf::Shelf;
use crate::standstill::Standstill;
use crate::store::title::{Id, Name};
use crate::store::{self, Found, MOST_FOUND, tag};

/// Who answers questions about titles, and changes them for those who are logged in.
#[derive(Debug)]
pub(crate) struct Librarian {
    shelf: Arc<Shelf>,
    checks: Checks,
    standstill: Arc<Standstill>,
    cut: Seldom,
    unchecked: Seldom,
    failing: Seldom,
    late: Seldom,
}

/// How long an edit may take, its token's check included: a little less than callers wait
/// (`Ice.Default.InvocationTimeout`).
const CARRIED_OUT_WITHIN: Duration = Duration::from_millis(1_300);

impl Librarian {
    pub(crate) fn new(shelf: Arc<Shelf>, checks: Checks, standstill: Arc<Standstill>) -> Self {
        Self {
            shelf,
            checks,
            standstill,
            cut: Seldom::new(),
            unchecked: Seldom::new(),
            failing: Seldom::new(),
            late: Seldom::new(),
        }
    }

    /// Carries out an edit that arrived at `arrived`, unless it would be too late: its caller has asked another catalogue since,
    /// and perhaps for something else after that, which must not be undone. An edit that is given up changes nothing.
    async fn in_time(
        &self,
        arrived: Instant,
        edit: impl Future<Output = Result<(), store::Error>>,
    ) -> Result<(), ice::Error> {
        if self.standstill.just_ended() {
            return Err(ice::Error::unknown(
                "the catalogue did not run for a while: try again",
            ));
        }
        match timeout_at((arrived + CARRIED_OUT_WITHIN).into(), edit).await {
            Ok(edited) => edited.map_err(|error| self.refusal(&error)),
            Err(_) => {
                if let Some(error) = self.shelf.catalog.absence() {
                    return Err(self.refusal(&error));
                }
                self.late.tell(|more| {
                    warn!(
                        more,
                        "an edit is given up: it could not be made within {CARRIED_OUT_WITHIN:?}"
                    );
                });
                Err(ice::Error::unknown(
                    "the catalogue could not make the edit in time: try again",
                ))
            }
        }
    }

    /// Before anything is done for a token: a token that nobody can check is no better than a wrong one.
    async fn authorize(&self, token: &str) -> Result<(), Unauthorized> {
        match self.checks.check(token).await {
            Verdict::Valid => Ok(()),
            Verdict::Invalid => Err(Unauthorized {}),
            Verdict::Unknown => {
                self.unchecked.tell(|more| {
                    warn!(
                        more,
                        "an edit is refused: no authentication service can be reached"
                    );
                });
                Err(Unauthorized {})
            }
        }
    }

    /// What a search found, as much of it as a message carries.
    fn result(&self, found: Result<Found, store::Error>) -> Result<Vec<String>, ice::Error> {
        let found = found.map_err(|error| self.refusal(&error))?;
        if found.cut {
            self.cut.tell(|more| {
                warn!(
                    more,
                    "a search found more than {MOST_FOUND} titles: the answer is cut"
                );
            });
        }
        Ok(found.ids.iter().map(Id::to_string).collect())
    }

    /// The contract has no error for these: the caller is told what was wrong with the request, or, where it is the
    /// database that failed, that it was not the caller's fault.
    fn refusal(&self, error: &store::Error) -> ice::Error {
        match error {
            store::Error::Name(_) | store::Error::Tag(_) | store::Error::Full => {
                ice::Error::unknown(error.to_string())
            }
            // Deleted by somebody between two looks.
            store::Error::Unknown { .. } => ice::Error::unknown(error.to_string()),
            _ => {
                let causes = causes(error);
                self.failing
                    .tell(|more| error!(error = causes, more, "a request failed"));
                ice::Error::unknown("the catalogue cannot use its database: its log says why")
            }
        }
    }

    /// The id of a title that exists.
    async fn known(&self, id: &str) -> Result<Result<Id, WrongMediaId>, ice::Error> {
        let Some(known) = Id::parse(id) else {
            return Ok(Err(WrongMediaId { id: id.to_owned() }));
        };
        match self.shelf.catalog.knows(&known).await {
            Ok(true) => Ok(Ok(known)),
            Ok(false) => Ok(Err(WrongMediaId { id: id.to_owned() })),
            Err(error) => Err(self.refusal(&error)),
        }
    }
}

impl MediaCatalog for Librarian {
    async fn get_tile(&self, id: String, _: &Current) -> Result<Media, GetTileError> {
        let Some(known) = Id::parse(&id) else {
            return Err(WrongMediaId { id }.into());
        };
        let title = self.shelf.catalog.get(&known).await;
        let Some(title) = title.map_err(|error| self.refusal(&error))? else {
            return Err(WrongMediaId { id }.into());
        };
        let Some(provider) = self.shelf.newest(&known).await else {
            return Err(TemporaryUnavailable {}.into());
        };
        Ok(Media {
            id,
            provider: Some(provider),
            info: MediaInfo {
                name: title.name,
                tags: title.tags,
            },
        })
    }

    async fn get_tiles_by_name(
        &self,
        name: String,
        exact: bool,
        _: &Current,
    ) -> Result<Vec<String>, ice::Error> {
        self.result(self.shelf.catalog.by_name(&name, exact).await)
    }

    async fn get_tiles_by_tags(
        &self,
        tags: Vec<String>,
        include_all_tags: bool,
        _: &Current,
    ) -> Result<Vec<String>, ice::Error> {
        self.result(self.shelf.catalog.by_tags(&tags, include_all_tags).await)
    }

    async fn rename_tile(
        &self,
        id: String,
        name: String,
        authentication: String,
        _: &Current,
    ) -> Result<(), RenameTileError> {
        let arrived = Instant::now();
        self.authorize(&authentication).await?;
        let id = self.known(&id).await??;
        let name = Name::parse(&name).map_err(|error| self.refusal(&error.into()))?;
        let edit = self.shelf.catalog.rename(&id, &name);
        Ok(self.in_time(arrived, edit).await?)
    }

    async fn add_tags(
        &self,
        id: String,
        tags: Vec<String>,
        authentication: String,
        _: &Current,
    ) -> Result<(), AddTagsError> {
        let arrived = Instant::now();
        self.authorize(&authentication).await?;
        let id = self.known(&id).await??;
        let tags = tag::parse_all(&tags).map_err(|error| self.refusal(&error.into()))?;
        let edit = self.shelf.catalog.add_tags(&id, &tags);
        Ok(self.in_time(arrived, edit).await?)
    }

    async fn remove_tags(
        &self,
        id: String,
        tags: Vec<String>,
        authentication: String,
        _: &Current,
    ) -> Result<(), RemoveTagsError> {
        let arrived = Instant::now();
        self.authorize(&authentication).await?;
        let id = self.known(&id).await??;
        let tags = tag::parse_all(&tags).map_err(|error| self.refusal(&error.into()))?;
        let edit = self.shelf.catalog.remove_tags(&id, &tags);
        Ok(self.in_time(arrived, edit).await?)
    }
}
