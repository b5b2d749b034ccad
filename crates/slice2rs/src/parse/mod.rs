//! Words become a tree. The grammar is that of Slice 3.7 (Ice manual, "The Slice Language").
//!
//! Errors do not end it: what cannot be read is passed over up to the next definition or member, so that one run
//! reports more than one mistake. The only recursion is that of nested modules, and it is bounded.

mod constant;
mod cursor;
mod definition;
mod enumeration;
mod interface;
mod member;
mod metadata;
pub(crate) mod syntax;
mod types;

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::lex::{Symbol, Token};
use crate::source::FileId;
use syntax::{Definition, Metadata};

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
