//! The side that answers: a trait with one async method for each operation, and a servant that hands requests to it.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::super::codec::{Values, Write};
use super::super::context::Context;
use super::super::{docs, names};
use super::operation::{self, Method};
use crate::model::{EntityId, Interface};

pub(super) fn emit(context: &Context<'_>, id: EntityId, interface: &Interface) -> TokenStream {
    let definition = definition(context, id, interface);
    let servant = servant(context, id);
    quote!(#definition #servant)
}

/// The trait.
fn definition(context: &Context<'_>, id: EntityId, interface: &Interface) -> TokenStream {
    let place = context.place(id);
    let names = context.names(id);
    let (name, servant) = (&names.own, &names.servant);
    let docs = docs::side(
        context,
        id,
        &format!(
            "This is what a `{}` does, for those who implement one.\n[`{servant}`] makes it callable.",
            context.model[id].type_id()
        ),
    );
    let bounds = if interface.bases.is_empty() {
        quote!(::std::marker::Send + ::std::marker::Sync + 'static)
    } else {
        let bases = interface
            .bases
            .iter()
            .map(|base| context.own_path(*base, place));
        quote!(#(#bases)+*)
    };
    let methods = operation::own(context, id);
    let methods = methods.iter().map(|one| declaration(context, id, one));
    quote! {
        #docs
        pub trait #name: #bounds {
            #(#methods)*
        }
    }
}

fn declaration(context: &Context<'_>, id: EntityId, method: &Method<'_>) -> TokenStream {
    let ice = context.ice();
    let place = context.place(id);
    let operation = method.operation;
    let name = &method.name;
    let docs = docs::operation(
        operation,
        &format!("Answers `{}`.", operation.name.text),
        &method.thrown(context),
    );
    let parameters = operation
        .inputs
        .iter()
        .zip(&method.inputs)
        .map(|(member, name)| {
            let of = context.owned_member(member, place);
            quote!(#name: #of,)
        });
    let current = names::fresh("current", &method.inputs);
    let result = method.result_type(context, place);
    let error = method.error_type(context, place);
    quote! {
        #docs
        fn #name(
            &self,
            #(#parameters)*
            #current: &#ice::Current,
        ) -> impl ::std::future::Future<Output = ::std::result::Result<#result, #error>>
            + ::std::marker::Send;
    }
}

/// The type that makes an implementation of the trait a servant of the runtime.
fn servant(context: &Context<'_>, id: EntityId) -> TokenStream {
    let codegen = context.codegen();
    let names = context.names(id);
    let (name, servant) = (&names.own, &names.servant);
    let type_id = context.model[id].type_id();
    let mut type_ids: Vec<String> = context
        .model
        .lineage(id)
        .into_iter()
        .map(|one| context.model[one].type_id())
        .chain(["::Ice::Object".to_owned()])
        .collect();
    type_ids.sort_unstable();
    let request = names::ident("request");
    let dispatch = dispatch(context, id, &request);
    let docs = docs::text(&format!(
        "Lets Ice call an implementation of [`{name}`]: what an object adapter is given."
    ));
    let new_docs = docs::text("Takes the implementation.");
    let from_arc_docs = docs::text("Takes an implementation that others hold, too.");
    let s = implementation(context);
    let own = own_dispatch(context, id, &s);
    quote! {
        #docs
        pub struct #servant<#s>(::std::sync::Arc<#s>);

        impl<#s: #name> #servant<#s> {
            #new_docs
            pub fn new(servant: #s) -> Self {
                Self(::std::sync::Arc::new(servant))
            }

            #from_arc_docs
            pub fn from_arc(servant: ::std::sync::Arc<#s>) -> Self {
                Self(servant)
            }

            #own
        }

        impl<#s> ::std::clone::Clone for #servant<#s> {
            fn clone(&self) -> Self {
                Self(::std::sync::Arc::clone(&self.0))
            }
        }

        impl<#s> ::std::fmt::Debug for #servant<#s> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(::std::stringify!(#servant))
            }
        }

        impl<#s: #name> #codegen::Servant for #servant<#s> {
            fn type_ids(&self) -> &'static [&'static str] {
                &[#(#type_ids),*]
            }

            fn type_id(&self) -> &'static str {
                #type_id
            }

            fn dispatch(&self, #request: #codegen::Request<'_>) -> #codegen::Dispatch {
                #dispatch
            }
        }
    }
}

/// The type parameter for the implementation. It must not hide a definition of its name.
fn implementation(context: &Context<'_>) -> Ident {
    let mut name = "S".to_owned();
    while context.is_taken(&name) {
        name.push('_');
    }
    names::ident(&name)
}

