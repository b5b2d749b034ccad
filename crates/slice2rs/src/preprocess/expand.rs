//! Macros that stand for text: words are replaced by words.
//!
//! As in C, but without `#` and `##`, which make text of other text. Everything that comes of a macro stands where the
//! macro is used, as far as reports are concerned.

use std::collections::HashMap;
use std::mem;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::lex::{self, Symbol, Token, TokenKind};
use crate::source::{FileId, Span};

/// So deep may macros be made of macros.
const MAX_DEPTH: usize = 64;
/// So many words may come of macros in one root file with its includes.
const MAX_WORDS: usize = 1 << 20;

/// A macro.
pub(super) struct Macro {
    /// What it stands for, as it was written: this is what a condition sees.
    pub(super) value: String,
    /// Where it was defined, unless from outside.
    defined: Option<Span>,
    /// The names between the parentheses behind its name, if it has those.
    parameters: Option<Vec<String>>,
    /// What it stands for, in words; `Err` says why it cannot be read.
    body: Result<Vec<TokenKind>, String>,
}

impl Macro {
    pub(super) fn new(
        value: String,
        defined: Option<Span>,
        parameters: Option<Vec<String>>,
    ) -> Self {
        let mut tokens = Vec::new();
        let mut found = Diagnostics::default();
        // The places mean nothing: the words get that of the macro's use.
        lex::lex(
            FileId::NOWHERE,
            &value,
            0..value.len(),
            &mut tokens,
            &mut found,
        );
        let body = match found.iter().next() {
            Some(diagnostic) if found.has_errors() => Err(diagnostic.message.clone()),
            _ => Ok(tokens
                .into_iter()
                .map(|token| token.kind)
                .filter(|kind| !matches!(kind, TokenKind::Doc(_)))
                .collect()),
        };
        Self {
            value,
            defined,
            parameters,
            body,
        }
    }
}

impl Macro {
    /// The place of the parameter that this word is.
    fn parameter(&self, word: &TokenKind) -> Option<usize> {
        let TokenKind::Identifier(word) = word else {
            return None;
        };
        let mut parameters = self.parameters.iter().flatten();
        parameters.position(|parameter| parameter == word)
    }
}

