//! Empty lines between items, which the pretty-printer does not put there.

/// What an item begins with.
const STARTS: [&str; 8] = [
    "///",
    "#[",
    "pub ",
    "impl",
    "fn ",
    "const ",
    "async fn ",
    "mod ",
];

pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 16);
    let mut previous = "";
    for line in text.lines() {
        let bare = line.trim_start();
        // Variants, fields and statements end otherwise, or begin otherwise.
        let item_ended = previous.ends_with(['}', ';']);
        if item_ended && STARTS.iter().any(|start| bare.starts_with(start)) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        previous = line;
    }
    spaced
}
