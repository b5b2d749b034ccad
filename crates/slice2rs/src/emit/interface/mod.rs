//! Interfaces, both sides: the proxy that calls, the trait that is implemented, the servant that dispatches, and a
//! module with the errors of each operation.

mod failure;
mod operation;
mod proxy;
mod servant;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use crate::model::{EntityId, Interface};

pub(super) fn emit(context: &Context<'_>, id: EntityId, interface: &Interface) -> TokenStream {
    let proxy = proxy::emit(context, id);
    if !interface.is_defined {
        return proxy;
    }
    let servant = servant::emit(context, id, interface);
    let failures = failure::emit(context, id);
    quote! {
        #proxy
        #servant
        #failures
    }
}
