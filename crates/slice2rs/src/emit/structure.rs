//! Structs, and what exceptions have in common with them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::{Context, Place};
use super::{constant, docs, names};
use crate::model::{EntityId, Facts, Member, TypeKind, Value};
use crate::parse::syntax::Primitive;

/// The Rust name of each member.
pub(super) fn fields<'a>(members: impl IntoIterator<Item = &'a Member>) -> Vec<Ident> {
    names::distinct(
        members.into_iter().map(|member| member.name.text.as_str()),
        names::snake,
    )
}

pub(super) fn emit(context: &Context<'_>, id: EntityId, members: &[Member]) -> TokenStream {
    let codegen = context.codegen();
    let place = context.place(id);
    let name = context.names(id).own;
    let docs = docs::definition(context, id);
    let members: Vec<&Member> = members.iter().collect();
    let fields = fields(members.iter().copied());
    let declared = declarations(context, &members, &fields, place);
    let derives = derives(context.model[id].facts, has_defaults(&members));
    let default = default(context, &name, &members, &fields, place);
    let types = members
        .iter()
        .map(|member| context.owned_member(member, place));
    quote! {
        #docs
        #derives
        pub struct #name {
            #declared
        }

        #default

        impl #codegen::Encode for #name {
            fn encode(&self, to: &mut #codegen::Encoder) {
                #(#codegen::Encode::encode(&self.#fields, to);)*
            }
        }

        impl #codegen::Decode for #name {
            const MIN_WIRE_SIZE: usize = 0 #(+ <#types as #codegen::Decode>::MIN_WIRE_SIZE)*;

            fn decode(
                from: &mut #codegen::Decoder<'_>,
            ) -> ::std::result::Result<Self, #codegen::Error> {
                ::std::result::Result::Ok(Self {
                    #(#fields: #codegen::Decode::decode(from)?,)*
                })
            }
        }
    }
}

/// `pub name: Type,` for each.
pub(super) fn declarations(
    context: &Context<'_>,
    members: &[&Member],
    fields: &[Ident],
    place: Place<'_>,
) -> TokenStream {
    members
        .iter()
        .zip(fields)
        .map(|(member, field)| {
            let docs = docs::member(member);
            let of = context.owned_member(member, place);
            quote!(#docs pub #field: #of,)
        })
        .collect()
}

/// Everything that the members allow; `Default` only where no member has a default of its own.
pub(super) fn derives(facts: Facts, has_defaults: bool) -> TokenStream {
    let default = (!has_defaults).then(|| quote!(Default,));
    let hashes = facts.hashes.then(|| quote!(Eq, Hash,));
    let ordered = facts.ordered.then(|| quote!(PartialOrd, Ord,));
    quote!(#[derive(Clone, Debug, #default PartialEq, #hashes #ordered)])
}

pub(super) fn has_defaults(members: &[&Member]) -> bool {
    members.iter().any(|member| member.default.is_some())
}

/// `impl Default`, where some member has a default of its own.
pub(super) fn default(
    context: &Context<'_>,
    name: &Ident,
    members: &[&Member],
    fields: &[Ident],
    place: Place<'_>,
) -> Option<TokenStream> {
    if !has_defaults(members) {
        return None;
    }
    let values = members.iter().map(|member| {
        let Some(value) = &member.default else {
            return quote!(::std::default::Default::default());
        };
        let literal = constant::literal(context, &member.of, value, place);
        let owned = match (&member.of.kind, value) {
            (TypeKind::Primitive(Primitive::String), Value::Text(_)) => {
                quote!(::std::string::String::from(#literal))
            }
            _ => literal,
        };
        match member.tag {
            Some(_) => quote!(::std::option::Option::Some(#owned)),
            None => owned,
        }
    });
    Some(quote! {
        impl ::std::default::Default for #name {
            fn default() -> Self {
                Self {
                    #(#fields: #values,)*
                }
            }
        }
    })
}
