//! A title as it stands in a row.

use std::collections::HashSet;

use crate::store::tag::{BadTag, MOST_TAGS, Tag};
use crate::store::title::{Id, Name};

/// The id, the name and the tags of a row; `None` where another program wrote something into it that is none.
pub(super) fn title<'a>(
    id: &[u8],
    name: &'a [u8],
    tags: &'a [u8],
) -> Option<(Id, &'a str, &'a str)> {
    let id = Id::parse(str::from_utf8(id).ok()?)?;
    let name = str::from_utf8(name).ok()?;
    Name::check(name).ok()?;
    Some((id, name, str::from_utf8(tags).ok()?))
}

/// The tags of a row: one a line.
pub(super) fn tags(column: &str) -> impl Iterator<Item = &str> {
    column.split('\n').filter(|tag| !tag.is_empty())
}

/// The tags of a row with these behind those that are there; `None` where all are there.
///
/// # Errors
///
/// [`BadTag::TooMany`] where they would be more than a title can bear.
pub(super) fn with(column: &str, new: &[Tag]) -> Result<Option<String>, BadTag> {
    let mut borne = parsed(column);
    let before = borne.len();
    let mut seen: HashSet<String> = borne.iter().map(|tag| tag.folded().to_owned()).collect();
    let new = new.iter();
    borne.extend(
        new.filter(|tag| seen.insert(tag.folded().to_owned()))
            .cloned(),
    );
    if borne.len() == before {
        return Ok(None);
    }
    if borne.len() > MOST_TAGS {
        return Err(BadTag::TooMany);
    }
    Ok(Some(column_of(&borne)))
}

/// The tags of a row without these; `None` where none of them is there.
pub(super) fn without(column: &str, old: &[Tag]) -> Option<String> {
    let mut borne = parsed(column);
    let before = borne.len();
    let old: HashSet<&str> = old.iter().map(Tag::folded).collect();
    borne.retain(|tag| !old.contains(tag.folded()));
    (borne.len() < before).then(|| column_of(&borne))
}

fn parsed(column: &str) -> Vec<Tag> {
    let tags = tags(column).filter_map(|text| Tag::parse(text).ok()?);
    tags.collect()
}

fn column_of(tags: &[Tag]) -> String {
    let lines: Vec<_> = tags.iter().map(Tag::as_str).collect();
    lines.join("\n")
}
