//! Slice types as Rust types: owned, and as a proxy's method borrows them.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, Place};
use super::docs;
use crate::model::{EntityId, EntityKind, Member, Type, TypeKind};
use crate::parse::syntax::Primitive;

impl Context<'_> {
    /// The type of a value that is owned.
    pub(super) fn owned(&self, of: &Type, place: Place<'_>) -> TokenStream {
        let ice = self.ice();
        match of.kind {
            TypeKind::Primitive(primitive) => {
                scalar(primitive).unwrap_or_else(|| quote!(::std::string::String))
            }
            TypeKind::ObjectProxy | TypeKind::ClassValue(_) => {
                quote!(::std::option::Option<#ice::ObjectPrx>)
            }
            TypeKind::Proxy(id) => {
                let proxy = self.proxy_path(id, place);
                quote!(::std::option::Option<#proxy>)
            }
            // Aliases that are generated elsewhere are spelled out: only what has a name of its own must exist there.
            TypeKind::Named(id) if self.is_external(id) => match &self.model[id].kind {
                EntityKind::Sequence(_) | EntityKind::Dictionary(..) => self.collection(id, place),
                _ => self.own_path(id, place),
            },
            TypeKind::Named(id) => self.own_path(id, place),
        }
    }

    /// The same where the value may be absent.
    pub(super) fn owned_member(&self, member: &Member, place: Place<'_>) -> TokenStream {
        let owned = self.owned(&member.of, place);
        match member.tag {
            Some(_) => quote!(::std::option::Option<#owned>),
            None => owned,
        }
    }

    /// The type of a parameter that is only looked at.
    pub(super) fn borrowed(&self, member: &Member, place: Place<'_>) -> TokenStream {
        let of = &member.of;
        let ice = self.ice();
        let borrowed = match of.kind {
            TypeKind::Primitive(primitive) => scalar(primitive).unwrap_or_else(|| quote!(&str)),
            TypeKind::ObjectProxy | TypeKind::ClassValue(_) => {
                quote!(::std::option::Option<&#ice::ObjectPrx>)
            }
            TypeKind::Proxy(id) => {
                let proxy = self.proxy_path(id, place);
                quote!(::std::option::Option<&#proxy>)
            }
            TypeKind::Named(id) => {
                let owned = self.owned(of, place);
                match &self.model[id].kind {
                    EntityKind::Enum(_) => owned,
                    EntityKind::Sequence(element) => {
                        let element = self.owned(element, place);
                        quote!(&[#element])
                    }
                    _ => quote!(&#owned),
                }
            }
        };
        match member.tag {
            Some(_) => quote!(::std::option::Option<#borrowed>),
            None => borrowed,
        }
    }

    /// Whether [`Self::borrowed`] is a reference already (an absent value aside).
    pub(super) fn is_reference(&self, of: &Type) -> bool {
        match of.kind {
            TypeKind::Primitive(primitive) => scalar(primitive).is_none(),
            TypeKind::Named(id) => !matches!(self.model[id].kind, EntityKind::Enum(_)),
            TypeKind::ObjectProxy | TypeKind::Proxy(_) | TypeKind::ClassValue(_) => false,
        }
    }

    fn collection(&self, id: EntityId, place: Place<'_>) -> TokenStream {
        match &self.model[id].kind {
            EntityKind::Sequence(element) => {
                let element = self.owned(element, place);
                quote!(::std::vec::Vec<#element>)
            }
            EntityKind::Dictionary(key, value) => {
                let (key, value) = (self.owned(key, place), self.owned(value, place));
                quote!(::std::collections::BTreeMap<#key, #value>)
            }
            _ => self.own_path(id, place),
        }
    }
}

/// `pub type Name = Vec<...>;`
pub(super) fn alias(context: &Context<'_>, id: EntityId) -> TokenStream {
    let name = context.names(id).own;
    let collection = context.collection(id, context.place(id));
    let docs = docs::definition(context, id);
    quote! {
        #docs
        pub type #name = #collection;
    }
}

/// The Rust type of everything primitive but strings.
fn scalar(primitive: Primitive) -> Option<TokenStream> {
    Some(match primitive {
        Primitive::Bool => quote!(bool),
        Primitive::Byte => quote!(u8),
        Primitive::Short => quote!(i16),
        Primitive::Int => quote!(i32),
        Primitive::Long => quote!(i64),
        Primitive::Float => quote!(f32),
        Primitive::Double => quote!(f64),
        Primitive::String => return None,
    })
}
