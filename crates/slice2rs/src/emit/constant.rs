//! Constants, and values in general.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::context::{Context, Place};
use super::{docs, enumeration};
use crate::model::{EntityId, EntityKind, Type, TypeKind, Value};
use crate::parse::syntax::Primitive;

pub(super) fn emit(context: &Context<'_>, id: EntityId, of: &Type, value: &Value) -> TokenStream {
    let place = context.place(id);
    let name = context.names(id).own;
    let docs = docs::definition(context, id);
    let of_type = match of.kind {
        TypeKind::Primitive(Primitive::String) => quote!(&str),
        _ => context.owned(of, place),
    };
    let value = literal(context, of, value, place);
    quote! {
        #docs
        pub const #name: #of_type = #value;
    }
}

/// The value as a Rust expression; a string is a `&str`.
pub(super) fn literal(
    context: &Context<'_>,
    of: &Type,
    value: &Value,
    place: Place<'_>,
) -> TokenStream {
    match value {
        Value::Bool(value) => quote!(#value),
        Value::Integer(value) => {
            let value = Literal::i64_unsuffixed(*value);
            quote!(#value)
        }
        Value::Float(value) if matches!(of.kind, TypeKind::Primitive(Primitive::Float)) => {
            // The shortest digits that give this very number.
            #[expect(clippy::cast_possible_truncation, reason = "its range was checked")]
            let value = Literal::f32_unsuffixed(*value as f32);
            quote!(#value)
        }
        Value::Float(value) => {
            let value = Literal::f64_unsuffixed(*value);
            quote!(#value)
        }
        Value::Text(value) => quote!(#value),
        Value::Enumerator(id, index) => {
            let path = context.own_path(*id, place);
            match &context.model[*id].kind {
                EntityKind::Enum(enumerators) => {
                    let variant = &enumeration::variants(enumerators)[*index];
                    quote!(#path::#variant)
                }
                _ => path,
            }
        }
    }
}
