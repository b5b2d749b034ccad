//! Text becomes words. Comments go, except those that document something.

mod comment;
mod literal;
mod token;

use std::ops::Range;

pub(crate) use token::{Keyword, Symbol, Token, TokenKind};

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::source::{FileId, Span};

/// Appends the words of the bytes `range` of `text` to `tokens`.
pub(crate) fn lex(
    file: FileId,
    text: &str,
    range: Range<usize>,
    tokens: &mut Vec<Token>,
    diagnostics: &mut Diagnostics,
) {
    let mut lexer = Lexer {
        file,
        text: &text[..range.end],
        at: range.start,
        diagnostics,
    };
    while !lexer.diagnostics.is_full()
        && let Some(token) = lexer.next()
    {
        // Neighbouring `///` lines are one comment.
        if let TokenKind::Doc(more) = &token.kind
            && let Some(last) = tokens.last_mut()
            && let TokenKind::Doc(doc) = &mut last.kind
            && text[token.span.range()].starts_with("///")
            && text
                .get(last.span.range())
                .is_some_and(|known| known.starts_with("///"))
            && last.span.file == file
        {
            doc.push('\n');
            doc.push_str(more);
            last.span = last.span.to(token.span);
            continue;
        }
        tokens.push(token);
    }
}

struct Lexer<'a> {
    file: FileId,
    /// Ends where this stretch ends.
    text: &'a str,
    at: usize,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start..self.at)
    }

    /// Takes the longest run of characters that `belongs`.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn error(&mut self, start: usize, message: impl Into<String>) {
        let span = self.span_from(start);
        self.diagnostics
            .add(Diagnostic::error(Kind::Syntax, span, message));
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            self.take_while(char::is_whitespace);
            let start = self.at;
            let rest = self.rest();
            let first = rest.chars().next()?;
            let kind = if rest.starts_with("//") || rest.starts_with("/*") {
                self.comment().map(TokenKind::Doc)
            } else if first == '"' {
                Some(self.text_literal())
            } else if literal::starts_number(rest) {
                Some(self.number())
            } else if first.is_ascii_alphabetic() || first == '_' || first == '\\' {
                self.word()
            } else if let Some(symbol) = Symbol::ALL
                .iter()
                .find(|symbol| rest.starts_with(symbol.text()))
            {
                self.at += symbol.text().len();
                Some(TokenKind::Symbol(*symbol))
            } else {
                self.stray(first);
                None
            };
            if let Some(kind) = kind {
                let span = self.span_from(start);
                return Some(Token { kind, span });
            }
        }
    }

    fn word(&mut self) -> Option<TokenKind> {
        let start = self.at;
        let escaped = self.rest().starts_with('\\');
        if escaped {
            self.at += 1;
        }
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if word.is_empty() || word.as_bytes()[0].is_ascii_digit() {
            self.error(start, "a backslash stands before a name, or nowhere");
            return None;
        }
        let keyword = Keyword::ALL.iter().find(|known| known.text() == word);
        Some(match keyword {
            Some(keyword) if !escaped => TokenKind::Keyword(*keyword),
            _ => TokenKind::Identifier(word.to_owned()),
        })
    }

    fn stray(&mut self, first: char) {
        let start = self.at;
        self.at += first.len_utf8();
        if first.is_alphabetic() {
            self.take_while(char::is_alphanumeric);
        }
        let span = self.span_from(start);
        let mut diagnostic = Diagnostic::error(
            Kind::Syntax,
            span,
            format!("the character {first:?} is not part of Slice"),
        );
        if first == '?' {
            diagnostic = diagnostic
                .help("what may be missing is `optional(1) int name`, with a number of its own");
        }
        if first.is_alphabetic() {
            diagnostic = diagnostic.help("names are made of the letters a to z, A to Z and digits");
        }
        self.diagnostics.add(diagnostic);
    }
}
