//! What belongs together must be told apart: members, parameters, enumerators, tags.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{Entity, EntityKind, Enumerator, Member, Model, Operation};
use crate::parse::syntax::Name;
use crate::source::Span;

pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    for (_, entity) in model.iter() {
        match &entity.kind {
            EntityKind::Struct(members) => structure(entity, members, diagnostics),
            EntityKind::Exception(exception) => {
                distinct(
                    "member",
                    exception.members.iter().map(|one| &one.name),
                    diagnostics,
                );
                tags(exception.members.iter(), diagnostics);
            }
            EntityKind::Enum(enumerators) => enumeration(entity, enumerators, diagnostics),
            EntityKind::Interface(interface) => {
                // Only a class has both, and then they share their names.
                let operations = interface.operations.iter().map(|one| &one.name);
                let members = interface.members.iter().map(|one| &one.name);
                distinct("operation", operations.clone(), diagnostics);
                distinct("member", members.clone().chain(operations), diagnostics);
                tags(interface.members.iter(), diagnostics);
                for operation in &interface.operations {
                    parameters(operation, diagnostics);
                }
            }
            EntityKind::Sequence(_) | EntityKind::Dictionary(..) | EntityKind::Constant(..) => {}
        }
    }
}

fn structure(entity: &Entity, members: &[Member], diagnostics: &mut Diagnostics) {
    if members.is_empty() {
        diagnostics.add(
            Diagnostic::error(
                Kind::Type,
                entity.name.span,
                format!("the struct `{}` is empty", entity.name.text),
            )
            .help("a struct has one member at least"),
        );
    }
    distinct("member", members.iter().map(|one| &one.name), diagnostics);
    for member in members.iter().filter(|member| member.tag.is_some()) {
        diagnostics.add(
            Diagnostic::error(
                Kind::Type,
                member.name.span,
                format!("`{}` cannot be optional in a struct", member.name.text),
            )
            .help("exceptions, parameters and results can be; in a struct, use a sequence of none or one"),
        );
    }
}

fn enumeration(entity: &Entity, enumerators: &[Enumerator], diagnostics: &mut Diagnostics) {
    if enumerators.is_empty() {
        diagnostics.add(
            Diagnostic::error(
                Kind::Type,
                entity.name.span,
                format!("the enumeration `{}` is empty", entity.name.text),
            )
            .help("an enumeration has one enumerator at least"),
        );
    }
    distinct(
        "enumerator",
        enumerators.iter().map(|one| &one.name),
        diagnostics,
    );
    let mut values: HashMap<i32, &Name> = HashMap::new();
    for one in enumerators {
        if let Some(first) = values.insert(one.value, &one.name) {
            diagnostics.add(
                Diagnostic::error(
                    Kind::Value,
                    one.name.span,
                    format!(
                        "`{}` has the value {} as `{}` has",
                        one.name.text, one.value, first.text
                    ),
                )
                .related(first.span, "the other one"),
            );
        }
    }
}

fn parameters(operation: &Operation, diagnostics: &mut Diagnostics) {
    let names = operation.inputs.iter().chain(&operation.outputs);
    distinct("parameter", names.map(|one| &one.name), diagnostics);
    tags(operation.values(), diagnostics);
}

/// Names that differ at most in case are the same to some languages.
fn distinct<'a>(what: &str, names: impl Iterator<Item = &'a Name>, diagnostics: &mut Diagnostics) {
    let mut known: HashMap<String, &Name> = HashMap::new();
    for name in names {
        let Some(first) = known.insert(name.text.to_ascii_lowercase(), name) else {
            continue;
        };
        let message = if first.text == name.text {
            format!("there are two {what}s of the name `{}`", name.text)
        } else {
            format!(
                "the {what} `{}` differs from `{}` in the case of letters only, which Slice does not allow",
                name.text, first.text
            )
        };
        diagnostics.add(
            Diagnostic::error(Kind::Name, name.span, message).related(first.span, "the first one"),
        );
    }
}

fn tags<'a>(values: impl Iterator<Item = &'a Member>, diagnostics: &mut Diagnostics) {
    let mut known: HashMap<i32, Span> = HashMap::new();
    for value in values {
        let Some(tag) = value.tag else { continue };
        if let Some(first) = known.insert(tag, value.name.span) {
            diagnostics.add(
                Diagnostic::error(
                    Kind::Value,
                    value.name.span,
                    format!("the tag {tag} is used twice"),
                )
                .related(first, "the first use"),
            );
        }
    }
}
