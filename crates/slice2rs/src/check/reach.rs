//! What is generated: everything in the files that were named, and what that needs of the files that they include.
//!
//! Modules that are generated elsewhere are left out. All that is generated must be expressible. Class values are not, and
//! what needs them is refused, or left out on request. Of an interface that is only declared there is a proxy.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityId, EntityKind, Interface, Model, Operation, Type, TypeKind};
use crate::source::{SourceMap, Span};

/// So many methods may the proxies of one compilation have, inherited ones counted again for each heir. All of ZeroC's own
/// files together have 178.
const MAX_METHODS: usize = 20_000;

/// How one does without what needs class values.
const LEAVE_OUT: &str = "leave out what needs them: `--without-class-values`, in a build script `without_class_values(true)`";

/// What is generated, in the order of the text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    chosen: Vec<EntityId>,
    /// Operations that are not, by their place in their interface.
    left_out: HashSet<(EntityId, usize)>,
}

impl Selection {
    pub(crate) fn iter(&self) -> impl Iterator<Item = EntityId> {
        self.chosen.iter().copied()
    }

    /// Whether the operation at this place of the interface is not generated.
    pub(crate) fn leaves_out(&self, interface: EntityId, place: usize) -> bool {
        self.left_out.contains(&(interface, place))
    }
}

/// What a selection depends on beside the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// The modules that are generated elsewhere.
    pub(crate) external: Vec<Vec<String>>,
    /// Whether what needs class values is left out. Otherwise it is an error.
    pub(crate) without_class_values: bool,
}

/// Chooses what is generated, and reports what of it cannot be.
pub(crate) fn select(
    model: &Model,
    sources: &SourceMap,
    policy: &Policy,
    diagnostics: &mut Diagnostics,
) -> Selection {
    let mut reach = Reach {
        model,
        sources,
        policy,
        diagnostics,
        found: HashMap::new(),
        open: VecDeque::new(),
        left_out: HashSet::new(),
    };
    for (id, entity) in model.iter() {
        if sources.file(entity.name.span.file).is_root {
            if policy.without_class_values && reach.is_class_value(id) {
                reach.note(entity.name.span, &entity.name.text);
            } else {
                reach.need(id, None);
            }
        }
    }
    while let Some(id) = reach.open.pop_front() {
        reach.follow(id);
    }
    reach.methods();
    let Reach {
        found, left_out, ..
    } = reach;
    let declared: BTreeSet<EntityId> = found
        .keys()
        .copied()
        .filter(|id| matches!(&model[*id].kind, EntityKind::Interface(interface) if !interface.is_defined))
        .collect();
    let chosen = model
        .defined
        .iter()
        .copied()
        .filter(|id| found.contains_key(id))
        .chain(declared)
        .collect();
    Selection { chosen, left_out }
}

struct Reach<'a> {
    model: &'a Model,
    sources: &'a SourceMap,
    policy: &'a Policy,
    diagnostics: &'a mut Diagnostics,
    /// What is needed, and where by.
    found: HashMap<EntityId, Option<Span>>,
    open: VecDeque<EntityId>,
    left_out: HashSet<(EntityId, usize)>,
}

