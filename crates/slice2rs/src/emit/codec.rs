//! Several values one after the other: those that are always there in their order, then optional ones by tag.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};

use super::context::Context;
use super::names;
use super::optional::Format;
use crate::model::Member;

/// Values in the order of their declaration.
pub(super) struct Values {
    codegen: TokenStream,
    list: Vec<Single>,
}

struct Single {
    /// The name of the local variable it is read into.
    variable: Ident,
    write: Write,
    optional: Option<(i32, Format)>,
}

/// How a value is written.
pub(super) enum Write {
    /// This is a reference to it; to an optional one, an `Option` of a reference.
    Reference(TokenStream),
    /// This is an `Option` of a reference to a proxy.
    Proxy(TokenStream),
    /// It is read only.
    Never,
}

impl Values {
    pub(super) fn new(context: &Context<'_>) -> Self {
        Self {
            codegen: context.codegen(),
            list: Vec::new(),
        }
    }

    /// One more value, which is read into `variable`.
    pub(super) fn add(
        &mut self,
        context: &Context<'_>,
        member: &Member,
        write: Write,
        variable: Ident,
    ) {
        let optional = member
            .tag
            .map(|tag| (tag, Format::new(context, &member.of)));
        self.list.push(Single {
            variable,
            write,
            optional,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The order on the wire.
    fn wire(&self) -> Vec<&Single> {
        let mut order: Vec<&Single> = self.list.iter().collect();
        order.sort_by_key(|one| one.optional.as_ref().map(|(tag, _)| *tag));
        order
    }

    /// Statements that write them to the encoder `to`.
    pub(super) fn encode(&self, to: &Ident) -> TokenStream {
        let codegen = &self.codegen;
        self.wire()
            .into_iter()
            .map(|one| match (&one.optional, &one.write) {
                (None, Write::Reference(value)) => {
                    quote!(#codegen::Encode::encode(#value, #to);)
                }
                (None, Write::Proxy(value)) => quote!(#to.proxy(#value);),
                (Some((tag, format)), Write::Reference(value) | Write::Proxy(value)) => {
                    format.encode(codegen, &to.to_token_stream(), *tag, value)
                }
                (_, Write::Never) => TokenStream::new(),
            })
            .collect()
    }

    /// A closure that reads them from a decoder. It returns nothing, the one value, or a tuple in the order of
    /// `variables`.
    pub(super) fn decode(&self, variables: &[Ident]) -> TokenStream {
        let codegen = &self.codegen;
        let from = names::fresh("from", variables);
        let single = |one: &Single| match &one.optional {
            None => quote!(#codegen::Decode::decode(#from)?),
            Some((tag, format)) => format.decode(codegen, &from.to_token_stream(), *tag),
        };
        match self.list.as_slice() {
            [] => quote!(|_| ::std::result::Result::Ok(())),
            [one] if one.optional.is_none() => quote!(|#from| #codegen::Decode::decode(#from)),
            [one] => {
                let value = single(one);
                quote!(|#from| ::std::result::Result::Ok(#value))
            }
            _ => {
                let statements = self.wire().into_iter().map(|one| {
                    let (variable, value) = (&one.variable, single(one));
                    quote!(let #variable = #value;)
                });
                quote!(|#from| {
                    #(#statements)*
                    ::std::result::Result::Ok((#(#variables),*))
                })
            }
        }
    }
}
