//! Comments: which of them document something, and their text without the frame.

use super::Lexer;
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::Span;

impl Lexer<'_> {
    /// Passes over a comment; its text, where it is a documentation comment.
    pub(super) fn comment(&mut self) -> Option<String> {
        let start = self.at;
        let rest = self.rest();
        if rest.starts_with("//") {
            let line = self.take_while(|c| c != '\n');
            return line_text(line);
        }
        match rest[2..].find("*/") {
            Some(length) => {
                self.at += length + 4;
                block_text(&rest[..length + 4])
            }
            None => {
                self.at = self.text.len();
                let opening = Span::new(self.file, start..start + 2);
                self.diagnostics.add(
                    Diagnostic::error(Kind::Syntax, opening, "this comment never ends")
                        .help("close it with `*/`"),
                );
                None
            }
        }
    }
}

/// The text of a `///` line. Four slashes and more are a ruler.
fn line_text(line: &str) -> Option<String> {
    let text = line.strip_prefix("///")?;
    if text.starts_with('/') {
        return None;
    }
    let text = text.strip_suffix('\r').unwrap_or(text);
    Some(text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned())
}

/// The text of a `/** ... */` block, without the stars at its left and right.
fn block_text(comment: &str) -> Option<String> {
    let inner = comment.strip_prefix("/**")?;
    // `/**/` is empty, and a row of stars is a ruler.
    let inner = inner.strip_suffix("*/")?;
    let inner = inner.trim_end_matches('*');
    if inner.starts_with('*') {
        return None;
    }
    let lines: Vec<&str> = inner
        .lines()
        .enumerate()
        .map(|(number, line)| {
            let line = line.trim_end();
            if number == 0 {
                return line.trim_start();
            }
            let bare = line.trim_start();
            match bare.strip_prefix('*') {
                Some(text) => text.strip_prefix(' ').unwrap_or(text),
                None => bare,
            }
        })
        .collect();
    let text = lines.join("\n");
    let text = text.trim_matches('\n').trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{block_text, line_text};

    #[test]
    fn the_frame_of_a_block_comment_is_removed() {
        let text = block_text("/**\n     *\n     * First.\n     *   second\n     *\n     **/");
        assert_eq!(text.as_deref(), Some("First.\n  second"));
        assert_eq!(block_text("/** Short. */").as_deref(), Some("Short."));
    }

    #[test]
    fn rulers_and_plain_comments_document_nothing() {
        for comment in ["/**/", "/***/", "/*** x ***/", "/* x */", "/** */"] {
            assert_eq!(block_text(comment), None, "{comment}");
        }
        assert_eq!(line_text("// plain"), None);
        assert_eq!(line_text("//////////"), None);
        assert_eq!(line_text("/// Said. ").as_deref(), Some("Said."));
    }
}
