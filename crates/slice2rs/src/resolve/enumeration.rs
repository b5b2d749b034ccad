//! Enumerations: each enumerator has the value that it is given, or one more than the one before.

use super::Resolver;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{EntityKind, Enumerator};
use crate::parse::syntax::{self, Name};

impl Resolver<'_> {
    /// The enumerators with their values; `None` after a report.
    pub(super) fn enumerators(&mut self, list: Vec<syntax::Enumerator>) -> Option<EntityKind> {
        let mut enumerators: Vec<Enumerator> = Vec::with_capacity(list.len());
        let mut next: i64 = 0;
        for syntax::Enumerator { doc, name, value } in list {
            if let Some(value) = &value {
                next = self.integer(value)?;
            }
            let value = match i32::try_from(next) {
                Ok(value) if value >= 0 => value,
                _ => {
                    self.enumerator_range(&name, next);
                    return None;
                }
            };
            next += 1;
            enumerators.push(Enumerator { name, doc, value });
        }
        Some(EntityKind::Enum(enumerators))
    }

    fn enumerator_range(&mut self, name: &Name, value: i64) {
        self.diagnostics.add(Diagnostic::error(
            Kind::Value,
            name.span,
            format!(
                "the value {value} of `{}` is outside of 0 to {}",
                name.text,
                i32::MAX
            ),
        ));
    }
}
