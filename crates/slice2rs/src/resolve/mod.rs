//! The tree becomes a [`Model`]: names are looked up, constants evaluated.
//!
//! One walk in the order of the text is enough, because in Slice a thing is defined before it is used; that also
//! rules out every circle but the ones through proxies.

mod enumeration;
mod exception;
mod interface;
mod member;
mod operation;
mod scope;
mod types;
mod value;

use std::collections::HashMap;
use std::mem;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{Entity, EntityKind, Facts, Model, Module};
use crate::parse::Tree;
use crate::parse::syntax::{self, Definition, DefinitionKind, Name};
use crate::source::{SourceMap, Span};
use scope::{Names, Symbol};

/// So deep may types nest, and inherit.
const MAX_DEPTH: usize = 64;

/// Resolves the trees of all roots, in their order.
pub(crate) fn resolve(
    trees: Vec<Tree>,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> Model {
    let mut resolver = Resolver {
        model: Model::default(),
        names: Names::default(),
        scope: Vec::new(),
        introduced: HashMap::new(),
        is_inside: false,
        mentioned: HashMap::new(),
        sources,
        diagnostics,
    };
    for tree in trees {
        resolver.model.file_metadata.extend(tree.file_metadata);
        resolver.definitions(tree.definitions);
    }
    resolver.model
}

struct Resolver<'a> {
    model: Model,
    names: Names,
    /// The modules that are open, outermost first.
    scope: Vec<String>,
    /// What was used in the present opening of a module by a name without `::` in front: by its first part, in lower case.
    introduced: HashMap<String, (String, Span)>,
    /// Members or operations are being resolved.
    is_inside: bool,
    /// The first parts of the names that the present interface uses, in lower case.
    mentioned: HashMap<String, Span>,
    sources: &'a SourceMap,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn definitions(&mut self, definitions: Vec<Definition>) {
        for definition in definitions {
            if self.diagnostics.is_full() {
                return;
            }
            self.definition(definition);
        }
    }

    fn definition(&mut self, definition: Definition) {
        if let DefinitionKind::Module(inner) = definition.kind {
            self.module(definition.name, definition.preamble, inner);
            return;
        }
        if self.scope.is_empty() {
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Syntax,
                    definition.name.span,
                    format!("`{}` is outside of any module", definition.name.text),
                )
                .help("put it into `module NAME { ... }`"),
            );
            return;
        }
        if let Some(local) = definition.local {
            if self.sources.file(local.file).is_root {
                self.diagnostics.add(Diagnostic::note(
                    Kind::Unsupported,
                    local,
                    format!(
                        "`{}` is local: it never travels, and is passed over",
                        definition.name.text
                    ),
                ));
            }
            if self
                .names
                .declared(&self.scope, &definition.name.text)
                .is_none()
            {
                self.declare(&definition.name, Symbol::Local);
            }
            return;
        }
        self.entity(definition);
    }

    fn module(&mut self, name: Name, preamble: syntax::Preamble, inner: Vec<Definition>) {
        match self.names.declared(&self.scope, &name.text) {
            Some((Symbol::Module, _)) => {}
            Some(_) => self.taken(&name),
            None => self.declare(&name, Symbol::Module),
        }
        self.model.modules.push(Module {
            scope: self.scope.clone(),
            name: name.clone(),
            doc: preamble.doc,
            metadata: preamble.metadata,
        });
        self.scope.push(name.text);
        let outside = mem::take(&mut self.introduced);
        self.definitions(inner);
        self.introduced = outside;
        self.scope.pop();
    }

    fn entity(&mut self, definition: Definition) {
        let Definition {
            preamble,
            name,
            kind,
            ..
        } = definition;
        let resolved = match kind {
            DefinitionKind::InterfaceDeclaration => return self.declaration(&name, false),
            DefinitionKind::ClassDeclaration => return self.declaration(&name, true),
            DefinitionKind::Interface { bases, operations } => {
                self.interface(name, preamble, bases, operations);
                return;
            }
            DefinitionKind::Class {
                base,
                interfaces,
                members,
                operations,
            } => {
                self.class(name, preamble, base, interfaces, members, operations);
                return;
            }
            DefinitionKind::Struct(members) => self.members(members).map(EntityKind::Struct),
            DefinitionKind::Exception { base, members } => self.exception(base, members),
            DefinitionKind::Enum(enumerators) => self.enumerators(enumerators),
            DefinitionKind::Sequence(element) => self.type_name(&element).map(EntityKind::Sequence),
            DefinitionKind::Dictionary { key, value } => {
                let key = self.type_name(&key);
                let value = self.type_name(&value);
                key.zip(value)
                    .map(|(key, value)| EntityKind::Dictionary(key, value))
            }
            DefinitionKind::Constant { of, value } => self
                .type_name(&of)
                .and_then(|of| Some((of, self.value(&value, &of, "constant")?)))
                .map(|(of, value)| EntityKind::Constant(of, value)),
            DefinitionKind::Module(_) => None,
        };
        let Some(kind) = resolved else {
            // Its name is known all the same, so that one mistake does not look like many.
            if self.names.declared(&self.scope, &name.text).is_none() {
                self.declare(&name, Symbol::Broken);
            }
            return;
        };
        self.define(name, preamble, kind);
    }

    /// Adds a definition under a name that must be free.
    fn define(&mut self, name: Name, preamble: syntax::Preamble, kind: EntityKind) {
        if self.names.declared(&self.scope, &name.text).is_some() {
            self.taken(&name);
            return;
        }
        let facts = self.facts(&name, &kind);
        let id = self.model.add(Entity {
            scope: self.scope.clone(),
            name: name.clone(),
            doc: preamble.doc,
            metadata: preamble.metadata,
            kind,
            facts,
        });
        self.model.defined.push(id);
        self.declare(&name, Symbol::Entity(id));
        if let EntityKind::Enum(enumerators) = &self.model[id].kind {
            let names = enumerators.iter().map(|one| one.name.text.as_str());
            self.names
                .declare_enumerators(&self.scope, &name.text, id, names);
        }
    }

    fn facts(&mut self, name: &Name, kind: &EntityKind) -> Facts {
        let facts = self.model.facts_of_definition(kind);
        if facts.depth > MAX_DEPTH {
            self.diagnostics.add(Diagnostic::error(
                Kind::Limit,
                name.span,
                format!("`{}` nests deeper than {MAX_DEPTH} types", name.text),
            ));
        }
        facts
    }

    /// Looks a name up, and remembers in which meaning it is in use here: from now on it has no other.
    fn mention(&mut self, name: &syntax::ScopedName) -> Option<Symbol> {
        if let (false, Some(first)) = (name.absolute, name.parts.first()) {
            let folded = first.to_ascii_lowercase();
            if self.is_inside {
                self.mentioned.entry(folded).or_insert(name.span);
            } else if let Some(meaning) = self.names.first_part(&self.scope, name) {
                self.introduced
                    .entry(folded)
                    .or_insert((meaning, name.span));
            }
        }
        self.names.find(&self.scope, name)
    }

    /// Does what belongs into a definition that has a scope of its own.
    fn inside<T>(&mut self, action: impl FnOnce(&mut Self) -> T) -> T {
        self.is_inside = true;
        let done = action(self);
        self.is_inside = false;
        done
    }

    /// Reports a name that meant something else before, in the same module.
    fn changed_in_module(&mut self, name: &Name) {
        let Some((meaning, used)) = self.introduced.get(&name.text.to_ascii_lowercase()) else {
            return;
        };
        if *meaning == scope::full(&self.scope, &name.text) {
            return;
        }
        let diagnostic = Diagnostic::error(
            Kind::Name,
            name.span,
            format!(
                "`{}` has meant `{meaning}` in this module up to here",
                name.text
            ),
        )
        .related(*used, "used in that meaning")
        .help(format!(
            "write `{meaning}` there, or choose another name here"
        ));
        self.diagnostics.add(diagnostic);
    }

    fn declare(&mut self, name: &Name, symbol: Symbol) {
        self.names
            .declare(&self.scope, name, symbol, self.diagnostics);
        self.changed_in_module(name);
    }

    fn taken(&mut self, name: &Name) {
        let mut diagnostic = Diagnostic::error(
            Kind::Name,
            name.span,
            format!("`{}` is defined twice", name.text),
        );
        if let Some((_, first)) = self.names.declared(&self.scope, &name.text) {
            diagnostic = diagnostic.related(first, "first defined here");
            if first.file != name.span.file {
                diagnostic = diagnostic.help("begin files that are included with `#pragma once`");
            }
        }
        self.diagnostics.add(diagnostic);
    }

    /// Reports the use of something local.
    fn local(&mut self, name: &syntax::ScopedName) {
        self.diagnostics.add(
            Diagnostic::error(
                Kind::Type,
                name.span,
                format!("`{name}` is local and cannot be part of what travels"),
            )
            .help("make what uses it `local` too, or leave it out"),
        );
    }
}
