//! What stands in a module or a file.

use super::syntax::{Definition, DefinitionKind, Name};
use super::{Abandoned, MAX_MODULES, Parsed, Parser};
use crate::diagnostic::{Diagnostic, Kind};
use crate::lex::{Keyword, Symbol, TokenKind};

impl Parser<'_> {
    /// Definitions up to a closing brace or the end.
    pub(super) fn definitions(&mut self, list: &mut Vec<Definition>) {
        while !self.at_close() && !self.diagnostics.is_full() {
            let before = self.at;
            match self.definition() {
                Ok(Some(definition)) => list.push(definition),
                Ok(None) => {}
                Err(Abandoned) => self.recover(),
            }
            // Recovery stops before a closing brace; a definition that begins with one would stay there for ever.
            if self.at == before {
                break;
            }
        }
    }

    /// The next definition; `None` where it was metadata of the file.
    fn definition(&mut self) -> Parsed<Option<Definition>> {
        if self.depth == 0 && self.file_metadata()? {
            return Ok(None);
        }
        let preamble = self.preamble()?;
        let local = self.here().filter(|_| self.take_keyword(Keyword::Local));
        let TokenKind::Keyword(keyword) = self.peek() else {
            return self.unexpected("a definition");
        };
        let (name, kind) = match keyword {
            Keyword::Module => {
                if let Some(local) = local {
                    self.diagnostics.add(Diagnostic::error(
                        Kind::Syntax,
                        local,
                        "a module cannot be local, only what is in it",
                    ));
                }
                self.skip();
                self.module()?
            }
            Keyword::Struct => {
                self.skip();
                self.structure()?
            }
            Keyword::Exception => {
                self.skip();
                self.exception()?
            }
            Keyword::Interface => {
                self.skip();
                self.interface()?
            }
            Keyword::Class => {
                self.skip();
                self.class()?
            }
            Keyword::Enum => {
                self.skip();
                self.enumeration()?
            }
            Keyword::Sequence => {
                self.skip();
                self.sequence()?
            }
            Keyword::Dictionary => {
                self.skip();
                self.dictionary()?
            }
            Keyword::Const => {
                self.skip();
                self.constant()?
            }
            _ => return self.unexpected("a definition"),
        };
        Ok(Some(Definition {
            preamble,
            local,
            name,
            kind,
        }))
    }

    fn module(&mut self) -> Parsed<(Name, DefinitionKind)> {
        let name = self.name("a module")?;
        if *self.peek() == TokenKind::Symbol(Symbol::Scope) {
            let here = self.here();
            self.diagnostics.add(
                Diagnostic::error(Kind::Syntax, here, "one module is opened at a time").help(
                    format!("write `module {} {{ module ... {{ ... }} }}`", name.text),
                ),
            );
            return Err(Abandoned);
        }
        self.expect(Symbol::OpenBrace)?;
        if self.depth == MAX_MODULES {
            let span = name.span;
            self.diagnostics.add(Diagnostic::error(
                Kind::Limit,
                span,
                format!("modules nest deeper than {MAX_MODULES}"),
            ));
            // The brace counts as open again, so that the whole module is passed over.
            self.at -= 1;
            return Err(Abandoned);
        }
        self.depth += 1;
        let mut definitions = Vec::new();
        self.definitions(&mut definitions);
        self.depth -= 1;
        if *self.peek() == TokenKind::End && !self.diagnostics.is_full() {
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Syntax,
                    name.span,
                    format!("the module `{}` is never closed", name.text),
                )
                .help("a `}` is missing at the end"),
            );
        }
        self.take(Symbol::CloseBrace);
        self.take(Symbol::Semicolon);
        Ok((name, DefinitionKind::Module(definitions)))
    }

    fn sequence(&mut self) -> Parsed<(Name, DefinitionKind)> {
        self.expect(Symbol::Less)?;
        self.named_element("sequence")?;
        self.preamble()?;
        let element = self.type_name()?;
        self.expect(Symbol::Greater)?;
        let name = self.name("a sequence")?;
        self.expect_end("a sequence")?;
        Ok((name, DefinitionKind::Sequence(element)))
    }

    fn dictionary(&mut self) -> Parsed<(Name, DefinitionKind)> {
        self.expect(Symbol::Less)?;
        self.preamble()?;
        let key = self.type_name()?;
        self.expect(Symbol::Comma)?;
        self.named_element("dictionary")?;
        self.preamble()?;
        let value = self.type_name()?;
        self.expect(Symbol::Greater)?;
        let name = self.name("a dictionary")?;
        self.expect_end("a dictionary")?;
        Ok((name, DefinitionKind::Dictionary { key, value }))
    }

    /// Refuses `sequence<sequence<int>>` with a word about how it is done.
    fn named_element(&mut self, outer: &str) -> Parsed<()> {
        let (TokenKind::Keyword(Keyword::Sequence) | TokenKind::Keyword(Keyword::Dictionary)) =
            self.peek()
        else {
            return Ok(());
        };
        let here = self.here();
        self.diagnostics.add(
            Diagnostic::error(
                Kind::Syntax,
                here,
                format!("a {outer} holds types that have a name"),
            )
            .help("define the inner type first, `sequence<int> Row;`, then use its name"),
        );
        Err(Abandoned)
    }
}
