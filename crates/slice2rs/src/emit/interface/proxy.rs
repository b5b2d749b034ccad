//! The proxy of an interface: a type of its own around an untyped one, with one async method for each operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::codec::{Values, Write};
use super::super::context::Context;
use super::super::{docs, names};
use super::operation::{self, Method};
use crate::check;
use crate::model::{EntityId, TypeKind};

pub(super) fn emit(context: &Context<'_>, id: EntityId) -> TokenStream {
    let (ice, codegen) = (context.ice(), context.codegen());
    let place = context.place(id);
    let name = context.names(id).proxy;
    let type_id = context.model[id].type_id();
    let docs = docs::side(
        context,
        id,
        &format!("This is the proxy of a `{type_id}`: it calls one, wherever it is."),
    );
    let methods = operation::all(context, id);
    let calls = methods.iter().map(|one| method(context, id, one));
    let calls = (!methods.is_empty()).then(|| {
        quote! {
            impl #name {
                #(#calls)*
            }
        }
    });
    let bases = context.model.lineage(id).into_iter().skip(1).map(|base| {
        let base = context.proxy_path(base, place);
        quote! {
            impl ::std::convert::From<#name> for #base {
                fn from(derived: #name) -> Self {
                    #codegen::Prx::from_object(derived.0)
                }
            }
        }
    });
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct #name(#ice::ObjectPrx);

        #calls

        impl #codegen::Prx for #name {
            const TYPE_ID: &'static str = #type_id;

            fn from_object(object: #ice::ObjectPrx) -> Self {
                Self(object)
            }

            fn as_object(&self) -> &#ice::ObjectPrx {
                &self.0
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::std::convert::From<#name> for #ice::ObjectPrx {
            fn from(typed: #name) -> Self {
                typed.0
            }
        }

        #(#bases)*
    }
}

fn method(context: &Context<'_>, id: EntityId, method: &Method<'_>) -> TokenStream {
    let codegen = context.codegen();
    let place = context.place(id);
    let operation = method.operation;
    let (name, slice_name) = (&method.name, &operation.name.text);
    let docs = docs::operation(
        operation,
        &format!("Calls `{slice_name}`."),
        &method.thrown(context),
    );
    let parameters = operation
        .inputs
        .iter()
        .zip(&method.inputs)
        .map(|(member, name)| {
            let of = context.borrowed(member, place);
            quote!(#name: #of)
        });
    let result = method.result_type(context, place);
    let error = method.error_type(context, place);

    let mode = if !operation.idempotent {
        quote!(Normal)
    } else if check::nonmutating(&operation.metadata) {
        quote!(Nonmutating)
    } else {
        quote!(Idempotent)
    };
    let encode = encode(context, method);
    let decode = decode(context, method);
    quote! {
        #docs
        pub async fn #name(&self #(, #parameters)*) -> ::std::result::Result<#result, #error> {
            #codegen::invoke(&self.0, #slice_name, #codegen::OperationMode::#mode, #encode, #decode)
                .await
        }
    }
}

/// The closure that writes the parameters.
fn encode(context: &Context<'_>, method: &Method<'_>) -> TokenStream {
    let mut values = Values::new(context);
    for (member, name) in method.operation.inputs.iter().zip(&method.inputs) {
        let is_proxy = matches!(member.of.kind, TypeKind::Proxy(_) | TypeKind::ObjectProxy);
        let write = match (member.tag, context.is_reference(&member.of)) {
            (None, _) if is_proxy => Write::Proxy(quote!(#name)),
            // What can be null by itself is written as what it is: a proxy, cheap to clone.
            (Some(_), _) if is_proxy => {
                Write::Proxy(quote!(#name.map(|proxy| proxy.cloned()).as_ref()))
            }
            (Some(_), false) => Write::Reference(quote!(#name.as_ref())),
            (None, false) => Write::Reference(quote!(&#name)),
            (_, true) => Write::Reference(quote!(#name)),
        };
        values.add(context, member, write, name.clone());
    }
    if values.is_empty() {
        return quote!(|_| {});
    }
    let to = names::fresh("to", &method.inputs);
    let statements = values.encode(&to);
    quote!(|#to| { #statements })
}

/// The closure that reads the results.
fn decode(context: &Context<'_>, method: &Method<'_>) -> TokenStream {
    let (values, variables) = method.result_values(context, |_, _| Write::Never);
    values.decode(&variables)
}
