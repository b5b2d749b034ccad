//! Types where they are used.

use super::syntax::{Optional, Primitive, TypeName, TypeNameKind};
use super::{Parsed, Parser};
use crate::lex::{Keyword, Symbol, TokenKind};

const A_TYPE: &str = "a type";

impl Parser<'_> {
    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        let Some(start) = self.here() else {
            return self.unexpected(A_TYPE);
        };
        let primitive = match self.peek() {
            TokenKind::Keyword(Keyword::Bool) => Some(Primitive::Bool),
            TokenKind::Keyword(Keyword::Byte) => Some(Primitive::Byte),
            TokenKind::Keyword(Keyword::Short) => Some(Primitive::Short),
            TokenKind::Keyword(Keyword::Int) => Some(Primitive::Int),
            TokenKind::Keyword(Keyword::Long) => Some(Primitive::Long),
            TokenKind::Keyword(Keyword::Float) => Some(Primitive::Float),
            TokenKind::Keyword(Keyword::Double) => Some(Primitive::Double),
            TokenKind::Keyword(Keyword::String) => Some(Primitive::String),
            _ => None,
        };
        let kind = if let Some(primitive) = primitive {
            self.skip();
            TypeNameKind::Primitive(primitive)
        } else if self.take_keyword(Keyword::Object) {
            if self.take(Symbol::Star) {
                TypeNameKind::ObjectProxy
            } else {
                TypeNameKind::AnyValue
            }
        } else if self.take_keyword(Keyword::Value) {
            TypeNameKind::AnyValue
        } else if self.take_keyword(Keyword::LocalObject) {
            TypeNameKind::LocalObject
        } else {
            let name = self.scoped_name(A_TYPE)?;
            if self.take(Symbol::Star) {
                TypeNameKind::Proxy(name)
            } else {
                TypeNameKind::Named(name)
            }
        };
        let span = self.since(start);
        Ok(TypeName { kind, span })
    }

    /// `optional(TAG)`, where it stands here.
    pub(super) fn optional(&mut self) -> Parsed<Option<Optional>> {
        if !self.take_keyword(Keyword::Optional) {
            return Ok(None);
        }
        self.expect(Symbol::OpenParenthesis)?;
        let tag = self.expression("the tag, a number from 0 on")?;
        self.expect(Symbol::CloseParenthesis)?;
        Ok(Some(Optional { tag }))
    }
}
