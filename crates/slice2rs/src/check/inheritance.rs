//! What comes together by inheritance must not collide.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityId, EntityKind, Model};
use crate::parse::syntax::Name;

pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    for (id, entity) in model.iter() {
        match &entity.kind {
            EntityKind::Interface(interface) if !interface.bases.is_empty() => {
                operations(model, id, diagnostics);
            }
            EntityKind::Exception(exception) if exception.base.is_some() => {
                members(model, id, diagnostics);
            }
            _ => {}
        }
    }
}

/// An operation comes from one interface only, on whatever ways; so does the member of a class.
fn operations(model: &Model, id: EntityId, diagnostics: &mut Diagnostics) {
    let mut known: HashMap<String, (EntityId, &Name)> = HashMap::new();
    for ancestor in model.lineage(id).into_iter().rev() {
        let EntityKind::Interface(interface) = &model[ancestor].kind else {
            continue;
        };
        let operations = interface
            .operations
            .iter()
            .map(|one| ("operation", &one.name));
        let members = interface.members.iter().map(|one| ("member", &one.name));
        for (what, name) in operations.chain(members) {
            let folded = name.text.to_ascii_lowercase();
            let Some((owner, first)) = known.insert(folded, (ancestor, name)) else {
                continue;
            };
            // Two of one interface are reported where it is defined, and two of its bases likewise.
            if owner == ancestor || ancestor != id && reported_before(model, id, owner, ancestor) {
                continue;
            }
            let interface = &model[id].name;
            let (text, owner) = (&name.text, &model[owner].name.text);
            let diagnostic = if ancestor == id {
                Diagnostic::error(
                    Kind::Inheritance,
                    name.span,
                    format!(
                        "`{}` inherits the name `{text}` from `{owner}` already",
                        interface.text
                    ),
                )
                .related(first.span, "the inherited one")
                .help(format!(
                    "what is inherited needs no word here; another {what} needs another name"
                ))
            } else {
                let other = &model[ancestor].name.text;
                Diagnostic::error(
                    Kind::Inheritance,
                    interface.span,
                    format!(
                        "`{}` inherits the name `{text}` twice, from `{owner}` and from `{other}`",
                        interface.text
                    ),
                )
                .related(first.span, "one of them")
                .related(name.span, "the other one")
                .help("rename one of them")
            };
            diagnostics.add(diagnostic);
        }
    }
}

/// Whether a base of `id` inherits from both already.
fn reported_before(model: &Model, id: EntityId, one: EntityId, other: EntityId) -> bool {
    let EntityKind::Interface(interface) = &model[id].kind else {
        return false;
    };
    interface.bases.iter().any(|base| {
        let lineage = model.lineage(*base);
        lineage.contains(&one) && lineage.contains(&other)
    })
}

fn members(model: &Model, id: EntityId, diagnostics: &mut Diagnostics) {
    let mut ancestry = model.ancestry(id).into_iter();
    let own = ancestry.next();
    let inherited: HashMap<String, &Name> = ancestry
        .filter_map(|ancestor| match &model[ancestor].kind {
            EntityKind::Exception(exception) => Some(&exception.members),
            _ => None,
        })
        .flatten()
        .map(|member| (member.name.text.to_ascii_lowercase(), &member.name))
        .collect();
    let Some(EntityKind::Exception(exception)) = own.map(|own| &model[own].kind) else {
        return;
    };
    for member in &exception.members {
        if let Some(first) = inherited.get(&member.name.text.to_ascii_lowercase()) {
            diagnostics.add(
                Diagnostic::error(
                    Kind::Inheritance,
                    member.name.span,
                    format!("a base has a member `{}` already", first.text),
                )
                .related(first.span, "the inherited one"),
            );
        }
    }
}
