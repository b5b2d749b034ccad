//! Interfaces, and classes in so far as they are interfaces.

use super::Resolver;
use super::scope::Symbol;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{Entity, EntityId, EntityKind, Facts, Interface};
use crate::parse::syntax::{self, Name, Preamble, ScopedName};
use crate::source::Span;

impl Resolver<'_> {
    /// `interface NAME;`
    pub(super) fn declaration(&mut self, name: &Name, is_class: bool) {
        self.interface_entity(name, is_class);
    }

    pub(super) fn interface(
        &mut self,
        name: Name,
        preamble: Preamble,
        bases: Vec<ScopedName>,
        operations: Vec<syntax::Operation>,
    ) {
        let Some(id) = self.interface_entity(&name, false) else {
            return;
        };
        let bases = self.bases(bases, false);
        let operations = self.operations(operations);
        let interface = Interface {
            is_class: false,
            is_defined: true,
            has_members: false,
            members: Vec::new(),
            bases,
            operations,
        };
        self.complete(id, name, preamble, interface);
    }

    pub(super) fn class(
        &mut self,
        name: Name,
        preamble: Preamble,
        base: Option<ScopedName>,
        interfaces: Vec<ScopedName>,
        members: Vec<syntax::Member>,
        operations: Vec<syntax::Operation>,
    ) {
        let Some(id) = self.interface_entity(&name, true) else {
            return;
        };
        let bases = self.bases(base.into_iter().chain(interfaces).collect(), true);
        let operations = self.operations(operations);
        let members = self.members(members).unwrap_or_default();
        let inherits_members = bases.iter().any(|base| match &self.model[*base].kind {
            EntityKind::Interface(base) => base.has_members,
            _ => false,
        });
        let interface = Interface {
            is_class: true,
            is_defined: true,
            has_members: !members.is_empty() || inherits_members,
            members,
            bases,
            operations,
        };
        self.complete(id, name, preamble, interface);
    }

    /// The interface of this name, declared now where it was not yet.
    fn interface_entity(&mut self, name: &Name, is_class: bool) -> Option<EntityId> {
        match self.names.declared(&self.scope, &name.text) {
            Some((Symbol::Entity(id), first)) => match &self.model[id].kind {
                EntityKind::Interface(known) if known.is_class == is_class => Some(id),
                EntityKind::Interface(_) => {
                    self.diagnostics.add(
                        Diagnostic::error(
                            Kind::Name,
                            name.span,
                            format!("`{}` is both an interface and a class", name.text),
                        )
                        .related(first, "first declared here"),
                    );
                    None
                }
                _ => {
                    self.taken(name);
                    None
                }
            },
            Some((Symbol::Broken, _)) => None,
            Some(_) => {
                self.taken(name);
                None
            }
            None => {
                let id = self.model.add(Entity {
                    scope: self.scope.clone(),
                    name: name.clone(),
                    doc: None,
                    metadata: Vec::new(),
                    kind: EntityKind::Interface(Interface {
                        is_class,
                        is_defined: false,
                        has_members: false,
                        members: Vec::new(),
                        bases: Vec::new(),
                        operations: Vec::new(),
                    }),
                    facts: Facts::EMPTY,
                });
                self.declare(name, Symbol::Entity(id));
                Some(id)
            }
        }
    }

    /// Fills in what was a declaration so far.
    fn complete(&mut self, id: EntityId, name: Name, preamble: Preamble, interface: Interface) {
        if let EntityKind::Interface(Interface {
            is_defined: true, ..
        }) = self.model[id].kind
        {
            self.taken(&name);
            return;
        }
        let kind = EntityKind::Interface(interface);
        let facts = self.facts(&name, &kind);
        let entity = self.model.entity_mut(id);
        entity.name = name;
        entity.doc = preamble.doc;
        entity.metadata = preamble.metadata;
        entity.kind = kind;
        entity.facts = facts;
        self.model.defined.push(id);
    }

    /// What an interface or a class inherits from. Only a class can inherit from classes.
    fn bases(&mut self, names: Vec<ScopedName>, of_class: bool) -> Vec<EntityId> {
        let mut bases: Vec<EntityId> = Vec::with_capacity(names.len());
        for name in names {
            if let Some(base) = self.base(&name, of_class) {
                if bases.contains(&base) {
                    self.diagnostics.add(Diagnostic::warning(
                        Kind::Inheritance,
                        name.span,
                        format!("`{name}` is listed twice"),
                    ));
                } else {
                    bases.push(base);
                }
            }
        }
        bases
    }

    fn base(&mut self, name: &ScopedName, of_class: bool) -> Option<EntityId> {
        let (message, help) = match self.mention(name) {
            Some(Symbol::Entity(id)) => match &self.model[id].kind {
                EntityKind::Interface(base) if !base.is_defined => (
                    format!("`{name}` is declared, but not defined up to here"),
                    "a base is defined before what inherits from it",
                ),
                EntityKind::Interface(base) if base.is_class && !of_class => (
                    format!("`{name}` is a class, and an interface inherits from interfaces only"),
                    "make an interface of it",
                ),
                EntityKind::Interface(_) => return Some(id),
                _ => (
                    format!(
                        "`{name}` is {}, and only interfaces can be inherited",
                        self.model[id].what()
                    ),
                    "a struct can be a member instead",
                ),
            },
            Some(Symbol::Module) => (
                format!("`{name}` is a module, not an interface"),
                "name an interface in it: `MODULE::INTERFACE`",
            ),
            Some(Symbol::Local) => {
                self.local(name);
                return None;
            }
            Some(Symbol::Broken) => return None,
            None => {
                let unknown = self.names.unknown(&self.scope, name);
                self.diagnostics.add(unknown);
                return None;
            }
        };
        self.base_error(name.span, message, help);
        None
    }

    fn base_error(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics
            .add(Diagnostic::error(Kind::Inheritance, span, message).help(help));
    }
}
