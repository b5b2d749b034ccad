//! Structs, exceptions, and their members.

use super::syntax::{DefinitionKind, Member, Name, Preamble};
use super::{Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Keyword, Symbol, TokenKind};

impl Parser<'_> {
    /// What follows the word `struct`.
    pub(super) fn structure(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("a struct")?;
        let members = self.members("a struct")?;
        Ok((name, DefinitionKind::Struct(members)))
    }

    /// What follows the word `exception`.
    pub(super) fn exception(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("an exception")?;
        let base = if self.extends() {
            Some(self.scoped_name("the name of an exception")?)
        } else {
            None
        };
        let members = self.members("an exception")?;
        Ok((name, DefinitionKind::Exception { base, members }))
    }

    /// The word `extends`, where it stands here. A colon, which later versions of Slice have in its place, is reported.
    pub(super) fn extends(&mut self) -> bool {
        if *self.peek() == TokenKind::Symbol(Symbol::Colon) {
            let here = self.here();
            self.diagnostics.add(
                Diagnostic::error(Kind::Syntax, here, "expected `extends`, found `:`")
                    .help("Slice 3.7 has the word `extends` here"),
            );
        }
        self.take(Symbol::Colon) || self.take_keyword(Keyword::Extends)
    }

    fn members(&mut self, of: &str) -> Parsed<Vec<Member>> {
        self.body(of)?;
        let mut members = Vec::new();
        while !self.at_close() {
            match self.preamble().and_then(|preamble| self.member(preamble)) {
                Ok(member) => members.push(member),
                Err(_) => self.recover(),
            }
        }
        self.expect(Symbol::CloseBrace)?;
        self.take(Symbol::Semicolon);
        Ok(members)
    }

    /// The brace that opens the body of a definition; a semicolon instead is a forward declaration.
    pub(super) fn body(&mut self, of: &str) -> Parsed<()> {
        if *self.peek() == TokenKind::Symbol(Symbol::Semicolon) {
            return self.unexpected(&format!(
                "`{{` ({of} cannot be declared ahead of its definition)"
            ));
        }
        self.expect(Symbol::OpenBrace)
    }

    pub(super) fn at_close(&self) -> bool {
        matches!(
            self.peek(),
            TokenKind::Symbol(Symbol::CloseBrace) | TokenKind::End
        )
    }

    /// A member with its semicolon.
    pub(super) fn member(&mut self, preamble: Preamble) -> Parsed<Member> {
        let optional = self.optional()?;
        let of = self.type_name()?;
        let name = self.name("a member")?;
        let default = if self.take(Symbol::Equals) {
            Some(self.expression("the default value of the member")?)
        } else {
            None
        };
        self.expect_end("a member")?;
        Ok(Member {
            preamble,
            optional,
            of,
            name,
            default,
        })
    }
}
