//! From words to titles.

use futures_util::{StreamExt as _, stream};
use iceflix_slice::Media;

use crate::{Error, Viewer};

/// How many titles are asked for at the same time.
const AT_ONCE: usize = 16;

/// The shortest beginning of an id that names a title.
const SHORTEST_ID: usize = 6;

/// A title as it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its media id.
    pub id: String,
    /// What the catalogue says of it; `None` where no live server has it: the
    /// contract then tells nothing but that.
    pub media: Option<Media>,
}

/// Searches by name. Returns at most `limit` titles and how many there are.
///
/// # Errors
///
/// Where the catalogue cannot be asked.
pub async fn by_name(
    viewer: &Viewer,
    name: &str,
    exact: bool,
    limit: usize,
) -> Result<(Vec<Found>, usize), Error> {
    let ids = viewer.search(name, exact).await?;
    fetch(viewer, ids, limit).await
}

/// Searches by tags: all of them, or `any`. Returns at most `limit` titles and
/// how many there are.
///
/// # Errors
///
/// Where the catalogue cannot be asked.
pub async fn by_tags(
    viewer: &Viewer,
    tags: &[String],
    any: bool,
    limit: usize,
) -> Result<(Vec<Found>, usize), Error> {
    let ids = viewer.search_tags(tags, !any).await?;
    fetch(viewer, ids, limit).await
}

async fn fetch(
    viewer: &Viewer,
    ids: Vec<String>,
    limit: usize,
) -> Result<(Vec<Found>, usize), Error> {
    let count = ids.len();
    let mut found = Vec::new();
    let mut answers = stream::iter(ids.into_iter().take(limit))
        .map(|id| tile(viewer, id))
        .buffered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        found.extend(answer?);
    }
    Ok((found, count))
}

async fn tile(viewer: &Viewer, id: String) -> Result<Option<Found>, Error> {
    match viewer.tile(&id).await {
        Ok(media) => Ok(Some(Found {
            id,
            media: Some(media),
        })),
        Err(Error::Unavailable(_)) => Ok(Some(Found { id, media: None })),
        Err(Error::NoTitle(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The one id that a word names: an id, the beginning of one (six digits or
/// more), a whole name, or a part of one that no other title shares.
///
/// # Errors
///
/// [`Error::NoTitle`] where nothing fits, [`Error::Ambiguous`] where several do.
pub async fn one_id(viewer: &Viewer, word: &str) -> Result<String, Error> {
    let hexadecimal = word
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hexadecimal && word.len() == 64 {
        return Ok(word.to_owned());
    }
    if !word.is_empty() {
        for exact in [true, false] {
            match viewer.search(word, exact).await?.as_slice() {
                [] => {}
                [id] => return Ok(id.clone()),
                several => return Err(ambiguous(viewer, word, several).await),
            }
        }
    }
    if hexadecimal && word.len() >= SHORTEST_ID {
        let mut all = viewer.search("", false).await?;
        all.retain(|id| id.starts_with(word));
        match all.as_slice() {
            [] => {}
            [id] => return Ok(id.clone()),
            several => return Err(ambiguous(viewer, word, several).await),
        }
    }
    Err(Error::NoTitle(word.to_owned()))
}

/// The one title that a word names, see [`one_id`], with a live server.
///
/// # Errors
///
/// As [`one_id`], and [`Error::Unavailable`] where no live server has it.
pub async fn one(viewer: &Viewer, word: &str) -> Result<Media, Error> {
    let id = one_id(viewer, word).await?;
    let found = tile(viewer, id)
        .await?
        .ok_or_else(|| Error::NoTitle(word.to_owned()))?;
    found
        .media
        .ok_or_else(|| Error::Unavailable(word.to_owned()))
}

async fn ambiguous(viewer: &Viewer, word: &str, ids: &[String]) -> Error {
    const SHOWN: usize = 5;
    let mut names = Vec::new();
    for id in ids.iter().take(SHOWN) {
        names.push(match tile(viewer, id.clone()).await {
            Ok(Some(Found {
                media: Some(media), ..
            })) => format!("{} ({})", printable(&media.info.name), printable(short(id))),
            _ => printable(short(id)),
        });
    }
    if ids.len() > SHOWN {
        names.push(format!("{} more", ids.len() - SHOWN));
    }
    Error::Ambiguous {
        word: word.to_owned(),
        names,
    }
}

/// The beginning of an id, long enough to be typed instead of it.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Text from elsewhere as it may be written to a terminal: without control
/// characters, which could be commands to it.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|symbol| {
            if symbol.is_control() {
                '\u{fffd}'
            } else {
                symbol
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_never_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{7}"), "a\u{fffd}[2Jb\u{fffd}");
    }

    #[test]
    fn ids_of_any_shape_can_be_shortened() {
        assert_eq!(short("0123456789abcdef"), "0123456789ab");
        assert_eq!(short("short"), "short");
        assert_eq!(short("ééééééééé"), "éééééé");
        assert_eq!(short("aééééééééé"), "aééééééééé");
    }
}