/// The function that knows the operations of the interface itself, if it has some: those who inherit call it, too.
fn own_dispatch(context: &Context<'_>, id: EntityId, s: &Ident) -> Option<TokenStream> {
    let codegen = context.codegen();
    let methods = operation::own(context, id);
    if methods.is_empty() {
        return None;
    }
    let inputs = || methods.iter().flat_map(|one| &one.inputs);
    let (request, target) = (
        names::fresh("request", inputs()),
        names::fresh("target", inputs()),
    );
    let arms = methods
        .iter()
        .map(|method| arm(context, id, method, &request, &target));
    let docs = docs::text(
        "Dispatches a request for an operation of this interface; others are given back.",
    );
    Some(quote! {
        #[doc(hidden)]
        #docs
        pub fn dispatch_own<'r>(
            #target: &::std::sync::Arc<#s>,
            #request: #codegen::Request<'r>,
        ) -> ::std::result::Result<#codegen::Dispatch, #codegen::Request<'r>> {
            ::std::result::Result::Ok(match #request.operation() {
                #(#arms)*
                _ => return ::std::result::Result::Err(#request),
            })
        }
    })
}

/// The expression that hands a request to whoever in the lineage knows its operation.
fn dispatch(context: &Context<'_>, id: EntityId, request: &Ident) -> TokenStream {
    let codegen = context.codegen();
    let place = context.place(id);
    let mut known = context
        .model
        .lineage(id)
        .into_iter()
        .filter(|one| !context.operations(*one).is_empty())
        .map(|one| {
            let servant = context.path(one, &context.names(one).servant, place);
            quote!(#servant::dispatch_own(&self.0, #request))
        });
    let Some(first) = known.next() else {
        return quote!(#codegen::operation_not_exist(#request));
    };
    quote! {
        #first
            #(.or_else(|#request| #known))*
            .unwrap_or_else(#codegen::operation_not_exist)
    }
}

/// One operation: parameters are read at once, the answer comes in its own time.
fn arm(
    context: &Context<'_>,
    id: EntityId,
    method: &Method<'_>,
    request: &Ident,
    target: &Ident,
) -> TokenStream {
    let codegen = context.codegen();
    let place = context.place(id);
    let slice_name = Literal::byte_string(method.operation.name.text.as_bytes());
    let owner = context.own_path(method.owner, place);
    let (name, inputs) = (&method.name, &method.inputs);

    let fresh = |wanted| names::fresh(wanted, inputs);
    let (why, servant, current) = (fresh("why"), fresh("servant"), fresh("current"));
    let read = parameters(context, method, request, &why);
    let reply = if method.is_sliced(context) {
        quote!(from_result_sliced)
    } else {
        quote!(from_result)
    };
    let write = results(context, method);
    quote! {
        #slice_name => {
            #read
            let (#servant, #current) = (::std::sync::Arc::clone(#target), #request.current());
            ::std::boxed::Box::pin(async move {
                let result = #owner::#name(&*#servant, #(#inputs,)* &#current).await;
                #codegen::Reply::#reply(&#current, result, #write)
            })
        }
    }
}

/// Statements that read the parameters into variables, or refuse the request.
fn parameters(
    context: &Context<'_>,
    method: &Method<'_>,
    request: &Ident,
    why: &Ident,
) -> TokenStream {
    let codegen = context.codegen();
    let inputs = &method.inputs;
    let mut values = Values::new(context);
    for (member, name) in method.operation.inputs.iter().zip(inputs) {
        values.add(context, member, Write::Never, name.clone());
    }
    let closure = values.decode(inputs);
    let variables = match inputs.as_slice() {
        [] => {
            return quote! {
                if let ::std::result::Result::Err(#why) = #request.params(#closure) {
                    return ::std::result::Result::Ok(#codegen::refuse(#why));
                }
            };
        }
        [only] => quote!(#only),
        several => quote!((#(#several),*)),
    };
    quote! {
        let #variables = match #request.params(#closure) {
            ::std::result::Result::Ok(read) => read,
            ::std::result::Result::Err(#why) => {
                return ::std::result::Result::Ok(#codegen::refuse(#why));
            }
        };
    }
}

/// The closure that writes the results.
fn results(context: &Context<'_>, method: &Method<'_>) -> TokenStream {
    let (values, variables) = method.result_values(context, |member, name| {
        Write::Reference(match member.tag {
            Some(_) => quote!(#name.as_ref()),
            None => quote!(#name),
        })
    });
    if values.is_empty() {
        return quote!(|_, _| {});
    }
    let to = names::fresh("to", &variables);
    let statements = values.encode(&to);
    let pattern = match variables.as_slice() {
        [only] => quote!(#only),
        several => quote!((#(#several),*)),
    };
    quote!(|#pattern, #to| { #statements })
}
