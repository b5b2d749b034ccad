//! Which name means what, from where.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::EntityId;
use crate::parse::syntax::{Name, ScopedName};
use crate::source::Span;

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Module,
    Entity(EntityId),
    /// Something `local`, which is passed over.
    Local,
    /// A definition with mistakes, which are reported already.
    Broken,
}

/// Every name that was declared so far, with its modules in front: `::A::B`.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashMap<String, (Symbol, Span)>,
    /// The spelling of each name, by its lower-case form.
    spelling: HashMap<String, String>,
    /// The enumerators of each name in a module: the enumeration and the place in its list. Each is found twice, behind
    /// its enumeration (`::A::Color::red`) and, in the older way, without it (`::A::red`).
    enumerators: HashMap<String, Vec<(EntityId, usize)>>,
}

impl Names {
    /// What `scope::name` means already, if anything.
    pub(super) fn declared(&self, scope: &[String], name: &str) -> Option<(Symbol, Span)> {
        self.known.get(&full(scope, name)).copied()
    }

    /// Gives a meaning to a new name; whether it is free is the caller's business. Case is looked after here:
    /// languages exist that do not tell `foo` from `Foo`.
    pub(super) fn declare(
        &mut self,
        scope: &[String],
        name: &Name,
        symbol: Symbol,
        diagnostics: &mut Diagnostics,
    ) {
        let full_name = full(scope, &name.text);
        let folded = full_name.to_ascii_lowercase();
        if let Some(other) = self.spelling.get(&folded)
            && *other != full_name
        {
            let mut diagnostic = Diagnostic::error(
                Kind::Name,
                name.span,
                format!(
                    "`{full_name}` differs from `{other}` in the case of letters only, which Slice does not allow"
                ),
            );
            if let Some((_, first)) = self.known.get(other) {
                diagnostic = diagnostic.related(*first, "the other one");
            }
            diagnostics.add(diagnostic);
        } else {
            self.spelling.insert(folded, full_name.clone());
        }
        self.known.insert(full_name, (symbol, name.span));
    }

    /// Adds the enumerators of the enumeration `owner`, which is `scope::name`.
    pub(super) fn declare_enumerators<'a>(
        &mut self,
        scope: &[String],
        name: &str,
        owner: EntityId,
        enumerators: impl Iterator<Item = &'a str>,
    ) {
        let inside = full(scope, name);
        for (place, enumerator) in enumerators.enumerate() {
            for path in [format!("{inside}::{enumerator}"), full(scope, enumerator)] {
                self.enumerators
                    .entry(path)
                    .or_default()
                    .push((owner, place));
            }
        }
    }

    /// Looks a name up from inside `scope`, innermost module first.
    pub(super) fn find(&self, scope: &[String], name: &ScopedName) -> Option<Symbol> {
        seen_from(scope, name)
            .find_map(|path| self.known.get(&path))
            .map(|(symbol, _)| *symbol)
    }

    /// What the first part of a name stands for inside `scope`, with its modules in front.
    pub(super) fn first_part(&self, scope: &[String], name: &ScopedName) -> Option<String> {
        let first = ScopedName {
            parts: name.parts.get(..1)?.to_vec(),
            ..name.clone()
        };
        seen_from(scope, &first).find(|path| self.known.contains_key(path))
    }

    /// The enumerators that a name can mean inside `scope`.
    pub(super) fn enumerators(&self, scope: &[String], name: &ScopedName) -> &[(EntityId, usize)] {
        seen_from(scope, name)
            .find_map(|path| self.enumerators.get(&path))
            .map_or(&[], Vec::as_slice)
    }

    /// The report that `name` is not known, with the name that was probably meant.
    pub(super) fn unknown(&self, scope: &[String], name: &ScopedName) -> Diagnostic {
        let diagnostic =
            Diagnostic::error(Kind::Name, name.span, format!("`{name}` is not defined"))
                .label("not defined up to here");
        match self.suggestion(scope, name) {
            Some(suggestion) => diagnostic.help(format!("did you mean `{suggestion}`?")),
            None => diagnostic.help(
                "a name is defined before it is used: define it above, declare the interface, or include its file",
            ),
        }
    }

    fn suggestion(&self, scope: &[String], name: &ScopedName) -> Option<&str> {
        let path = name.parts.join("::");
        let other_case = (0..=scope.len())
            .rev()
            .map(|depth| full(&scope[..depth], &path).to_ascii_lowercase())
            .find_map(|folded| self.spelling.get(&folded));
        if let Some(found) = other_case {
            return Some(found);
        }
        // The same last part elsewhere; the first in the order of the alphabet, so that reports do not vary.
        let tail = format!("::{}", name.parts.last()?.to_ascii_lowercase());
        self.spelling
            .iter()
            .filter(|(folded, _)| folded.ends_with(&tail))
            .map(|(_, spelled)| spelled.as_str())
            .min()
    }
}

/// What `name` can stand for inside `scope`, innermost module first.
fn seen_from<'a>(scope: &'a [String], name: &ScopedName) -> impl Iterator<Item = String> + 'a {
    let path = name.parts.join("::");
    let outermost = if name.absolute { 0 } else { scope.len() };
    (0..=outermost)
        .rev()
        .map(move |depth| full(&scope[..depth], &path))
}

/// A name with its modules in front: `::A::B`.
pub(super) fn full(scope: &[String], name: &str) -> String {
    let mut full = String::new();
    for part in scope {
        full.push_str("::");
        full.push_str(part);
    }
    full.push_str("::");
    full.push_str(name);
    full
}
