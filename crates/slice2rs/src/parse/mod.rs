//! Words become a tree. The grammar is that of Slice 3.7 (Ice manual, "The Slice Language").
//!
//! Errors do not end it: what cannot be read is passed over up to the next definition or member, so that one run
//! reports more than one mistake. The only recursion is that of nested modules, and it is bounded.

mod constant;
mod definition;
mod enumeration;
mod interface;
mod member;
mod metadata;
pub(crate) mod syntax;
mod types;

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::lex::{Keyword, Symbol, Token, TokenKind};
use crate::source::{FileId, Span};
use syntax::{Definition, Metadata, Name, ScopedName};

/// So deep may modules nest.
const MAX_MODULES: usize = 32;

/// One root file with its includes, as a tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) definitions: Vec<Definition>,
    /// The `[["..."]]` of each file.
    pub(crate) file_metadata: HashMap<FileId, Vec<Metadata>>,
}

/// Reads the words of one root file and all that it includes.
pub(crate) fn parse(tokens: &[Token], diagnostics: &mut Diagnostics) -> Tree {
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        diagnostics,
        file_metadata: HashMap::new(),
    };
    let mut definitions = Vec::new();
    while !parser.at_end() {
        parser.definitions(&mut definitions);
        if let Some(token) = parser.peek_token()
            && !parser.diagnostics.is_full()
        {
            // Only a brace that closes nothing ends the list before its time.
            let (span, kind) = (token.span, token.kind.clone());
            parser.diagnostics.add(Diagnostic::error(
                Kind::Syntax,
                span,
                format!("{kind} closes nothing"),
            ));
            parser.skip();
            parser.take(Symbol::Semicolon);
        } else {
            break;
        }
    }
    Tree {
        definitions,
        file_metadata: parser.file_metadata,
    }
}

/// What is being read could not be; the reason is reported already.
#[derive(Clone, Copy, Debug)]
struct Abandoned;

type Parsed<T> = Result<T, Abandoned>;

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    /// How many modules are open.
    depth: usize,
    diagnostics: &'a mut Diagnostics,
    file_metadata: HashMap<FileId, Vec<Metadata>>,
}

impl<'a> Parser<'a> {
    /// The next word, documentation passed over.
    fn peek_token(&self) -> Option<&'a Token> {
        self.tokens[self.at..]
            .iter()
            .find(|token| !matches!(token.kind, TokenKind::Doc(_)))
    }

    fn peek(&self) -> &'a TokenKind {
        self.peek_token()
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn at_end(&self) -> bool {
        self.peek_token().is_none()
    }

    fn skip(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            if !matches!(token.kind, TokenKind::Doc(_)) {
                break;
            }
        }
    }

    /// Where the next word stands; behind the last one at the end.
    fn here(&self) -> Option<Span> {
        self.peek_token().map(|token| token.span).or_else(|| {
            self.tokens.last().map(|last| Span {
                start: last.span.end,
                ..last.span
            })
        })
    }

    /// Where the last word stood.
    fn previous(&self) -> Option<Span> {
        self.tokens[..self.at]
            .iter()
            .rev()
            .find(|token| !matches!(token.kind, TokenKind::Doc(_)))
            .map(|token| token.span)
    }

    /// From `start` to the last word.
    fn since(&self, start: Span) -> Span {
        self.previous().map_or(start, |end| start.to(end))
    }

    fn unexpected<T>(&mut self, wanted: &str) -> Parsed<T> {
        let message = format!("expected {wanted}, found {}", self.peek());
        let here = self.here();
        self.diagnostics.add(
            Diagnostic::error(Kind::Syntax, here, message).label(format!("expected {wanted}")),
        );
        Err(Abandoned)
    }

    fn take(&mut self, symbol: Symbol) -> bool {
        let found = *self.peek() == TokenKind::Symbol(symbol);
        if found {
            self.skip();
        }
        found
    }

    fn take_keyword(&mut self, keyword: Keyword) -> bool {
        let found = *self.peek() == TokenKind::Keyword(keyword);
        if found {
            self.skip();
        }
        found
    }

    fn expect(&mut self, symbol: Symbol) -> Parsed<()> {
        if self.take(symbol) {
            Ok(())
        } else {
            self.unexpected(&format!("`{symbol}`"))
        }
    }

    /// The semicolon that ends `what`; its absence is reported where it belongs.
    fn expect_end(&mut self, what: &str) -> Parsed<()> {
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
    fn name(&mut self, what: &str) -> Parsed<Name> {
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

    fn scoped_name(&mut self, what: &str) -> Parsed<ScopedName> {
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
    fn scoped_names(&mut self, what: &str) -> Parsed<Vec<ScopedName>> {
        let mut names = vec![self.scoped_name(what)?];
        while self.take(Symbol::Comma) {
            names.push(self.scoped_name(what)?);
        }
        Ok(names)
    }

    /// Goes on behind the next semicolon of this level, or before the brace that closes it.
    fn recover(&mut self) {
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
