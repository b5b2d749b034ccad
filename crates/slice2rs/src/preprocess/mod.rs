//! Files become one stream of words: includes are followed, conditions decided.
//!
//! Slice borrows the preprocessor of C. Carried are includes, guards, conditions, `#pragma once`, `#error` and macros,
//! with and without parameters.

mod condition;
mod directive;
mod expand;
mod include;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::lex::{self, Token};
use crate::source::{FileId, Reader, SourceMap};

use directive::Conditional;
use expand::{Expander, Macro};

/// What the preprocessor is told from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) include: Vec<PathBuf>,
    pub(crate) defines: Vec<(String, String)>,
}

/// The macros that ZeroC's compilers define: the version of the language, 3.7.8, as number.
const VERSION_MACROS: [&str; 2] = ["ICE_VERSION", "__ICE_VERSION__"];
const VERSION: &str = "30708";
/// Tells our compiler from the others, as `__SLICE2CPP__` does for C++.
const OWN_MACRO: &str = "__SLICE2RS__";

/// The words of each root file, what it includes first.
pub(crate) fn preprocess(
    roots: &[PathBuf],
    settings: &Settings,
    reader: &dyn Reader,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<Vec<Token>> {
    let root_identities: HashSet<PathBuf> =
        roots.iter().map(|root| reader.identity(root)).collect();
    let mut done = HashSet::new();
    let mut units = Vec::new();
    for root in roots {
        if done.contains(&reader.identity(root)) {
            continue;
        }
        let mut preprocessor = Preprocessor {
            settings,
            reader,
            sources,
            diagnostics,
            roots: &root_identities,
            done: &done,
            seen: HashSet::new(),
            once: HashSet::new(),
            macros: predefined(settings),
            expanded: 0,
            stack: Vec::new(),
            tokens: Vec::new(),
            inclusions: 0,
            bytes: 0,
        };
        preprocessor.root(root);
        let (tokens, seen) = (preprocessor.tokens, preprocessor.seen);
        done.extend(seen);
        units.push(tokens);
    }
    units
}

fn predefined(settings: &Settings) -> HashMap<String, Macro> {
    let fixed = VERSION_MACROS
        .iter()
        .map(|name| ((*name).to_owned(), VERSION.to_owned()))
        .chain([(OWN_MACRO.to_owned(), "1".to_owned())]);
    fixed
        .chain(settings.defines.iter().cloned())
        .map(|(name, value)| {
            let definition = Macro::new(value, None, None);
            (name, definition)
        })
        .collect()
}

struct Preprocessor<'a> {
    settings: &'a Settings,
    reader: &'a dyn Reader,
    sources: &'a mut SourceMap,
    diagnostics: &'a mut Diagnostics,
    roots: &'a HashSet<PathBuf>,
    /// Files of earlier roots: their definitions are known already.
    done: &'a HashSet<PathBuf>,
    seen: HashSet<PathBuf>,
    once: HashSet<PathBuf>,
    macros: HashMap<String, Macro>,
    /// How many words came of macros.
    expanded: usize,
    /// The files that are open, outermost first.
    stack: Vec<PathBuf>,
    tokens: Vec<Token>,
    inclusions: usize,
    bytes: usize,
}

impl Preprocessor<'_> {
    /// Takes in one file that was read, and everything that it includes.
    fn file(&mut self, file: FileId) {
        let text = Arc::clone(&self.sources.file(file).text);
        let mut conditionals: Vec<Conditional> = Vec::new();
        let mut stretch = 0;
        let mut at = 0;
        while at < text.len() && !self.diagnostics.is_full() {
            let line = &text[at..];
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            if line[indent..].starts_with('#') {
                let active = directive::active(&conditionals);
                if active {
                    self.stretch(file, &text, stretch..at);
                }
                let end = at + logical_line(line);
                self.directive(
                    file,
                    &text[at + indent..end],
                    at + indent,
                    &mut conditionals,
                );
                at = end;
                stretch = at;
            } else {
                at += plain_line(line);
            }
        }
        if directive::active(&conditionals) {
            self.stretch(file, &text, stretch..text.len());
        }
        for conditional in conditionals {
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Directive,
                    conditional.opened,
                    "this condition never ends",
                )
                .help("close it with `#endif`"),
            );
        }
    }

    /// Text between two directives.
    fn stretch(&mut self, file: FileId, text: &str, range: Range<usize>) {
        let first = self.tokens.len();
        lex::lex(file, text, range, &mut self.tokens, self.diagnostics);
        let mut expander = Expander {
            macros: &self.macros,
            words: &mut self.expanded,
            diagnostics: self.diagnostics,
        };
        expander.expand_from(&mut self.tokens, first);
    }
}

/// The length of a line with its end; where a block comment starts in it, of all lines that the comment spans.
fn plain_line(text: &str) -> usize {
    line(text, false)
}

/// The same for a directive, which a backslash at the end of the line continues.
fn logical_line(text: &str) -> usize {
    line(text, true)
}

fn line(text: &str, continues: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut in_string = false;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match byte {
            b'\n' => return at + 1,
            b'\\' if continues && next == Some(b'\n') => at += 1,
            b'\\' if continues && text[at + 1..].starts_with("\r\n") => at += 2,
            b'\\' if in_string && text[at + 1..].starts_with("\r\n") => at += 2,
            b'\\' if in_string && next.is_some() => at += 1,
            b'"' => in_string = !in_string,
            b'/' if !in_string && next == Some(b'/') => {
                let rest = &text[at..];
                return at + rest.find('\n').map_or(rest.len(), |end| end + 1);
            }
            b'/' if !in_string && next == Some(b'*') => {
                let Some(length) = text[at + 2..].find("*/") else {
                    return text.len();
                };
                at += length + 3;
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{logical_line, plain_line};

    #[test]
    fn a_line_ends_behind_the_comment_that_starts_in_it() {
        assert_eq!(plain_line("a /* b\nc */ d\ne"), 14);
        assert_eq!(plain_line("a // b /* c\nd"), 12);
        assert_eq!(plain_line("\"/*\"\nx"), 5);
        assert_eq!(plain_line("a /* b"), 6);
    }

    #[test]
    fn a_backslash_continues_a_directive() {
        assert_eq!(logical_line("#if a \\\n && b\nc"), 14);
        assert_eq!(logical_line("#if a \\\r\n && b\nc"), 15);
    }
}
