//! Enumerations.

use super::syntax::{DefinitionKind, Enumerator, Name};
use super::{Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Symbol, TokenKind};

impl Parser<'_> {
    /// What follows the word `enum`.
    pub(super) fn enumeration(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("an enumeration")?;
        self.expect(Symbol::OpenBrace)?;
        let mut enumerators = Vec::new();
        while *self.peek() != TokenKind::Symbol(Symbol::CloseBrace) {
            let preamble = self.preamble()?;
            if let Some(metadata) = preamble.metadata.first() {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Metadata,
                        metadata.span,
                        "an enumerator has no metadata",
                    )
                    .help("write it in front of the enumeration"),
                );
            }
            let doc = preamble.doc;
            let name = self.name("an enumerator")?;
            let value = if self.take(Symbol::Equals) {
                Some(self.expression("the value of the enumerator")?)
            } else {
                None
            };
            enumerators.push(Enumerator { doc, name, value });
            if !self.take(Symbol::Comma) {
                break;
            }
        }
        self.expect(Symbol::CloseBrace)?;
        self.take(Symbol::Semicolon);
        Ok((name, DefinitionKind::Enum(enumerators)))
    }
}
