//! Calls whose parameters and results are left encoded.

use std::future::poll_fn;

use ice_sys::End;

use super::ObjectPrx;
use crate::current::OperationMode;
use crate::encoding::{Encapsulation, Invoked};
use crate::error::Error;

/// Starts a call. The future is its end; dropping that cancels the call.
pub(super) fn invoke<'a>(
    proxy: &'a ObjectPrx,
    operation: &str,
    mode: OperationMode,
    params: &Encapsulation,
) -> impl Future<Output = Result<Invoked, Error>> + Send + use<'a> {
    let operation = operation.to_owned();
    let call = proxy
        .sys
        .call_encapsulated(&operation, mode.wire(), params.as_bytes());
    async move {
        let ended = match call {
            Ok(call) => poll_fn(|context| call.poll(context.waker()).map(read)).await,
            Err(failure) => Err(failure.into()),
        };
        ended.map_err(|error| error.in_call(&operation, proxy))
    }
}

fn read(end: End<'_>) -> Result<Invoked, Error> {
    match end {
        End::Returned(bytes) => Ok(Invoked::Returned(Encapsulation::from_wire(bytes))),
        End::Raised(bytes) => Ok(Invoked::Raised(Encapsulation::from_wire(bytes))),
        End::Failed(failure) => Err(failure.into()),
    }
}