/// Replaces macros in a list of words.
pub(super) struct Expander<'a> {
    pub(super) macros: &'a HashMap<String, Macro>,
    /// How many words came of macros so far.
    pub(super) words: &'a mut usize,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl<'a> Expander<'a> {
    /// Replaces what is a macro among the words behind `first`.
    pub(super) fn expand_from(&mut self, tokens: &mut Vec<Token>, first: usize) {
        let used = |token: &Token| match &token.kind {
            TokenKind::Identifier(name) => self.macros.contains_key(name),
            _ => false,
        };
        if tokens[first..].iter().any(used) {
            let words = tokens.split_off(first);
            self.expand(&words, &mut Vec::new(), 0, tokens);
        }
    }

    /// Appends `words` to `to`, with macros replaced but those that are `open`: they are being replaced already.
    /// `depth` counts macros in macros and in arguments of macros.
    fn expand(
        &mut self,
        words: &[Token],
        open: &mut Vec<&'a str>,
        depth: usize,
        to: &mut Vec<Token>,
    ) {
        let mut rest = words;
        while let Some((token, behind)) = rest.split_first() {
            rest = behind;
            let TokenKind::Identifier(name) = &token.kind else {
                to.push(token.clone());
                continue;
            };
            let found = self.macros.get_key_value(name);
            let Some((name, definition)) = found.filter(|(name, _)| !open.contains(&name.as_str()))
            else {
                to.push(token.clone());
                continue;
            };
            let arguments = match &definition.parameters {
                None => Vec::new(),
                Some(_) if !opens(rest) => {
                    to.push(token.clone());
                    continue;
                }
                Some(parameters) => {
                    let Some((arguments, behind)) = arguments(rest) else {
                        let message = format!("the arguments of the macro `{name}` never end");
                        self.complain(definition, Kind::Directive, token.span, message);
                        return;
                    };
                    rest = behind;
                    match self.fit(name, definition, parameters, arguments, token.span) {
                        Some(arguments) => arguments,
                        None => continue,
                    }
                }
            };
            if depth == MAX_DEPTH {
                let message = format!("macros nest deeper than {MAX_DEPTH}");
                self.complain(definition, Kind::Limit, token.span, message);
                return;
            }
            let mut replaced = Vec::new();
            for part in self.body(name, definition, token.span).unwrap_or_default() {
                match definition.parameter(part) {
                    Some(place) => self.expand(arguments[place], open, depth + 1, &mut replaced),
                    None => replaced.push(Token {
                        kind: part.clone(),
                        span: token.span,
                    }),
                }
                if replaced.len() + *self.words > MAX_WORDS {
                    break;
                }
            }
            *self.words += 1 + replaced.len();
            if *self.words > MAX_WORDS {
                let message = format!("the macro `{name}` becomes more and more words");
                self.complain(definition, Kind::Limit, token.span, message);
                return;
            }
            open.push(name);
            self.expand(&replaced, open, depth + 1, to);
            open.pop();
        }
    }

    /// The arguments, if there are as many as parameters.
    fn fit<'t>(
        &mut self,
        name: &str,
        definition: &Macro,
        parameters: &[String],
        mut arguments: Vec<&'t [Token]>,
        used: Span,
    ) -> Option<Vec<&'t [Token]>> {
        // `()` is no argument, or an empty one.
        if parameters.is_empty() && arguments.iter().all(|argument| argument.is_empty()) {
            arguments.clear();
        }
        if arguments.len() == parameters.len() {
            return Some(arguments);
        }
        let message = format!(
            "the macro `{name}` is given {} arguments, and takes {}",
            arguments.len(),
            parameters.len()
        );
        self.complain(definition, Kind::Directive, used, message);
        None
    }

    /// What a macro stands for, before its arguments are in it.
    fn body(&mut self, name: &str, definition: &'a Macro, used: Span) -> Option<&'a [TokenKind]> {
        match &definition.body {
            Ok(body) => Some(body),
            Err(why) => {
                let message = format!("what the macro `{name}` stands for is not Slice: {why}");
                self.complain(definition, Kind::Directive, used, message);
                None
            }
        }
    }

    fn complain(&mut self, definition: &Macro, kind: Kind, used: Span, message: String) {
        let mut diagnostic = Diagnostic::error(kind, used, message);
        if let Some(defined) = definition.defined {
            diagnostic = diagnostic.related(defined, "defined here");
        }
        self.diagnostics.add(diagnostic);
    }
}

fn opens(words: &[Token]) -> bool {
    words
        .first()
        .is_some_and(|first| first.kind == TokenKind::Symbol(Symbol::OpenParenthesis))
}

/// What stands between the parentheses at the start of `words`, by commas, and what follows. `None` where it never ends.
fn arguments(words: &[Token]) -> Option<(Vec<&[Token]>, &[Token])> {
    let mut rest = words.get(1..)?;
    let mut arguments = Vec::new();
    let mut depth = 0_usize;
    let mut length = 0;
    loop {
        match &rest.get(length)?.kind {
            TokenKind::Symbol(Symbol::OpenParenthesis) => depth += 1,
            TokenKind::Symbol(Symbol::CloseParenthesis) if depth == 0 => {
                arguments.push(&rest[..length]);
                return Some((arguments, &rest[length + 1..]));
            }
            TokenKind::Symbol(Symbol::CloseParenthesis) => depth -= 1,
            TokenKind::Symbol(Symbol::Comma) if depth == 0 => {
                let behind = &rest[length + 1..];
                arguments.push(&mem::replace(&mut rest, behind)[..length]);
                length = 0;
                continue;
            }
            _ => {}
        }
        length += 1;
    }
}
