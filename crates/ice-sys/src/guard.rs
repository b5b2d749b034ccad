//! No panic crosses the border: the C++ side has no way to carry one, and the process would abort.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; `None` where it panicked. The panic hook has reported it by then.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Option<T> {
    // What a panic leaves half done is dropped with `work`, or is behind locks that notice (`Mutex` poisons).
    catch_unwind(AssertUnwindSafe(work)).ok()
}
