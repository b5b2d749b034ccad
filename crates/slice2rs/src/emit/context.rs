//! What every template wants to know: the model, the name of each thing, and the path that leads to it.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::References;
use super::names::{self, Taken};
use crate::check::Selection;
use crate::model::{EntityId, EntityKind, Model, Operation};

/// The names that Rust has for one definition. Those but the first matter for interfaces only.
#[derive(Clone, Debug)]
pub(super) struct RustNames {
    /// The type, trait or constant.
    pub(super) own: Ident,
    pub(super) proxy: Ident,
    pub(super) servant: Ident,
    /// The module with the errors of its operations.
    pub(super) module: Ident,
}

pub(super) struct Context<'a> {
    pub(super) model: &'a Model,
    /// What is generated here, in the order of the text.
    pub(super) order: Vec<EntityId>,
    selection: &'a Selection,
    names: HashMap<EntityId, RustNames>,
    modules: HashMap<Vec<String>, Ident>,
    runtime: TokenStream,
    external: Vec<(Vec<String>, TokenStream)>,
}

/// Where code stands: in which Slice module, and how many Rust modules further in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) scope: &'a [String],
    pub(super) inside: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        model: &'a Model,
        selection: &'a Selection,
        references: &References,
    ) -> Result<Self, String> {
        let order: Vec<EntityId> = selection.iter().collect();
        let external = references
            .external
            .iter()
            .map(|(module, path)| Ok((module.clone(), path_tokens(path)?)))
            .collect::<Result<_, String>>()?;
        let mut context = Self {
            model,
            order,
            selection,
            names: HashMap::new(),
            modules: HashMap::new(),
            runtime: path_tokens(&references.runtime)?,
            external,
        };
        context.name_everything();
        Ok(context)
    }

    fn name_everything(&mut self) {
        let mut places: HashMap<Vec<String>, Taken> = HashMap::new();
        // Names that Slice gives come first.
        for id in self.order.clone() {
            let scope = &self.model[id].scope;
            for depth in 1..=scope.len() {
                let (outer, name) = (&scope[..depth - 1], &scope[depth - 1]);
                if !self.modules.contains_key(&scope[..depth]) {
                    let taken = places
                        .entry(outer.to_vec())
                        .or_insert_with(Taken::in_module);
                    let ident = taken.claim(&names::snake(name));
                    self.modules.insert(scope[..depth].to_vec(), ident);
                }
            }
        }
        let mut own = HashMap::new();
        for id in self.order.clone() {
            let entity = &self.model[id];
            let taken = places
                .entry(entity.scope.clone())
                .or_insert_with(Taken::in_module);
            own.insert(id, taken.claim(&own_name(&entity.kind, &entity.name.text)));
        }
        for id in self.order.clone() {
            let entity = &self.model[id];
            let taken = places
                .entry(entity.scope.clone())
                .or_insert_with(Taken::in_module);
            let Some(own) = own.remove(&id) else { continue };
            let names = if matches!(entity.kind, EntityKind::Interface(_)) {
                let base = &entity.name.text;
                RustNames {
                    own,
                    proxy: taken.claim(&format!("{base}Prx")),
                    servant: taken.claim(&format!("{base}Servant")),
                    module: taken.claim(&names::snake(base)),
                }
            } else {
                plain_names(own, &entity.name.text)
            };
            self.names.insert(id, names);
        }
    }

    /// The names of a definition, also of one that is generated elsewhere.
    pub(super) fn names(&self, id: EntityId) -> RustNames {
        self.names.get(&id).cloned().unwrap_or_else(|| {
            let entity = &self.model[id];
            let own = names::ident(&own_name(&entity.kind, &entity.name.text));
            plain_names(own, &entity.name.text)
        })
    }

    /// The name of a module that is generated here.
    pub(super) fn module(&self, scope: &[String]) -> Ident {
        self.modules
            .get(scope)
            .cloned()
            .unwrap_or_else(|| names::ident(&names::snake(scope.last().map_or("", String::as_str))))
    }

    pub(super) fn place(&self, id: EntityId) -> Place<'a> {
        Place {
            scope: &self.model[id].scope,
            inside: 0,
        }
    }

    /// The operations of an interface, but those that are left out.
    pub(super) fn operations(&self, id: EntityId) -> Vec<&'a Operation> {
        let EntityKind::Interface(interface) = &self.model[id].kind else {
            return Vec::new();
        };
        interface
            .operations
            .iter()
            .enumerate()
            .filter(|(place, _)| !self.selection.leaves_out(id, *place))
            .map(|(_, operation)| operation)
            .collect()
    }

    /// `::ice`
    pub(super) fn ice(&self) -> &TokenStream {
        &self.runtime
    }

    /// `::ice::codegen`
    pub(super) fn codegen(&self) -> TokenStream {
        let runtime = &self.runtime;
        quote!(#runtime::codegen)
    }

    /// The module that is generated elsewhere, or is the runtime, and holds this definition.
    fn external(&self, id: EntityId) -> Option<(&[String], &TokenStream)> {
        let entity = &self.model[id];
        self.external
            .iter()
            .filter(|(module, _)| entity.scope.starts_with(module))
            .max_by_key(|(module, _)| module.len())
            .map(|(module, path)| (module.as_slice(), path))
            .or_else(|| {
                let is_left_to_it = entity.is_in_runtime() && !self.names.contains_key(&id);
                is_left_to_it.then_some((entity.scope.as_slice(), &self.runtime))
            })
    }

    pub(super) fn is_external(&self, id: EntityId) -> bool {
        self.external(id).is_some()
    }

    /// The path of what is called `name` beside the definition `id`, as seen from `place`.
    pub(super) fn path(&self, id: EntityId, name: &Ident, place: Place<'_>) -> TokenStream {
        let scope = &self.model[id].scope;
        if let Some((module, path)) = self.external(id) {
            let inner = scope[module.len()..]
                .iter()
                .map(|part| names::ident(&names::snake(part)));
            return quote!(#path #(::#inner)* ::#name);
        }
        let shared = scope
            .iter()
            .zip(place.scope)
            .take_while(|(one, other)| one == other)
            .count();
        let up = (0..place.scope.len() - shared + place.inside).map(|_| quote!(super::));
        let down = (shared..scope.len()).map(|depth| {
            let module = self.module(&scope[..=depth]);
            quote!(#module::)
        });
        quote!(#(#up)* #(#down)* #name)
    }

    /// The path of the type itself.
    pub(super) fn own_path(&self, id: EntityId, place: Place<'_>) -> TokenStream {
        self.path(id, &self.names(id).own, place)
    }

    pub(super) fn proxy_path(&self, id: EntityId, place: Place<'_>) -> TokenStream {
        self.path(id, &self.names(id).proxy, place)
    }

    /// Whether something that is generated here is called `name`.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.names
            .values()
            .any(|names| names.own == name || names.proxy == name || names.servant == name)
    }
}

fn own_name(kind: &EntityKind, name: &str) -> String {
    match kind {
        EntityKind::Constant(..) => names::shouting(name),
        _ => name.to_owned(),
    }
}

fn plain_names(own: Ident, name: &str) -> RustNames {
    RustNames {
        own,
        proxy: names::ident(&format!("{name}Prx")),
        servant: names::ident(&format!("{name}Servant")),
        module: names::ident(&names::snake(name)),
    }
}

/// A path as it was given, made absolute where it begins with the name of a crate.
fn path_tokens(path: &str) -> Result<TokenStream, String> {
    let parsed: syn::Path =
        syn::parse_str(path).map_err(|_| format!("`{path}` is not the path of a Rust module"))?;
    let relative = parsed.segments.first().is_some_and(|first| {
        ["crate", "self", "super"]
            .iter()
            .any(|word| first.ident == word)
    });
    Ok(if relative || parsed.leading_colon.is_some() {
        quote!(#parsed)
    } else {
        quote!(::#parsed)
    })
}
