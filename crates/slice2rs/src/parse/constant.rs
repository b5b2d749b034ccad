//! Constants, and the values that stand behind an `=`.

use super::syntax::{DefinitionKind, Expression, ExpressionKind, Name};
use super::{Parsed, Parser};
use crate::lex::{Keyword, Symbol, TokenKind};

impl Parser<'_> {
    /// What follows the word `const`.
    pub(super) fn constant(&mut self) -> Parsed<(Name, DefinitionKind)> {
        self.preamble()?;
        let of = self.type_name()?;
        let name = self.name("a constant")?;
        self.expect(Symbol::Equals)?;
        let value = self.expression("the value of the constant")?;
        self.expect_end("a constant")?;
        Ok((name, DefinitionKind::Constant { of, value }))
    }

    pub(super) fn expression(&mut self, what: &str) -> Parsed<Expression> {
        let Some(start) = self.here() else {
            return self.unexpected(what);
        };
        let literal = match self.peek() {
            TokenKind::Integer(value) => Some(ExpressionKind::Integer(*value)),
            TokenKind::Float(value) => Some(ExpressionKind::Float(*value)),
            TokenKind::Text(text) => Some(ExpressionKind::Text(text.clone())),
            TokenKind::Keyword(Keyword::True) => Some(ExpressionKind::Bool(true)),
            TokenKind::Keyword(Keyword::False) => Some(ExpressionKind::Bool(false)),
            _ => None,
        };
        let kind = match literal {
            Some(literal) => {
                self.skip();
                literal
            }
            None => ExpressionKind::Name(self.scoped_name(what)?),
        };
        let span = self.since(start);
        Ok(Expression { kind, span })
    }
}
