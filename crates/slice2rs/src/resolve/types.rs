//! Types by name.

use super::Resolver;
use super::scope::Symbol;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{EntityKind, Type, TypeKind};
use crate::parse::syntax::{ScopedName, TypeName, TypeNameKind};

impl Resolver<'_> {
    /// The type that was written; `None` after a report.
    pub(super) fn type_name(&mut self, written: &TypeName) -> Option<Type> {
        let kind = match &written.kind {
            TypeNameKind::Primitive(primitive) => TypeKind::Primitive(*primitive),
            TypeNameKind::ObjectProxy => TypeKind::ObjectProxy,
            TypeNameKind::AnyValue => TypeKind::ClassValue(None),
            TypeNameKind::LocalObject => {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Type,
                        written.span,
                        "`LocalObject` cannot be part of what travels",
                    )
                    .help("`Object*` is a proxy to any object"),
                );
                return None;
            }
            TypeNameKind::Named(name) => self.named(name)?,
            TypeNameKind::Proxy(name) => self.proxy(name)?,
        };
        let span = written.span;
        Some(Type { kind, span })
    }

    fn named(&mut self, name: &ScopedName) -> Option<TypeKind> {
        let Some(symbol) = self.mention(name) else {
            let unknown = self.names.unknown(&self.scope, name);
            self.diagnostics.add(unknown);
            return None;
        };
        let id = match symbol {
            Symbol::Entity(id) => id,
            Symbol::Local => {
                self.local(name);
                return None;
            }
            Symbol::Broken => return None,
            Symbol::Module => {
                self.not_a_type(name, "a module");
                return None;
            }
        };
        match &self.model[id].kind {
            EntityKind::Struct(_)
            | EntityKind::Enum(_)
            | EntityKind::Sequence(_)
            | EntityKind::Dictionary(..) => Some(TypeKind::Named(id)),
            EntityKind::Interface(_) => Some(TypeKind::ClassValue(Some(id))),
            EntityKind::Exception(_) | EntityKind::Constant(..) => {
                let what = self.model[id].what();
                self.not_a_type(name, what);
                None
            }
        }
    }

    fn proxy(&mut self, name: &ScopedName) -> Option<TypeKind> {
        match self.mention(name) {
            None => {
                let unknown = self.names.unknown(&self.scope, name);
                self.diagnostics.add(unknown);
                None
            }
            Some(Symbol::Module) => {
                self.not_a_type(name, "a module");
                None
            }
            Some(Symbol::Local) => {
                self.local(name);
                None
            }
            Some(Symbol::Broken) => None,
            Some(Symbol::Entity(id)) => {
                let entity = &self.model[id];
                if matches!(entity.kind, EntityKind::Interface(_)) {
                    return Some(TypeKind::Proxy(id));
                }
                let diagnostic = Diagnostic::error(
                    Kind::Type,
                    name.span,
                    format!(
                        "a proxy leads to an interface, and `{name}` is {}",
                        entity.what()
                    ),
                )
                .related(entity.name.span, "defined here")
                .help("leave out the `*`");
                self.diagnostics.add(diagnostic);
                None
            }
        }
    }

    fn not_a_type(&mut self, name: &ScopedName, what: &str) {
        self.diagnostics.add(Diagnostic::error(
            Kind::Type,
            name.span,
            format!("`{name}` is {what}, not a type"),
        ));
    }
}