impl Reach<'_> {
    fn need(&mut self, id: EntityId, by: Option<Span>) {
        let entity = &self.model[id];
        let is_external = (self.policy.external.iter())
            .any(|module| entity.scope.starts_with(module))
            || entity.is_in_runtime() && !self.sources.file(entity.name.span.file).is_root;
        if !is_external && !self.found.contains_key(&id) {
            self.found.insert(id, by);
            self.open.push_back(id);
        }
    }

    /// Whether it is made of class values, or is nothing else.
    fn is_class_value(&self, id: EntityId) -> bool {
        match &self.model[id].kind {
            EntityKind::Interface(class) => class.has_members && class.operations.is_empty(),
            _ => self.model[id].facts.has_class_value,
        }
    }

    fn note(&mut self, span: Span, name: &str) {
        self.diagnostics.add(Diagnostic::note(
            Kind::Unsupported,
            span,
            format!("`{name}` needs class values and is left out"),
        ));
    }

    /// Everything that this definition needs.
    fn follow(&mut self, id: EntityId) {
        let entity = &self.model[id];
        let by = self.found.get(&id).copied().flatten();
        match &entity.kind {
            EntityKind::Struct(members) => {
                for member in members {
                    self.value(&member.of, by);
                }
            }
            EntityKind::Exception(exception) => {
                if let Some(base) = exception.base {
                    self.need(base, Some(entity.name.span));
                }
                for member in &exception.members {
                    self.value(&member.of, by);
                }
            }
            EntityKind::Sequence(element) => self.value(element, by),
            EntityKind::Dictionary(key, value) => {
                self.value(key, by);
                self.value(value, by);
            }
            EntityKind::Constant(of, _) => self.value(of, by),
            EntityKind::Enum(_) => {}
            EntityKind::Interface(interface) => self.interface(id, interface, by),
        }
    }

    fn interface(&mut self, id: EntityId, interface: &Interface, by: Option<Span>) {
        let name = &self.model[id].name;
        if !interface.is_defined {
            let diagnostic = Diagnostic::warning(
                Kind::Name,
                name.span,
                format!(
                    "`{}` is declared, but never defined: its proxy has no operations",
                    name.text
                ),
            )
            .help(
                "compile the file that defines it along, or name its module as one that is generated elsewhere",
            );
            self.report(diagnostic, by);
        }
        if interface.has_members && !self.policy.without_class_values {
            let diagnostic = Diagnostic::error(
                Kind::Unsupported,
                name.span,
                format!(
                    "`{}` is a class with members, and class values are not carried",
                    name.text
                ),
            )
            .help(format!(
                "use a struct, or an interface and its proxy; or {LEAVE_OUT}"
            ));
            self.report(diagnostic, by);
        }
        for base in &interface.bases {
            self.need(*base, Some(name.span));
        }
        for (place, operation) in interface.operations.iter().enumerate() {
            if self.policy.without_class_values && self.uses_class_values(operation) {
                self.note(operation.name.span, &operation.name.text);
                self.left_out.insert((id, place));
                continue;
            }
            for value in operation.values() {
                self.value(&value.of, by);
            }
            for exception in &operation.throws {
                self.need(*exception, Some(operation.name.span));
            }
        }
    }

    /// Reports more methods than anybody writes: few words are enough to inherit a lot.
    fn methods(&mut self) {
        let mut methods = 0;
        for (id, entity) in self.model.iter() {
            if !self.found.contains_key(&id) {
                continue;
            }
            for one in self.model.lineage(id) {
                if let EntityKind::Interface(interface) = &self.model[one].kind {
                    methods += interface.operations.len();
                }
            }
            if methods > MAX_METHODS {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Limit,
                        entity.name.span,
                        format!("up to here, proxies have more than {MAX_METHODS} methods"),
                    )
                    .help("compile fewer files at once"),
                );
                return;
            }
        }
    }

    fn uses_class_values(&self, operation: &Operation) -> bool {
        operation
            .values()
            .any(|value| self.model.facts(&value.of).has_class_value)
            || operation
                .throws
                .iter()
                .any(|exception| self.model[*exception].facts.has_class_value)
    }

    fn value(&mut self, of: &Type, by: Option<Span>) {
        match of.kind {
            TypeKind::Primitive(_) | TypeKind::ObjectProxy => {}
            TypeKind::Proxy(id) | TypeKind::Named(id) => self.need(id, Some(of.span)),
            TypeKind::ClassValue(class) => {
                let advice = match class {
                    Some(id) if !self.has_members(id) => {
                        let name = &self.model[id].name.text;
                        format!("`{name}` is an interface: write `{name}*` for a proxy to it")
                    }
                    _ => "use a struct, or a proxy: the type followed by `*`".to_owned(),
                };
                let diagnostic =
                    Diagnostic::error(Kind::Unsupported, of.span, "class values are not carried")
                        .label("an object that travels by value")
                        .help(format!("{advice}; or {LEAVE_OUT}"));
                self.report(diagnostic, by);
            }
        }
    }

    /// Whether it is a class that has members, or inherits some.
    fn has_members(&self, class: EntityId) -> bool {
        self.model.lineage(class).into_iter().any(|one| {
            matches!(&self.model[one].kind, EntityKind::Interface(class) if class.has_members)
        })
    }

    /// Reports what is wrong with something, and where it is needed.
    fn report(&mut self, diagnostic: Diagnostic, by: Option<Span>) {
        self.diagnostics.add(match by {
            Some(by) if Some(by) != diagnostic.span => diagnostic.related(by, "needed here"),
            _ => diagnostic,
        });
    }
}
