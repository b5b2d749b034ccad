//! Exceptions, where they are defined and where they are named.

use super::Resolver;
use super::scope::Symbol;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{EntityId, EntityKind, Exception};
use crate::parse::syntax::{self, ScopedName};

impl Resolver<'_> {
    /// What an exception consists of; `None` after a report.
    pub(super) fn exception(
        &mut self,
        base: Option<ScopedName>,
        members: Vec<syntax::Member>,
    ) -> Option<EntityKind> {
        // Both are looked at before either is given up.
        let base = base.map(|base| self.exception_name(&base));
        let members = self.members(members)?;
        let base = match base {
            Some(base) => Some(base?),
            None => None,
        };
        Some(EntityKind::Exception(Exception { base, members }))
    }

    /// The exception that `name` means.
    pub(super) fn exception_name(&mut self, name: &ScopedName) -> Option<EntityId> {
        match self.mention(name) {
            Some(Symbol::Entity(id)) => {
                let entity = &self.model[id];
                if matches!(entity.kind, EntityKind::Exception(_)) {
                    return Some(id);
                }
                let diagnostic = Diagnostic::error(
                    Kind::Type,
                    name.span,
                    format!("`{name}` is {}, not an exception", entity.what()),
                )
                .related(entity.name.span, "defined here");
                self.diagnostics.add(diagnostic);
            }
            Some(Symbol::Module) => self.diagnostics.add(Diagnostic::error(
                Kind::Type,
                name.span,
                format!("`{name}` is a module, not an exception"),
            )),
            Some(Symbol::Local) => self.local(name),
            Some(Symbol::Broken) => {}
            None => {
                let unknown = self.names.unknown(&self.scope, name);
                self.diagnostics.add(unknown);
            }
        }
        None
    }
}
