//! Interfaces, classes with operations, and the operations themselves.

use super::syntax::{DefinitionKind, Member, Name, Operation, Parameter, Preamble};
use super::{Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Keyword, Symbol, TokenKind};

const AN_INTERFACE: &str = "the name of an interface";

impl Parser<'_> {
    /// What follows the word `interface`.
    pub(super) fn interface(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("an interface")?;
        if self.take(Symbol::Semicolon) {
            return Ok((name, DefinitionKind::InterfaceDeclaration));
        }
        let bases = if self.extends() {
            self.scoped_names(AN_INTERFACE)?
        } else {
            Vec::new()
        };
        self.expect(Symbol::OpenBrace)?;
        let mut operations = Vec::new();
        while !self.at_close() {
            match self
                .preamble()
                .and_then(|preamble| self.operation(preamble))
            {
                Ok(operation) => operations.push(operation),
                Err(_) => self.recover(),
            }
        }
        self.expect(Symbol::CloseBrace)?;
        self.take(Symbol::Semicolon);
        Ok((name, DefinitionKind::Interface { bases, operations }))
    }

    /// What follows the word `class`.
    pub(super) fn class(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("a class")?;
        if self.take(Symbol::Semicolon) {
            return Ok((name, DefinitionKind::ClassDeclaration));
        }
        // The compact type id says something about class values only.
        if self.take(Symbol::OpenParenthesis) {
            self.expression("the compact id of the class")?;
            self.expect(Symbol::CloseParenthesis)?;
        }
        let base = if self.extends() {
            Some(self.scoped_name("the name of a class")?)
        } else {
            None
        };
        let interfaces = if self.take_keyword(Keyword::Implements) {
            self.scoped_names(AN_INTERFACE)?
        } else {
            Vec::new()
        };
        self.expect(Symbol::OpenBrace)?;
        let mut members = Vec::new();
        let mut operations = Vec::new();
        while !self.at_close() {
            if self.class_export(&mut members, &mut operations).is_err() {
                self.recover();
            }
        }
        self.expect(Symbol::CloseBrace)?;
        self.take(Symbol::Semicolon);
        let kind = DefinitionKind::Class {
            base,
            interfaces,
            members,
            operations,
        };
        Ok((name, kind))
    }

    /// A member or an operation; what tells them apart is the parenthesis behind the name.
    fn class_export(
        &mut self,
        members: &mut Vec<Member>,
        operations: &mut Vec<Operation>,
    ) -> Parsed<()> {
        let preamble = self.preamble()?;
        let is_operation = self.tokens[self.at..]
            .windows(2)
            .take_while(|pair| !ends_export(&pair[0].kind))
            .any(|pair| {
                matches!(pair[0].kind, TokenKind::Identifier(_))
                    && pair[1].kind == TokenKind::Symbol(Symbol::OpenParenthesis)
            });
        if is_operation {
            operations.push(self.operation(preamble)?);
        } else {
            members.push(self.member(preamble)?);
        }
        Ok(())
    }

    /// An operation with its semicolon.
    fn operation(&mut self, preamble: Preamble) -> Parsed<Operation> {
        let idempotent = self.take_keyword(Keyword::Idempotent);
        let returns = if self.take_keyword(Keyword::Void) {
            None
        } else {
            Some((self.optional()?, self.type_name()?))
        };
        let name = self.name("an operation")?;
        self.expect(Symbol::OpenParenthesis)?;
        let mut parameters = Vec::new();
        if *self.peek() != TokenKind::Symbol(Symbol::CloseParenthesis) {
            parameters.push(self.parameter()?);
            while self.take(Symbol::Comma) {
                parameters.push(self.parameter()?);
            }
        }
        self.expect(Symbol::CloseParenthesis)?;
        let throws = if self.take_keyword(Keyword::Throws) {
            self.scoped_names("the name of an exception")?
        } else {
            Vec::new()
        };
        self.expect_end("an operation")?;
        Ok(Operation {
            preamble,
            idempotent,
            returns,
            name,
            parameters,
            throws,
        })
    }

    fn parameter(&mut self) -> Parsed<Parameter> {
        let before = self.preamble()?;
        let is_out = self.take_keyword(Keyword::Out);
        let mut preamble = self.preamble()?;
        match before.metadata.first() {
            Some(metadata) if is_out => self.diagnostics.add(Diagnostic::error(
                Kind::Metadata,
                metadata.span,
                "the metadata of a parameter that goes out stands behind the word `out`",
            )),
            _ => preamble.metadata.extend(before.metadata),
        }
        preamble.doc = preamble.doc.or(before.doc);
        let optional = self.optional()?;
        let of = self.type_name()?;
        let name = self.name("a parameter")?;
        Ok(Parameter {
            is_out,
            member: Member {
                preamble,
                optional,
                of,
                name,
                default: None,
            },
        })
    }
}

fn ends_export(kind: &TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Symbol(Symbol::Semicolon | Symbol::CloseBrace | Symbol::OpenBrace)
    )
}
