//! Searches: by name and by tags, without letter case.

use std::collections::HashSet;

use crate::store::fold::fold;
use crate::store::index::Index;
use crate::store::tag::Tag;
use crate::store::title::{Id, LONGEST_NAME};
use crate::store::{Catalog, Error};

/// The most ids of one result. An id takes 65 bytes on the wire, and a client with default settings
/// receives 1 MiB at most (`Ice.MessageSizeMax`): 975,000 bytes leave room for what is around them.
pub const MOST_FOUND: usize = 15_000;

/// The longest term that can be a part of a name: folding makes three characters of one at most, of four
/// bytes each (Unicode Standard, section 5.18), and so does decomposing for nearly all.
const LONGEST_TERM: usize = LONGEST_NAME * 3 * 4;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// [`MOST_FOUND`] at most; all that there are stand in the order of the titles' names without letter case.
    pub ids: Vec<Id>,
    /// There were more: these are some of them, in no order.
    pub cut: bool,
}

/// How many tags are folded before others have their turn.
const TURN: usize = 64;

impl Catalog {
    /// The titles whose name is `term` (`exact`), or contains it. Letter case never matters. The empty term is
    /// a part of every name, and no title's name.
    ///
    /// # Errors
    ///
    /// Where the database fails, and has for half a minute.
    pub async fn by_name(&self, term: &str, exact: bool) -> Result<Found, Error> {
        // No name has a control character, nor is it as long as that.
        if term.len() > LONGEST_TERM || term.contains(char::is_control) {
            return Ok(Found::default());
        }
        let term = fold(term);
        self.mirror
            .ask(|index| match exact {
                true => index.named(&term),
                false if term.is_empty() => index.all(),
                false => index.containing(&term),
            })
            .await
    }

    /// The titles that bear all of the tags, or any (`all` is false). No tags at all: every title bears all of
    /// them, and none bears any. White space around a tag, and letter case, do not matter.
    ///
    /// # Errors
    ///
    /// Where the database fails, and has for half a minute.
    pub async fn by_tags(&self, tags: &[String], all: bool) -> Result<Found, Error> {
        if tags.is_empty() {
            return if all {
                self.mirror.ask(Index::all).await
            } else {
                Ok(Found::default())
            };
        }
        let mut wanted = HashSet::new();
        for (number, tag) in tags.iter().enumerate() {
            // Anybody may ask for a hundred thousand, and others are waiting.
            if number % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            match Tag::parse(tag) {
                Ok(Some(tag)) => {
                    wanted.insert(tag.folded().to_owned());
                }
                // What cannot be a tag is borne by no title.
                Ok(None) | Err(_) if all => return Ok(Found::default()),
                Ok(None) | Err(_) => {}
            }
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        let search = if all {
            Index::bearing_all
        } else {
            Index::bearing_any
        };
        self.mirror.ask(|index| search(index, &wanted)).await
    }
}
