//! Who waits for the end of something that has no results.

use std::sync::Arc;

use crate::failure::Failure;
use crate::guard::contain;

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
