//! Enumerations.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::context::Context;
use super::{docs, names};
use crate::model::{EntityId, Enumerator};

/// The Rust name of each enumerator.
pub(super) fn variants(enumerators: &[Enumerator]) -> Vec<Ident> {
    names::distinct(
        enumerators.iter().map(|one| one.name.text.as_str()),
        names::camel,
    )
}

pub(super) fn emit(context: &Context<'_>, id: EntityId, enumerators: &[Enumerator]) -> TokenStream {
    let codegen = context.codegen();
    let name = context.names(id).own;
    let unknown = format!(
        "{} has no enumerator of the value {{}}",
        context.model[id].type_id()
    );
    let docs = docs::definition(context, id);
    let variants = variants(enumerators);
    let values: Vec<Literal> = enumerators
        .iter()
        .map(|one| Literal::i32_unsuffixed(one.value))
        .collect();
    let largest = enumerators.iter().map(|one| one.value).max().unwrap_or(0);
    let largest = Literal::i32_unsuffixed(largest);
    let declared = enumerators
        .iter()
        .zip(&variants)
        .zip(&values)
        .enumerate()
        .map(|(place, ((enumerator, variant), value))| {
            let docs = docs::part(enumerator.doc.as_deref(), || {
                format!("`{}`", enumerator.name.text)
            });
            let default = (place == 0).then(|| quote!(#[default]));
            quote!(#docs #default #variant = #value,)
        });
    let from_value_doc = docs::text(&format!(
        "The enumerator with this value, where `{name}` has one."
    ));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i32)]
        pub enum #name {
            #(#declared)*
        }

        impl #name {
            #from_value_doc
            #[must_use]
            pub const fn from_value(value: i32) -> ::std::option::Option<Self> {
                match value {
                    #(#values => ::std::option::Option::Some(Self::#variants),)*
                    _ => ::std::option::Option::None,
                }
            }
        }

        impl #codegen::Encode for #name {
            fn encode(&self, to: &mut #codegen::Encoder) {
                to.enumerator(*self as i32, #largest);
            }
        }

        impl #codegen::Decode for #name {
            const MIN_WIRE_SIZE: usize = 1;

            fn decode(
                from: &mut #codegen::Decoder<'_>,
            ) -> ::std::result::Result<Self, #codegen::Error> {
                let value = from.enumerator(#largest)?;
                Self::from_value(value).ok_or_else(|| {
                    #codegen::Error::marshal(::std::format!(#unknown, value))
                })
            }
        }
    }
}
