//! What the library knows of each file, for people.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use iceflix_media::MediaId;
use serde::{Deserialize, Serialize};

use super::{keeper::Keeper, known::Finding};

/// A file that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it lies. What is no Unicode in it is replaced.
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// The media id, where it is known.
    pub id: Option<String>,
    /// How it is with it.
    pub state: State,
}

/// How it is with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A film that is offered, with its index.
    Ready,
    /// A film that is offered; its index is made when it is played.
    Unindexed,
    /// It is being read, with this share of it done so far, in percent.
    Reading(u8),
    /// It waits to be read, or for whoever writes it to leave it alone.
    Waiting,
    /// It is not offered, for this reason.
    LeftOut(String),
}

impl Keeper {
    /// All files, by path.
    pub(super) fn list(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut add = |path: &Arc<Path>, size, id: Option<MediaId>, state| {
            entries.push(Entry {
                path: path.to_string_lossy().into_owned().into(),
                size,
                id: id.map(|id| id.to_string()),
                state,
            });
        };
        let films = self.shared.films();
        for (path, id, print) in films.all() {
            let state = match self.line.reading(path) {
                Some(percent) => State::Reading(percent),
                None if self.indexed.contains(&id) => State::Ready,
                None => State::Unindexed,
            };
            add(path, print.size, Some(id), state);
        }
        for (path, print) in self.line.all() {
            if films.at(path).is_none() {
                let state = self.line.reading(path);
                add(
                    path,
                    print.size,
                    None,
                    state.map_or(State::Waiting, State::Reading),
                );
            }
        }
        for (path, print) in self.state.waiting() {
            if films.at(path).is_none() {
                add(path, print.size, None, State::Waiting);
            }
        }
        for (path, print) in self.state.unreadable() {
            let reason = "it cannot be read: the log says why";
            add(path, print.size, None, State::LeftOut(reason.to_owned()));
        }
        for path in self.state.refused() {
            if let Some((print, Finding::Refused(reason))) = self.known.at(path) {
                add(path, print.size, None, State::LeftOut(reason.to_string()));
            }
        }
        drop(films);
        entries.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        entries.dedup_by(|one, other| one.path == other.path);
        entries
    }
}
