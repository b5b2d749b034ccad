//! What both sides of an operation share: its Rust names, parameters, results and error.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::super::codec::{Values, Write};
use super::super::context::{Context, Place};
use super::super::names;
use crate::check;
use crate::model::{EntityId, Member, Operation};

/// An operation of an interface, as Rust sees it.
pub(super) struct Method<'a> {
    /// The interface that defines it.
    pub(super) owner: EntityId,
    pub(super) operation: &'a Operation,
    pub(super) name: Ident,
    /// The name of each parameter that goes in.
    pub(super) inputs: Vec<Ident>,
    /// The name of the error type of its own, `GetTileError`, where it throws something.
    pub(super) error: Option<Ident>,
}

/// The operations that an interface defines itself.
pub(super) fn own<'a>(context: &Context<'a>, owner: EntityId) -> Vec<Method<'a>> {
    let mut methods = names::Taken::default();
    let mut errors = names::Taken::default();
    context
        .operations(owner)
        .into_iter()
        .map(|operation| {
            let name = &operation.name.text;
            let throws = !operation.throws.is_empty();
            Method {
                owner,
                operation,
                name: methods.claim(&names::snake(name)),
                inputs: names::distinct(
                    operation.inputs.iter().map(|one| one.name.text.as_str()),
                    names::snake,
                ),
                error: throws.then(|| errors.claim(&format!("{}Error", names::camel(name)))),
            }
        })
        .collect()
}

/// The operations of an interface and of all that it inherits from.
pub(super) fn all<'a>(context: &Context<'a>, id: EntityId) -> Vec<Method<'a>> {
    context
        .model
        .lineage(id)
        .into_iter()
        .flat_map(|ancestor| own(context, ancestor))
        .collect()
}

impl<'a> Method<'a> {
    /// The return value and the parameters that go out, in the order of the Rust result.
    pub(super) fn results(&self) -> Vec<&'a Member> {
        self.operation
            .returns
            .iter()
            .chain(&self.operation.outputs)
            .collect()
    }

    /// The Rust type of what it returns.
    pub(super) fn result_type(&self, context: &Context<'_>, place: Place<'_>) -> TokenStream {
        let types: Vec<TokenStream> = self
            .results()
            .into_iter()
            .map(|member| context.owned_member(member, place))
            .collect();
        match types.as_slice() {
            [only] => only.clone(),
            several => quote!((#(#several),*)),
        }
    }

    /// The type of its error.
    pub(super) fn error_type(&self, context: &Context<'_>, place: Place<'_>) -> TokenStream {
        let Some(name) = &self.error else {
            let ice = context.ice();
            return quote!(#ice::Error);
        };
        let module = context.names(self.owner).module;
        let module = context.path(self.owner, &module, place);
        quote!(#module::#name)
    }

    /// The exceptions that it declares: the Slice name of each, and a link to it.
    pub(super) fn thrown(&self, context: &Context<'_>) -> Vec<(String, String)> {
        self.operation
            .throws
            .iter()
            .map(|id| {
                let path = context.own_path(*id, context.place(self.owner));
                let path = path.to_string().replace(' ', "");
                (context.model[*id].name.text.clone(), format!("[`{path}`]"))
            })
            .collect()
    }

    /// The results as values on the wire: parameters that go out, then the return value.
    ///
    /// `write` says how the value of this name is written. The names come in the order of the Rust result.
    pub(super) fn result_values(
        &self,
        context: &Context<'_>,
        write: impl Fn(&Member, &Ident) -> Write,
    ) -> (Values, Vec<Ident>) {
        let results = self.results();
        let variables: Vec<Ident> = if results.len() == 1 {
            vec![format_ident!("result")]
        } else {
            let mut taken = names::Taken::default();
            results
                .iter()
                .enumerate()
                .map(|(place, member)| {
                    if place == 0 && self.operation.returns.is_some() {
                        taken.claim("result")
                    } else {
                        taken.claim(&names::snake(&member.name.text))
                    }
                })
                .collect()
        };
        let mut values = Values::new(context);
        let outputs = usize::from(self.operation.returns.is_some())..results.len();
        let order = outputs.chain(0..usize::from(self.operation.returns.is_some()));
        for place in order {
            let (member, variable) = (results[place], &variables[place]);
            values.add(context, member, write(member, variable), variable.clone());
        }
        (values, variables)
    }

    pub(super) fn is_sliced(&self, context: &Context<'_>) -> bool {
        check::is_sliced(
            &self.operation.metadata,
            &context.model[self.owner].metadata,
        )
    }
}
