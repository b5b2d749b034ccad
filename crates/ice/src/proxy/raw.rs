//! Calls whose parameters and results are left encoded.

use std::sync::{Arc, Mutex, PoisonError};

use ice_sys::Outcome;
use tokio::sync::oneshot;

use super::ObjectPrx;
use crate::current::OperationMode;
use crate::encoding::{Encapsulation, Invoked};
use crate::error::{Error, ErrorKind};

/// Starts a call. The future is its end; dropping that cancels the call.
pub(super) fn invoke<'a>(
    proxy: &'a ObjectPrx,
    operation: &str,
    mode: OperationMode,
    params: &Encapsulation,
) -> impl Future<Output = Result<Invoked, Error>> + Send + use<'a> {
    let operation = operation.to_owned();
    let (sender, answered) = oneshot::channel();
    let call = proxy.sys.call_encapsulated(
        &operation,
        mode.wire(),
        params.as_bytes(),
        Arc::new(Waiting(Mutex::new(Some(sender)))),
    );
    async move {
        let ended = match call {
            Ok(call) => {
                let _call = Cancelled(call);
                answered.await.unwrap_or_else(|_| {
                    Err(Error::new(
                        ErrorKind::UnknownLocal,
                        "the call ended without an answer",
                    ))
                })
            }
            Err(failure) => Err(failure.into()),
        };
        ended.map_err(|error| error.in_call(&operation, proxy))
    }
}

struct Waiting(Mutex<Option<oneshot::Sender<Result<Invoked, Error>>>>);

impl ice_sys::Answer for Waiting {
    fn answer(&self, outcome: Outcome<'_>) {
        let result = match outcome {
            Outcome::Returned(bytes) => Ok(Invoked::Returned(Encapsulation::from_wire(bytes))),
            Outcome::Raised(bytes) => Ok(Invoked::Raised(Encapsulation::from_wire(bytes))),
            Outcome::Failed(failure) => Err(failure.into()),
        };
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody may wait any more.
            let _ = sender.send(result);
        }
    }
}

/// Cancels the call when it is dropped; one that has ended does not mind.
struct Cancelled(ice_sys::Call);

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
