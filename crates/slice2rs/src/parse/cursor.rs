//! The next word, what is expected of it, and how to go on where it is another.

use super::syntax::{Name, ScopedName};
use super::{Abandoned, Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Keyword, Symbol, Token, TokenKind};
use crate::source::Span;

impl<'a> Parser<'a> {
    /// The next word, documentation passed over.
    pub(super) fn peek_token(&self) -> Option<&'a Token> {
        self.tokens[self.at..]
            .iter()
            .find(|token| !matches!(token.kind, TokenKind::Doc(_)))
    }

    pub(super) fn peek(&self) -> &'a TokenKind {
        self.peek_token()
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    pub(super) fn at_end(&self) -> bool {
        self.peek_token().is_none()
    }

    pub(super) fn skip(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            if !matches!(token.kind, TokenKind::Doc(_)) {
                break;
            }
        }
    }

    /// Where the next word stands; behind the last one at the end.
    pub(super) fn here(&self) -> Option<Span> {
        self.peek_token().map(|token| token.span).or_else(|| {
            self.tokens.last().map(|last| Span {
                start: last.span.end,
                ..last.span
            })
        })
    }

    /// Where the last word stood.
    pub(super) fn previous(&self) -> Option<Span> {
        self.tokens[..self.at]
            .iter()
            .rev()
            .find(|token| !matches!(token.kind, TokenKind::Doc(_)))
            .map(|token| token.span)
    }

    /// From `start` to the last word.
    pub(super) fn since(&self, start: Span) -> Span {
        self.previous().map_or(start, |end| start.to(end))
    }

    pub(super) fn unexpected<T>(&mut self, wanted: &str) -> Parsed<T> {
        let message = format!("expected {wanted}, found {}", self.peek());
        let here = self.here();
        self.diagnostics.add(
            Diagnostic::error(Kind::Syntax, here, message).label(format!("expected {wanted}")),
        );
        Err(Abandoned)
    }

    pub(super) fn take(&mut self, symbol: Symbol) -> bool {
        let found = *self.peek() == TokenKind::Symbol(symbol);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn take_keyword(&mut self, keyword: Keyword) -> bool {
        let found = *self.peek() == TokenKind::Keyword(keyword);
        if found {
            self.skip();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: Symbol) -> Parsed<()> {
        if self.take(symbol) {
            Ok(())
        } else {
            self.unexpected(&format!("`{symbol}`"))
        }
    }

    /// The semicolon that ends `what`; its absence is reported where it belongs.
    pub(super) fn expect_end(&mut self, what: &str) -> Parsed<()> {
        if self.take(Symbol::Semicolon) {
            return Ok(());
        }
        let place = self.previous().map(|span| Span {
            start: span.end.saturating_sub(1).max(span.start),
            ..span
        });
        let message = format!("{what} ends with `;`, but {} follows", self.peek());
        self.diagnostics.add(
            Diagnostic::error(Kind::Syntax, place, message).label("`;` is missing behind this"),
        );
        Err(Abandoned)
    }

    /// The name that a `what` gets.
    pub(super) fn name(&mut self, what: &str) -> Parsed<Name> {
        let Some(token) = self.peek_token() else {
            return self.unexpected(&format!("the name of {what}"));
        };
        match &token.kind {
            TokenKind::Identifier(text) => {
                self.skip();
                let (text, span) = (text.clone(), token.span);
                Ok(Name { text, span })
            }
            TokenKind::Keyword(keyword) => {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Name,
                        token.span,
                        format!("`{keyword}` is a keyword of Slice and cannot name {what}"),
                    )
                    .help(format!(
                        "write `\\{keyword}` to use it as a name all the same"
                    )),
                );
                self.skip();
                let (text, span) = (keyword.text().to_owned(), token.span);
                Ok(Name { text, span })
            }
            _ => self.unexpected(&format!("the name of {what}")),
        }
    }

    pub(super) fn scoped_name(&mut self, what: &str) -> Parsed<ScopedName> {
        let start = self.here();
        let absolute = self.take(Symbol::Scope);
        let mut parts = Vec::new();
        loop {
            let TokenKind::Identifier(part) = self.peek() else {
                return self.unexpected(what);
            };
            self.skip();
            parts.push(part.clone());
            if !self.take(Symbol::Scope) {
                break;
            }
        }
        let Some(start) = start else {
            return self.unexpected(what);
        };
        let span = self.since(start);
        Ok(ScopedName {
            absolute,
            parts,
            span,
        })
    }

    /// Names between commas, at least one.
    pub(super) fn scoped_names(&mut self, what: &str) -> Parsed<Vec<ScopedName>> {
        let mut names = vec![self.scoped_name(what)?];
        while self.take(Symbol::Comma) {
            names.push(self.scoped_name(what)?);
        }
        Ok(names)
    }

    /// Goes on behind the next semicolon of this level, or before the brace that closes it.
    pub(super) fn recover(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                TokenKind::End => return,
                TokenKind::Symbol(Symbol::Semicolon) if open == 0 => {
                    self.skip();
                    return;
                }
                TokenKind::Symbol(Symbol::OpenBrace) => open += 1,
                TokenKind::Symbol(Symbol::CloseBrace) if open == 0 => return,
                TokenKind::Symbol(Symbol::CloseBrace) => {
                    open -= 1;
                    if open == 0 {
                        self.skip();
                        self.take(Symbol::Semicolon);
                        return;
                    }
                }
                _ => {}
            }
            self.skip();
        }
    }
}
