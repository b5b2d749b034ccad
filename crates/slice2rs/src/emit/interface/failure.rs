//! One error type for each operation that throws: what it declares, everything derived from that, and Ice's own.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::context::{Context, Place};
use super::super::{docs, names};
use super::operation::{self, Method};
use crate::model::{EntityId, EntityKind, Operation};

/// The module of an interface with the errors of its operations, if it has any.
pub(super) fn emit(context: &Context<'_>, id: EntityId) -> Option<TokenStream> {
    let methods = operation::own(context, id);
    let errors: Vec<TokenStream> = methods
        .iter()
        .filter_map(|method| Some(error(context, method, method.error.as_ref()?)))
        .collect();
    if errors.is_empty() {
        return None;
    }
    let module = context.names(id).module;
    let docs = docs::text(&format!(
        "What the operations of [`{}`](super::{}) can fail with.",
        context.model[id].name.text,
        context.names(id).proxy
    ));
    Some(quote! {
        #docs
        pub mod #module {
            #(#errors)*
        }
    })
}

fn error(context: &Context<'_>, method: &Method<'_>, name: &Ident) -> TokenStream {
    let (ice, codegen) = (context.ice(), context.codegen());
    let place = Place {
        inside: 1,
        ..context.place(method.owner)
    };
    let slice_name = &method.operation.name.text;
    let exceptions = exceptions(context, method.operation);
    let mut taken = names::Taken::default();
    let ice_variant = taken.claim("Ice");
    let variants: Vec<Ident> = exceptions
        .iter()
        .map(|id| taken.claim(&context.names(*id).own.to_string()))
        .collect();
    let paths: Vec<TokenStream> = exceptions
        .iter()
        .map(|id| context.own_path(*id, place))
        .collect();
    let type_ids = exceptions.iter().map(|id| context.model[*id].type_id());
    let docs = docs::text(&format!("What `{slice_name}` can fail with."));
    let variant_docs = exceptions.iter().map(|id| {
        docs::part(context.model[*id].doc.as_deref(), || {
            format!("`{}`", context.model[*id].type_id())
        })
    });
    let ice_docs = docs::text("The call itself failed.");
    quote! {
        #docs
        #[derive(Debug)]
        pub enum #name {
            #(#variant_docs #variants(#paths),)*
            #ice_docs
            #ice_variant(#ice::Error),
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    #(Self::#variants(why) => ::std::fmt::Display::fmt(why, f),)*
                    Self::#ice_variant(why) => ::std::fmt::Display::fmt(why, f),
                }
            }
        }

        impl ::std::error::Error for #name {
            fn source(&self) -> ::std::option::Option<&(dyn ::std::error::Error + 'static)> {
                match self {
                    #(Self::#variants(why) => ::std::error::Error::source(why),)*
                    Self::#ice_variant(why) => ::std::error::Error::source(why),
                }
            }
        }

        #(
            impl ::std::convert::From<#paths> for #name {
                fn from(why: #paths) -> Self {
                    Self::#variants(why)
                }
            }
        )*

        impl ::std::convert::From<#ice::Error> for #name {
            fn from(why: #ice::Error) -> Self {
                Self::#ice_variant(why)
            }
        }

        impl #codegen::OperationError for #name {
            fn decode(
                type_id: &str,
                slices: &mut #codegen::ExceptionDecoder<'_, '_>,
            ) -> ::std::option::Option<::std::result::Result<Self, #codegen::Error>> {
                ::std::option::Option::Some(match type_id {
                    #(#type_ids => #paths::decode_slices(slices).map(Self::#variants),)*
                    _ => return ::std::option::Option::None,
                })
            }

            fn into_reply(self) -> #codegen::ReplyError {
                match self {
                    #(Self::#variants(why) => #codegen::ReplyError::user(why),)*
                    Self::#ice_variant(why) => #codegen::ReplyError::Ice(why),
                }
            }
        }
    }
}

/// What an operation declares, in its order, then whatever extends one of those and is known here.
fn exceptions(context: &Context<'_>, operation: &Operation) -> Vec<EntityId> {
    let mut list = operation.throws.clone();
    for id in &context.order {
        let derived = matches!(context.model[*id].kind, EntityKind::Exception(_))
            && !list.contains(id)
            && context
                .model
                .ancestry(*id)
                .iter()
                .any(|ancestor| operation.throws.contains(ancestor));
        if derived {
            list.push(*id);
        }
    }
    list
}
