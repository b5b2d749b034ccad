//! Requests that go out.

use std::sync::Arc;

use cxx::SharedPtr;

use crate::bridge::ffi;
use crate::failure::Failure;
use crate::guard::contain;
use crate::proxy::Proxy;

/// How a call ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// It returned; the encapsulation of its results, empty where there are none (oneway calls).
    Returned(&'a [u8]),
    /// It raised a user exception; the encapsulation of that.
    Raised(&'a [u8]),
    /// It failed.
    Failed(Failure),
}

/// Who waits for the end of a call.
pub trait Answer: Send + Sync {
    /// Called once, on a thread of Ice or within [`Proxy::call`]. The bytes are valid during this call alone.
    /// It must not block.
    fn answer(&self, outcome: Outcome<'_>);
}

/// Hands the end of a call to whoever waits for it, once.
pub(crate) struct Completion(Option<Arc<dyn Answer>>);

impl Completion {
    fn finish(&mut self, outcome: Outcome<'_>) {
        if let Some(waiting) = self.0.take() {
            contain(move || waiting.answer(outcome));
        }
    }
}

impl Drop for Completion {
    /// A call that is dropped unanswered must not leave anybody waiting.
    fn drop(&mut self) {
        if self.0.is_some() {
            self.finish(Outcome::Failed(Failure::unknown_local(
                "the call ended without an answer",
            )));
        }
    }
}

pub(crate) fn succeeded(completion: &mut Completion, returned: bool, encapsulation: &[u8]) {
    completion.finish(if returned {
        Outcome::Returned(encapsulation)
    } else {
        Outcome::Raised(encapsulation)
    });
}

pub(crate) fn failed(completion: &mut Completion, type_id: &[u8], reason: &[u8]) {
    completion.finish(Outcome::Failed(Failure::from_wire(type_id, reason)));
}

/// A request under way.
pub struct Call(SharedPtr<ffi::Call>);

impl Call {
    /// Ends the call as far as this side is concerned: it is answered with `InvocationCanceledException` unless
    /// an answer came before.
    pub fn cancel(&self) {
        // It can fail only for want of memory, and then the answer is merely not wanted.
        let _ = ffi::call_cancel(&self.0);
    }
}

impl Proxy {
    /// Sends a request; `params` is the body of their encapsulation. How it ends goes to `waiting`, within this
    /// function perhaps. `mode` is that of Slice: 0 normal, 1 nonmutating, 2 idempotent.
    ///
    /// # Errors
    ///
    /// Where not even a request can be made; `waiting` is answered as well then.
    pub fn call(
        &self,
        operation: &str,
        mode: u8,
        params: &[u8],
        waiting: Arc<dyn Answer>,
    ) -> Result<Call, Failure> {
        self.start(operation, mode, params, false, waiting)
    }

    /// As [`Proxy::call`], where `params` is the whole encapsulation.
    ///
    /// # Errors
    ///
    /// As [`Proxy::call`].
    pub fn call_encapsulated(
        &self,
        operation: &str,
        mode: u8,
        params: &[u8],
        waiting: Arc<dyn Answer>,
    ) -> Result<Call, Failure> {
        self.start(operation, mode, params, true, waiting)
    }

    fn start(
        &self,
        operation: &str,
        mode: u8,
        params: &[u8],
        encapsulated: bool,
        waiting: Arc<dyn Answer>,
    ) -> Result<Call, Failure> {
        let completion = Box::new(Completion(Some(waiting)));
        Ok(Call(ffi::call_start(
            &self.0,
            operation,
            mode,
            params,
            encapsulated,
            completion,
        )?))
    }
}
