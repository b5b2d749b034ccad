//! Metadata and documentation: what stands before the thing itself.

use super::syntax::{Metadata, Preamble};
use super::{Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Symbol, TokenKind};

impl Parser<'_> {
    /// Everything before the next proper word. The last documentation comment counts.
    pub(super) fn preamble(&mut self) -> Parsed<Preamble> {
        let mut preamble = Preamble::default();
        loop {
            match self.tokens.get(self.at).map(|token| &token.kind) {
                Some(TokenKind::Doc(text)) => {
                    preamble.doc = Some(text.clone());
                    self.at += 1;
                }
                Some(TokenKind::Symbol(Symbol::OpenBracket)) => {
                    let list = self.metadata()?;
                    preamble.metadata.extend(list);
                }
                _ => return Ok(preamble),
            }
        }
    }

    /// `["one", "two"]`
    pub(super) fn metadata(&mut self) -> Parsed<Vec<Metadata>> {
        self.expect(Symbol::OpenBracket)?;
        if *self.peek() == TokenKind::Symbol(Symbol::OpenBracket) {
            let here = self.here();
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Metadata,
                    here,
                    "metadata of the file stands before everything that the file defines",
                )
                .help("move `[[...]]` to the top of the file, or write `[...]` for what follows"),
            );
            let list = self.metadata_strings(1)?;
            self.expect(Symbol::CloseBracket)?;
            drop(list);
            return Ok(Vec::new());
        }
        let list = self.metadata_strings(0)?;
        self.expect(Symbol::CloseBracket)?;
        Ok(list)
    }

    /// `[["one", "two"]]`, where it may stand; whether there was one.
    pub(super) fn file_metadata(&mut self) -> Parsed<bool> {
        let opening = TokenKind::Symbol(Symbol::OpenBracket);
        let mut ahead = self.tokens[self.at..]
            .iter()
            .filter(|token| !matches!(token.kind, TokenKind::Doc(_)));
        let (Some(first), Some(second)) = (ahead.next(), ahead.next()) else {
            return Ok(false);
        };
        if first.kind != opening || second.kind != opening {
            return Ok(false);
        }
        let file = first.span.file;
        self.skip();
        let list = self.metadata_strings(1)?;
        self.expect(Symbol::CloseBracket)?;
        self.file_metadata.entry(file).or_default().extend(list);
        Ok(true)
    }

    /// The strings between commas, inside `brackets` more brackets. Neighbouring strings are one.
    fn metadata_strings(&mut self, brackets: usize) -> Parsed<Vec<Metadata>> {
        for _ in 0..brackets {
            self.expect(Symbol::OpenBracket)?;
        }
        let mut list = Vec::new();
        loop {
            let Some(token) = self.peek_token() else {
                return self.unexpected("a string with metadata");
            };
            let TokenKind::Text(text) = &token.kind else {
                return self.unexpected("a string with metadata");
            };
            self.skip();
            let mut text = text.clone();
            while let TokenKind::Text(more) = self.peek() {
                text.push_str(more);
                self.skip();
            }
            let span = self.since(token.span);
            list.push(Metadata { text, span });
            if !self.take(Symbol::Comma) {
                break;
            }
        }
        for _ in 0..brackets {
            self.expect(Symbol::CloseBracket)?;
        }
        Ok(list)
    }
}
