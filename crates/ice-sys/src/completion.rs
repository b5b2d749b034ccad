//! Who waits for the end of something that has no results.

use std::sync::Arc;

use crate::failure::Failure;
use crate::guard::contain;

/// Who waits for the end of something that has no results.
pub trait Answer: Send + Sync {
    /// Called once, on a thread of Ice or within the function that begins. It must not block.
    fn answer(&self, end: Result<(), Failure>);
}

/// Hands the end over to whoever waits for it, once.
pub(crate) struct Completion(Option<Arc<dyn Answer>>);

impl Completion {
    pub(crate) fn boxed(waiting: Arc<dyn Answer>) -> Box<Self> {
        Box::new(Self(Some(waiting)))
    }

    fn finish(&mut self, end: Result<(), Failure>) {
        if let Some(waiting) = self.0.take() {
            contain(move || waiting.answer(end));
        }
    }
}

impl Drop for Completion {
    /// What is dropped without an end must not leave anybody waiting.
    fn drop(&mut self) {
        if self.0.is_some() {
            self.finish(Err(Failure::unknown_local("it ended without an answer")));
        }
    }
}

pub(crate) fn succeeded(completion: &mut Completion) {
    completion.finish(Ok(()));
}

pub(crate) fn failed(completion: &mut Completion, type_id: &[u8], reason: &[u8]) {
    completion.finish(Err(Failure::from_wire(type_id, reason)));
}
