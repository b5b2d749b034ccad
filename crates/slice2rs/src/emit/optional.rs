//! The wire format of optional values. Source: Ice manual, "Data Encoding for Optional Values".

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::context::Context;
use crate::model::{EntityKind, Type, TypeKind};
use crate::parse::syntax::Primitive;

/// How a type travels where it may be absent.
pub(super) struct Format {
    /// The variant of `ice::codegen::OptionalFormat`.
    variant: TokenStream,
    /// What the size in front of a `VSize` counts.
    shape: Shape,
}

enum Shape {
    /// There is none, or it is the value's own.
    Plain,
    /// A struct of so many bytes.
    Struct(usize),
    /// A sequence or dictionary of elements of so many bytes.
    Elements(usize),
}

impl Format {
    pub(super) fn new(context: &Context<'_>, of: &Type) -> Self {
        let plain = |variant| Self {
            variant,
            shape: Shape::Plain,
        };
        let elements = |size: Option<usize>| match size {
            // The number of elements is the number of bytes.
            Some(1) => plain(quote!(VSize)),
            Some(size) => Self {
                variant: quote!(VSize),
                shape: Shape::Elements(size),
            },
            None => plain(quote!(FSize)),
        };
        match of.kind {
            TypeKind::Primitive(primitive) => plain(match primitive {
                Primitive::Bool | Primitive::Byte => quote!(F1),
                Primitive::Short => quote!(F2),
                Primitive::Int | Primitive::Float => quote!(F4),
                Primitive::Long | Primitive::Double => quote!(F8),
                Primitive::String => quote!(VSize),
            }),
            TypeKind::ObjectProxy | TypeKind::Proxy(_) | TypeKind::ClassValue(_) => {
                plain(quote!(FSize))
            }
            TypeKind::Named(id) => {
                let (model, entity) = (context.model, &context.model[id]);
                match (&entity.kind, entity.facts.fixed_size) {
                    (EntityKind::Enum(_), _) => plain(quote!(Size)),
                    (EntityKind::Struct(_), Some(size)) => Self {
                        variant: quote!(VSize),
                        shape: Shape::Struct(size),
                    },
                    (EntityKind::Sequence(element), _) => elements(model.facts(element).fixed_size),
                    (EntityKind::Dictionary(key, value), _) => {
                        let sizes = (model.facts(key).fixed_size, model.facts(value).fixed_size);
                        elements(sizes.0.zip(sizes.1).map(|(key, value)| key + value))
                    }
                    _ => plain(quote!(FSize)),
                }
            }
        }
    }

    /// A statement that writes `value`, an `Option` of a reference, to the encoder `to`.
    pub(super) fn encode(
        &self,
        codegen: &TokenStream,
        to: &TokenStream,
        tag: i32,
        value: &TokenStream,
    ) -> TokenStream {
        let tag = Literal::i32_unsuffixed(tag);
        let variant = &self.variant;
        let shape = match self.shape {
            Shape::Plain => quote!(Plain),
            Shape::Struct(size) => {
                let size = Literal::usize_unsuffixed(size);
                quote!(Struct { size: #size })
            }
            Shape::Elements(size) => {
                let size = Literal::usize_unsuffixed(size);
                quote!(Elements { size: #size, count: #value.map_or(0, |items| items.len()) })
            }
        };
        quote! {
            #to.optional(
                #tag,
                #codegen::OptionalFormat::#variant,
                #codegen::VSizeShape::#shape,
                #value,
            );
        }
    }

    /// An expression that reads the value from the decoder `from`.
    pub(super) fn decode(
        &self,
        codegen: &TokenStream,
        from: &TokenStream,
        tag: i32,
    ) -> TokenStream {
        let tag = Literal::i32_unsuffixed(tag);
        let variant = &self.variant;
        let sized = !matches!(self.shape, Shape::Plain);
        quote!(#from.optional(#tag, #codegen::OptionalFormat::#variant, #sized)?)
    }
}
