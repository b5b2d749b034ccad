//! Comments in the style of Javadoc, which is that of Slice, as Markdown, which is that of rustdoc.

/// A comment in its parts. Each is Markdown already.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) overview: String,
    pub(super) parameters: Vec<(String, String)>,
    returns: String,
    pub(super) throws: Vec<(String, String)>,
    see: Vec<String>,
}

/// Where a line belongs.
enum Section {
    Overview,
    Parameter,
    Returns,
    Throws,
    Other,
}

impl Comment {
    pub(super) fn parse(text: &str) -> Self {
        let mut comment = Self::default();
        let mut section = Section::Overview;
        let mut fenced = false;
        for line in text.lines() {
            let bare = line.trim_start();
            if bare.starts_with("```") {
                fenced = !fenced;
                // Not Rust, so that rustdoc does not try to run it.
                comment.append(&section, if fenced { "```text" } else { "```" });
                continue;
            }
            if fenced {
                comment.append(&section, line);
                continue;
            }
            let line = links(line);
            let bare = line.trim_start();
            let Some(tag) = bare.strip_prefix('@') else {
                // Four spaces would be a code block, and rustdoc would try to run it.
                let indent = (line.len() - bare.len()).min(3);
                comment.append(&section, &format!("{:indent$}{bare}", ""));
                continue;
            };
            let (tag, rest) = word(tag);
            section = match tag {
                "param" => {
                    let (name, about) = word(rest);
                    comment.parameters.push((name.to_owned(), about.to_owned()));
                    Section::Parameter
                }
                "return" | "returns" => {
                    comment.returns = rest.to_owned();
                    Section::Returns
                }
                "throws" | "exception" => {
                    let (name, about) = word(rest);
                    comment.throws.push((path(name), about.to_owned()));
                    Section::Throws
                }
                "see" => {
                    comment.see.push(path(rest));
                    Section::Other
                }
                // `@deprecated` has its metadata, and what else there is speaks of other languages.
                _ => Section::Other,
            };
        }
        if fenced {
            comment.append(&section, "```");
        }
        comment.overview = comment.overview.trim().to_owned();
        comment
    }

    fn append(&mut self, section: &Section, line: &str) {
        let text = match section {
            Section::Overview => &mut self.overview,
            Section::Returns => &mut self.returns,
            Section::Parameter => match self.parameters.last_mut() {
                Some((_, about)) => about,
                None => return,
            },
            Section::Throws => match self.throws.last_mut() {
                Some((_, about)) => about,
                None => return,
            },
            Section::Other => return,
        };
        text.push('\n');
        text.push_str(line);
    }

    /// All of it.
    pub(super) fn markdown(&self) -> String {
        let mut markdown = self.markdown_without_throws();
        for (name, why) in &self.throws {
            markdown.push_str(&format!("\n\nThrows `{name}`: {}", why.trim()));
        }
        markdown.trim().to_owned()
    }

    /// All but what can be thrown, which has a section of its own on operations.
    pub(super) fn markdown_without_throws(&self) -> String {
        let mut markdown = self.overview.clone();
        if !self.parameters.is_empty() {
            markdown.push('\n');
        }
        for (name, about) in &self.parameters {
            markdown.push_str(&format!("\n* `{name}`: {}", item(about)));
        }
        let returns = self.returns.trim();
        if !returns.is_empty() {
            markdown.push_str(&format!("\n\nReturns: {returns}"));
        }
        let see: Vec<String> = self.see.iter().map(|see| format!("`{see}`")).collect();
        if !see.is_empty() {
            markdown.push_str(&format!("\n\nSee {}.", see.join(", ")));
        }
        markdown.trim().to_owned()
    }
}

/// A text as what stands behind the star of a list item.
pub(super) fn item(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    lines.join("\n  ")
}

/// `Topic#link`, `#link` as they are written in Rust.
fn path(text: &str) -> String {
    text.trim_start_matches('#').replace('#', "::")
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace)
        .map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

/// `{@link Topic#subscribe}` becomes `Topic::subscribe` in code.
fn links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find("{@") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let (_, target) = word(&rest[start + 2..start + length]);
        out.push_str(&rest[..start]);
        if !target.is_empty() {
            out.push_str(&format!("`{}`", path(target)));
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::Comment;

    #[test]
    fn javadoc_becomes_markdown() {
        let comment = Comment::parse(
            "Subscribe with {@link QoS} to {@link Topic#link}.\n\n@param theQoS The quality\n  of service.\n\n@return The publisher.\n\n@throws BadQoS When it is bad.\n\n@see #unsubscribe",
        );
        assert_eq!(
            comment.markdown_without_throws(),
            "Subscribe with `QoS` to `Topic::link`.\n\n* `theQoS`: The quality\n  of service.\n\nReturns: The publisher.\n\nSee `unsubscribe`."
        );
        assert_eq!(comment.throws[0].0, "BadQoS");
    }

    #[test]
    fn nothing_in_a_comment_becomes_a_test_of_rustdoc() {
        let comment = Comment::parse("Like this:\n\n        int x = 1;\n\n```\nint y;\n```");
        assert_eq!(
            comment.markdown(),
            "Like this:\n\n   int x = 1;\n\n```text\nint y;\n```"
        );
        assert!(Comment::parse("```\nx").markdown().ends_with("```"));
    }
}
