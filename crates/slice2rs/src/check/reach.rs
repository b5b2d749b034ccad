//! What is generated: everything in the files that were named, and what that needs of the files that they include.
//!
//! Modules that are generated elsewhere are left out. All that is generated must be expressible: class values are
//! not, and an interface that is only declared is not either.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityId, EntityKind, Model, Type, TypeKind};
use crate::source::{SourceMap, Span};

/// What is generated, in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    chosen: Vec<EntityId>,
}

impl Selection {
    pub(crate) fn iter(&self) -> impl Iterator<Item = EntityId> {
        self.chosen.iter().copied()
    }
}

/// Whether `scope` is one of the modules `external`, or inside one.
fn is_external(external: &[Vec<String>], scope: &[String]) -> bool {
    external.iter().any(|module| scope.starts_with(module))
}

pub(super) fn select(
    model: &Model,
    sources: &SourceMap,
    external: &[Vec<String>],
    diagnostics: &mut Diagnostics,
) -> Selection {
    let mut reach = Reach {
        model,
        external,
        found: HashMap::new(),
        open: Vec::new(),
    };
    for (id, entity) in model.iter() {
        if sources.file(entity.name.span.file).is_root {
            reach.need(id, None);
        }
    }
    while let Some(id) = reach.open.pop() {
        reach.follow(id, diagnostics);
    }
    let found = reach.found;
    let chosen = model
        .defined
        .iter()
        .copied()
        .filter(|id| found.contains_key(id))
        .collect();
    Selection { chosen }
}

struct Reach<'a> {
    model: &'a Model,
    external: &'a [Vec<String>],
    /// What is needed, and where by.
    found: HashMap<EntityId, Option<Span>>,
    open: Vec<EntityId>,
}

impl Reach<'_> {
    fn need(&mut self, id: EntityId, by: Option<Span>) {
        if !is_external(self.external, &self.model[id].scope) && !self.found.contains_key(&id) {
            self.found.insert(id, by);
            self.open.push(id);
        }
    }

    fn follow(&mut self, id: EntityId, diagnostics: &mut Diagnostics) {
        let entity = &self.model[id];
        let by = self.found.get(&id).copied().flatten();
        match &entity.kind {
            EntityKind::Struct(members) => {
                for member in members {
                    self.value(&member.of, by, diagnostics);
                }
            }
            EntityKind::Exception(exception) => {
                if let Some(base) = exception.base {
                    self.need(base, Some(entity.name.span));
                }
                for member in &exception.members {
                    self.value(&member.of, by, diagnostics);
                }
            }
            EntityKind::Sequence(element) => self.value(element, by, diagnostics),
            EntityKind::Dictionary(key, value) => {
                self.value(key, by, diagnostics);
                self.value(value, by, diagnostics);
            }
            EntityKind::Constant(of, _) => self.value(of, by, diagnostics),
            EntityKind::Enum(_) => {}
            EntityKind::Interface(interface) => {
                if !interface.is_defined {
                    let mut diagnostic = Diagnostic::error(
                        Kind::Name,
                        entity.name.span,
                        format!("`{}` is declared, but never defined", entity.name.text),
                    )
                    .help("include the file that defines it, or name its module as one that is generated elsewhere");
                    if let Some(by) = by {
                        diagnostic = diagnostic.related(by, "needed here");
                    }
                    diagnostics.add(diagnostic);
                }
                if interface.has_members {
                    let diagnostic = Diagnostic::error(
                        Kind::Unsupported,
                        entity.name.span,
                        format!(
                            "`{}` is a class with members, and class values are not carried",
                            entity.name.text
                        ),
                    )
                    .help("use a struct, or an interface and its proxy");
                    diagnostics.add(diagnostic);
                }
                for base in &interface.bases {
                    self.need(*base, Some(entity.name.span));
                }
                for operation in &interface.operations {
                    for value in operation.values() {
                        self.value(&value.of, by, diagnostics);
                    }
                    for exception in &operation.throws {
                        self.need(*exception, Some(operation.name.span));
                    }
                }
            }
        }
    }

    fn value(&mut self, of: &Type, by: Option<Span>, diagnostics: &mut Diagnostics) {
        match of.kind {
            TypeKind::Primitive(_) | TypeKind::ObjectProxy => {}
            TypeKind::Proxy(id) | TypeKind::Named(id) => self.need(id, Some(of.span)),
            TypeKind::ClassValue(_) => {
                let mut diagnostic =
                    Diagnostic::error(Kind::Unsupported, of.span, "class values are not carried")
                        .label("an object that travels by value")
                        .help("use a struct, or a proxy: the type followed by `*`");
                if let Some(by) = by {
                    diagnostic = diagnostic.related(by, "needed here");
                }
                diagnostics.add(diagnostic);
            }
        }
    }
}
