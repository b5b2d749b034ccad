//! What each `#` line does.

use super::Preprocessor;
use super::condition;
use super::expand::Macro;
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::{FileId, Span};

/// An `#if` that is open.
pub(super) struct Conditional {
    pub(super) opened: Span,
    /// The text around it counts.
    outer: bool,
    /// The present branch is the one.
    active: bool,
    /// Some branch was the one.
    taken: bool,
    has_else: bool,
}

/// Whether text inside all of these counts.
pub(super) fn active(conditionals: &[Conditional]) -> bool {
    conditionals.last().is_none_or(|last| last.active)
}

impl Preprocessor<'_> {
    /// Obeys the directive `text`, which begins with `#`, at byte `start` of `file`.
    pub(super) fn directive(
        &mut self,
        file: FileId,
        text: &str,
        start: usize,
        conditionals: &mut Vec<Conditional>,
    ) {
        let raw = text.trim_end();
        let span = Span::new(file, start..start + raw.len());
        let line = without_comments(raw);
        let line = line[1..].trim();
        let word_end = line
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(line.len());
        let (word, rest) = (&line[..word_end], line[word_end..].trim());
        match word {
            "if" | "ifdef" | "ifndef" => {
                let outer = active(conditionals);
                let holds = outer && self.condition(word, rest, span);
                conditionals.push(Conditional {
                    opened: span,
                    outer,
                    active: holds,
                    taken: holds,
                    has_else: false,
                });
            }
            "elif" | "else" => self.other_branch(word, rest, span, conditionals),
            "endif" => {
                if conditionals.pop().is_none() {
                    self.complain(span, "there is no `#if` that this `#endif` could close");
                }
            }
            _ if !active(conditionals) => {}
            "include" => self.include(file, rest, span),
            "define" => self.define(rest, span),
            "undef" => {
                self.macros.remove(rest);
            }
            "pragma" => {
                if rest == "once" {
                    let identity = self.stack.last().cloned();
                    self.once.extend(identity);
                }
            }
            "error" => self.complain(span, format!("the file itself reports: {rest}")),
            // Line markers of another preprocessor, and the null directive.
            "line" | "" => {}
            _ => self.complain(span, format!("`#{word}` is not a directive")),
        }
    }

    fn other_branch(
        &mut self,
        word: &str,
        rest: &str,
        span: Span,
        conditionals: &mut [Conditional],
    ) {
        let Some(last) = conditionals.last_mut() else {
            self.complain(
                span,
                format!("there is no `#if` that this `#{word}` could belong to"),
            );
            return;
        };
        if last.has_else {
            let opened = last.opened;
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Directive,
                    span,
                    format!("`#{word}` cannot follow `#else`"),
                )
                .related(opened, "the condition begins here"),
            );
            return;
        }
        last.has_else = word == "else";
        let open = last.outer && !last.taken;
        let holds = open && (word == "else" || self.condition("if", rest, span));
        last.active = holds;
        last.taken |= holds;
    }

    fn condition(&mut self, word: &str, rest: &str, span: Span) -> bool {
        if word != "if" {
            if !is_name(rest) {
                self.complain(span, format!("`#{word}` is followed by one name"));
                return false;
            }
            return self.macros.contains_key(rest) == (word == "ifdef");
        }
        let value = condition::evaluate(rest, |name| {
            self.macros.get(name).map(|known| known.value.as_str())
        });
        value.unwrap_or_else(|why| {
            self.complain(span, format!("this condition cannot be read: {why}"));
            false
        })
    }

    fn define(&mut self, rest: &str, span: Span) {
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let (name, value) = rest.split_at(end);
        if !is_name(name) {
            self.complain(span, "`#define` is followed by a name");
            return;
        }
        // Only a parenthesis right behind the name makes parameters.
        let (parameters, value) = match value.strip_prefix('(') {
            None => (None, value),
            Some(rest) => {
                let Some((names, value)) = rest.split_once(')') else {
                    self.complain(span, format!("the parameters of `{name}` end with `)`"));
                    return;
                };
                let names: Vec<&str> = names.split(',').map(str::trim).collect();
                let names = if names == [""] { Vec::new() } else { names };
                if !names.iter().all(|name| is_name(name)) {
                    self.complain(span, format!("the parameters of `{name}` are names"));
                    return;
                }
                (Some(names.into_iter().map(str::to_owned).collect()), value)
            }
        };
        let definition = Macro::new(value.trim().to_owned(), Some(span), parameters);
        self.macros.insert(name.to_owned(), definition);
    }

    pub(super) fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.diagnostics
            .add(Diagnostic::error(Kind::Directive, span, message));
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A directive as one line: comments become a space, continued lines are joined.
fn without_comments(raw: &str) -> String {
    let mut line = String::with_capacity(raw.len());
    let mut rest = raw;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        if !in_string && rest.starts_with("//") {
            break;
        } else if !in_string && rest.starts_with("/*") {
            line.push(' ');
            taken = rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
            line.push(' ');
        } else {
            in_string ^= first == '"';
            line.push(if first == '\n' { ' ' } else { first });
        }
        rest = &rest[taken..];
    }
    line
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_in_a_directive_are_no_part_of_it() {
        assert_eq!(
            without_comments("#endif /* A\n B */ x").trim(),
            "#endif   x"
        );
        assert_eq!(without_comments("#endif // A").trim(), "#endif");
        assert_eq!(
            without_comments("#include \"a//b.ice\""),
            "#include \"a//b.ice\""
        );
    }
}
