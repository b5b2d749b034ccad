//! Searches: by name and by tags, without letter case.

use std::collections::{BTreeSet, HashSet};

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use crate::store::fold::fold;
use crate::store::tag::{MOST_TAGS, Tag};
use crate::store::title::LONGEST_NAME;
use crate::store::{Catalog, Error};

/// The most ids of one result. An id takes 65 bytes on the wire, and a client with default settings
/// receives 1 MiB at most (`Ice.MessageSizeMax`): 975,000 bytes leave room for what is around them.
pub const MOST_FOUND: usize = 15_000;

/// So many tags are looked for by one statement; databases bound the number of its parameters.
const TAGS_A_STATEMENT: usize = 500;

/// The longest term that can be a part of a name: folding makes three characters of one at most, of four
/// bytes each (Unicode Standard, section 5.18), and so does decomposing for nearly all.
const LONGEST_TERM: usize = LONGEST_NAME * 3 * 4;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Media ids, in the order of the titles' names without letter case, [`MOST_FOUND`] at most.
    pub ids: Vec<String>,
    /// There were more.
    pub cut: bool,
}

impl Catalog {
    /// The titles whose name is `term` (`exact`), or contains it. Letter case never matters. The empty term is
    /// a part of every name, and no title's name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn by_name(&self, term: &str, exact: bool) -> Result<Found, Error> {
        // No name has a control character, nor is it as long as that.
        if term.len() > LONGEST_TERM || term.contains(char::is_control) {
            return Ok(Found::default());
        }
        match (fold(term), exact) {
            (term, true) => self.named(&term).await,
            (term, false) if term.is_empty() => self.all().await,
            (term, false) => self.containing(&term).await,
        }
    }

    /// The titles that bear all of the tags, or any (`all` is false). No tags at all: every title bears all of
    /// them, and none bears any. White space around a tag, and letter case, do not matter.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn by_tags(&self, tags: &[String], all: bool) -> Result<Found, Error> {
        if tags.is_empty() {
            return if all {
                self.all().await
            } else {
                Ok(Found::default())
            };
        }
        let mut wanted = HashSet::new();
        for tag in tags {
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
        if !all {
            self.bearing_any(&wanted).await
        } else if wanted.len() > MOST_TAGS {
            Ok(Found::default())
        } else {
            self.bearing_all(&wanted).await
        }
    }

    async fn all(&self) -> Result<Found, Error> {
        self.search(
            "SELECT folded, id FROM titles ORDER BY folded, id LIMIT $1".into(),
            &[],
        )
        .await
        .map(found)
    }

    async fn named(&self, folded: &str) -> Result<Found, Error> {
        self.search(
            "SELECT folded, id FROM titles WHERE folded = $2 ORDER BY folded, id LIMIT $1".into(),
            &[folded.to_owned()],
        )
        .await
        .map(found)
    }

    /// The one place that looks for a part of a name; it reads every name.
    async fn containing(&self, folded: &str) -> Result<Found, Error> {
        let mut pattern = String::from("%");
        for letter in folded.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        self.search(
            "SELECT folded, id FROM titles WHERE folded LIKE $2 ESCAPE '\\' \
             ORDER BY folded, id LIMIT $1"
                .into(),
            &[pattern],
        )
        .await
        .map(found)
    }

    async fn bearing_all(&self, tags: &[String]) -> Result<Found, Error> {
        let statement = format!(
            "SELECT folded, id FROM titles WHERE number IN \
             (SELECT title FROM tags WHERE folded IN ({}) GROUP BY title HAVING count(*) = {}) \
             ORDER BY folded, id LIMIT $1",
            places(tags.len()),
            tags.len()
        );
        self.search(statement, tags).await.map(found)
    }

    async fn bearing_any(&self, tags: &[String]) -> Result<Found, Error> {
        let mut merged = BTreeSet::new();
        for tags in tags.chunks(TAGS_A_STATEMENT) {
            let statement = format!(
                "SELECT folded, id FROM titles WHERE number IN \
                 (SELECT title FROM tags WHERE folded IN ({})) \
                 ORDER BY folded, id LIMIT $1",
                places(tags.len())
            );
            merged.extend(self.search(statement, tags).await?);
            while merged.len() > MOST_FOUND + 1 {
                merged.pop_last();
            }
        }
        Ok(found(merged))
    }

    /// Runs a search: `$1` is the limit, one more than may be found, and the values follow.
    async fn search(
        &self,
        statement: String,
        values: &[String],
    ) -> Result<Vec<(String, String)>, Error> {
        let limit = i64::try_from(MOST_FOUND + 1).unwrap_or(i64::MAX);
        // Built from text of this file alone; what users entered is bound.
        let mut query = sqlx::query(AssertSqlSafe(statement)).bind(limit);
        for value in values {
            query = query.bind(value.clone());
        }
        let rows = query
            .fetch_all(self.database.read())
            .await
            .map_err(self.database.failed("searching"))?;
        let pair = |row: &AnyRow| (row.get("folded"), row.get("id"));
        Ok(rows.iter().map(pair).collect())
    }
}

/// `$2, $3, ...`: so many places for values.
fn places(count: usize) -> String {
    let places: Vec<_> = (2..count + 2).map(|place| format!("${place}")).collect();
    places.join(", ")
}

fn found(rows: impl IntoIterator<Item = (String, String)>) -> Found {
    let mut ids: Vec<_> = rows.into_iter().map(|(_, id)| id).collect();
    let cut = ids.len() > MOST_FOUND;
    ids.truncate(MOST_FOUND);
    Found { ids, cut }
}
