//! What can be the key of a dictionary: what has an order and is the same to every language.

use super::metadata::{Category, is_suppressed};
use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityKind, Model, Type, TypeKind};

pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    for (_, entity) in model.iter() {
        let EntityKind::Dictionary(key, _) = &entity.kind else {
            continue;
        };
        let facts = model.facts(key);
        let legal = facts.ordered && !facts.has_class_value && !holds_dictionary(model, key);
        if !legal {
            diagnostics.add(
                Diagnostic::error(
                    Kind::Type,
                    key.span,
                    format!(
                        "this cannot be the key of the dictionary `{}`",
                        entity.name.text
                    ),
                )
                .help(
                    "keys are whole numbers, `bool`, `string`, enumerations, and structs of those",
                ),
            );
        } else if let TypeKind::Named(id) = key.kind
            && matches!(model[id].kind, EntityKind::Sequence(_))
            && !is_suppressed(model, key.span.file, Category::Deprecated)
        {
            diagnostics.add(
                Diagnostic::warning(
                    Kind::Type,
                    key.span,
                    "a sequence as key of a dictionary is deprecated in Slice",
                )
                .help("use a struct"),
            );
        }
    }
}

/// Types nest as deeply as [`crate::resolve`] lets them, so that this recursion is bounded.
fn holds_dictionary(model: &Model, of: &Type) -> bool {
    let TypeKind::Named(id) = of.kind else {
        return false;
    };
    match &model[id].kind {
        EntityKind::Dictionary(..) => true,
        EntityKind::Sequence(element) => holds_dictionary(model, element),
        EntityKind::Struct(members) => members
            .iter()
            .any(|member| holds_dictionary(model, &member.of)),
        _ => false,
    }
}
