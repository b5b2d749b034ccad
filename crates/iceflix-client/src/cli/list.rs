//! Titles as lines of text.

use iceflix_slice::Media;

use crate::find::{Found, printable, short};

/// Writes a table of titles, and how many more there are.
pub(super) fn print((found, count): (Vec<Found>, usize)) {
    if found.is_empty() {
        println!("Nothing found.");
        return;
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
    println!("{:12}  {:width$}  TAGS", "ID", "NAME");
    for title in &found {
        let tags = title.media.as_ref().map_or_else(String::new, tags);
        println!(
            "{}",
            format!(
                "{:12}  {:width$}  {tags}",
                printable(short(&title.id)),
                name_of(title)
            )
            .trim_end()
        );
    }
    if found.len() < count {
        println!(
            "{} of {count}: search for more of the name, or raise --limit.",
            found.len()
        );
    }
}

/// Writes all that is known of one title.
pub(super) fn show(media: &Media) {
    println!("name    {}", printable(&media.info.name));
    println!("id      {}", printable(&media.id));
    println!("tags    {}", tags(media));
    if let Some(provider) = &media.provider {
        println!("server  {provider}");
    }
}

fn tags(media: &Media) -> String {
    printable(&media.info.tags.join(", "))
}
