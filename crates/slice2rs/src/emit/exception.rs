//! Exceptions: ordinary Rust errors with all members of their bases.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::codec::{Values, Write};
use super::context::Context;
use super::{docs, names, structure};
use crate::model::{EntityId, EntityKind, Member};

pub(super) fn emit(context: &Context<'_>, id: EntityId) -> TokenStream {
    let codegen = context.codegen();
    let place = context.place(id);
    let name = context.names(id).own;
    let type_id = context.model[id].type_id();
    let docs = docs::definition(context, id);

    // Declared base first; on the wire the derived level comes first.
    let levels = context.model.ancestry(id);
    let members: Vec<&Member> = levels
        .iter()
        .rev()
        .flat_map(|level| own_members(context, *level))
        .collect();
    let fields = structure::fields(members.iter().copied());
    let declared = structure::declarations(context, &members, &fields, place);
    let derives = structure::derives(context.model[id].facts, structure::has_defaults(&members));
    let default = structure::default(context, &name, &members, &fields, place);
    let display = display(context, id, &members, &fields);

    let field_of = |member: &Member| -> Option<&Ident> {
        members
            .iter()
            .position(|known| std::ptr::eq(*known, member))
            .map(|place| &fields[place])
    };
    let to = names::ident("to");
    let slices = names::fresh("slices", &fields);
    let mut encoded = TokenStream::new();
    let mut decoded = TokenStream::new();
    for (depth, level) in levels.iter().enumerate() {
        let pairs: Vec<(&Member, &Ident)> = own_members(context, *level)
            .iter()
            .filter_map(|member| Some((member, field_of(member)?)))
            .collect();
        let level_id = context.model[*level].type_id();
        let last = depth + 1 == levels.len();
        let values = values(context, &pairs);
        let variables: Vec<Ident> = pairs.iter().map(|(_, field)| (*field).clone()).collect();
        let decode = values.decode(&variables);
        let pattern = match variables.as_slice() {
            [] => None,
            [only] => Some(quote!(let #only =)),
            several => Some(quote!(let (#(#several),*) =)),
        };
        decoded.extend(quote!(#pattern #slices.slice(#decode)?;));
        if pairs.is_empty() {
            encoded.extend(quote!(slices.slice(#level_id, #last, |_| {});));
            continue;
        }
        let slice = if pairs.iter().any(|(member, _)| member.tag.is_some()) {
            quote!(slice_with_optionals)
        } else {
            quote!(slice)
        };
        let encode = values.encode(&to);
        encoded.extend(quote!(slices.#slice(#level_id, #last, |#to| { #encode });));
    }
    let bases = levels.iter().skip(1).map(|base| {
        let base_path = context.own_path(*base, place);
        let base_members: Vec<&Ident> = context
            .model
            .ancestry(*base)
            .iter()
            .rev()
            .flat_map(|level| own_members(context, *level))
            .filter_map(field_of)
            .collect();
        let derived = if base_members.is_empty() {
            quote!(_)
        } else {
            quote!(derived)
        };
        quote! {
            impl ::std::convert::From<#name> for #base_path {
                fn from(#derived: #name) -> Self {
                    Self {
                        #(#base_members: derived.#base_members,)*
                    }
                }
            }
        }
    });
    let decode_doc = docs::text(&format!(
        "Reads the slices of a `{name}`, the most derived first."
    ));
    quote! {
        #docs
        #derives
        pub struct #name {
            #declared
        }

        #default
        #display

        impl ::std::error::Error for #name {}

        impl #name {
            #[doc(hidden)]
            #decode_doc
            pub fn decode_slices(
                #slices: &mut #codegen::ExceptionDecoder<'_, '_>,
            ) -> ::std::result::Result<Self, #codegen::Error> {
                #decoded
                ::std::result::Result::Ok(Self { #(#fields,)* })
            }
        }

        impl #codegen::UserException for #name {
            const TYPE_ID: &'static str = #type_id;

            fn encode_slices(&self, slices: &mut #codegen::ExceptionEncoder<'_>) {
                #encoded
            }
        }

        #(#bases)*
    }
}

/// The members of one level, as they are written and read.
fn values(context: &Context<'_>, members: &[(&Member, &Ident)]) -> Values {
    let mut values = Values::new(context);
    for (member, field) in members {
        let reference = match member.tag {
            Some(_) => quote!(self.#field.as_ref()),
            None => quote!(&self.#field),
        };
        values.add(
            context,
            member,
            Write::Reference(reference),
            (*field).clone(),
        );
    }
    values
}

fn own_members<'a>(context: &Context<'a>, id: EntityId) -> &'a [Member] {
    match &context.model[id].kind {
        EntityKind::Exception(exception) => &exception.members,
        _ => &[],
    }
}

/// `WrongMediaId (id: "...")`
fn display(
    context: &Context<'_>,
    id: EntityId,
    members: &[&Member],
    fields: &[Ident],
) -> TokenStream {
    let name = context.names(id).own;
    let slice_name = &context.model[id].name.text;
    let body = if members.is_empty() {
        quote!(f.write_str(#slice_name))
    } else {
        let parts: Vec<String> = members
            .iter()
            .map(|member| format!("{}: {{:?}}", member.name.text))
            .collect();
        let text = format!("{slice_name} ({})", parts.join(", "));
        quote!(::std::write!(f, #text, #(self.#fields),*))
    };
    quote! {
        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                #body
            }
        }
    }
}
