//! Titles as lines of text.

use std::io::{self, Write as _};

use iceflix_slice::Media;

use crate::find::{Found, printable, short};

/// Writes a table of titles, and how many more there are.
pub(super) fn print((found, count): (Vec<Found>, usize)) {
    say(&table(&found, count));
}

/// Writes all that is known of one title.
pub(super) fn show(media: &Media) {
    let mut lines = vec![
        format!("name    {}", printable(&media.info.name)),
        format!("id      {}", printable(&media.id)),
        format!("tags    {}", tags(media)),
    ];
    lines.extend(
        media
            .provider
            .as_ref()
            .map(|provider| format!("server  {provider}")),
    );
    say(&lines);
}

fn table(found: &[Found], count: usize) -> Vec<String> {
    if found.is_empty() {
        return vec!["Nothing found.".to_owned()];
    }
    let name_of = |found: &Found| {
        found.media.as_ref().map_or_else(
            || "(not available now)".to_owned(),
            |media| printable(&media.info.name),
        )
    };
    let width = found
        .iter()
        .map(|found| name_of(found).chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    let row = |id: &str, name: &str, tags: &str| {
        let row = format!("{id:12}  {name:width$}  {tags}");
        row.trim_end().to_owned()
    };
    let mut lines = vec![row("ID", "NAME", "TAGS")];
    lines.extend(found.iter().map(|title| {
        let tags = title.media.as_ref().map_or_else(String::new, tags);
        row(&printable(short(&title.id)), &name_of(title), &tags)
    }));
    if found.len() < count {
        lines.push(format!(
            "{} of {count}: search for more of the name, or raise --limit.",
            found.len()
        ));
    }
    lines
}

fn tags(media: &Media) -> String {
    printable(&media.info.tags.join(", "))
}

/// Whoever reads this through a pipe may stop when it has seen enough.
fn say(lines: &[String]) {
    let mut out = io::stdout().lock();
    for line in lines {
        if writeln!(out, "{line}").is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use iceflix_slice::MediaInfo;

    use super::*;

    fn found(id: &str, title: Option<(&str, &[&str])>) -> Found {
        Found {
            id: id.to_owned(),
            media: title.map(|(name, tags)| Media {
                id: id.to_owned(),
                provider: None,
                info: MediaInfo {
                    name: name.to_owned(),
                    tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
                },
            }),
        }
    }

    #[test]
    fn titles_stand_in_columns_and_what_is_cut_is_told() {
        let titles = [
            found("0123456789abcdef", Some(("High Tide", &["sea", "storm"]))),
            found("fedcba9876543210", None),
        ];
        let expected = [
            "ID            NAME                 TAGS",
            "0123456789ab  High Tide            sea, storm",
            "fedcba987654  (not available now)",
            "2 of 7: search for more of the name, or raise --limit.",
        ];
        assert_eq!(table(&titles, 7), expected);
        assert_eq!(table(&[], 0), ["Nothing found."]);
    }
}
