//! How long work is watched and ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A wish that work ends early. Clones share the wish; any thread may express it, and it is never
/// taken back.
///
/// Work that was cancelled ends within a second with [`Error::Cancelled`](crate::Error::Cancelled),
/// and leaves nothing behind.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Work that may go on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks all work that was given a clone of this to end.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How far work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is done, in bytes of the file (of samples: in milliseconds of film); never more than
    /// `total`.
    pub done: u64,
    /// All that is to do, in the same unit.
    pub total: u64,
}
