//! No panic crosses the border: the C++ side has no way to carry one, and the process would abort.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; `None` where it panicked. The panic hook has reported it by then.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Option<T> {
    // What a panic leaves half done is dropped with `work`, or is behind locks that notice (`Mutex` poisons).
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // What a panic carries may panic when it is dropped. What that carries is leaked, or there would be no end.
            if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(another);
            }
            None
        }
    }
}

/// A value of whoever uses this crate, in the hands of C++, which drops it: that may panic, too.
pub(crate) struct Guarded<T>(Option<T>);

impl<T> Guarded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value; `None` where it is taken.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// Takes the value out, the first time.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        contain(move || drop(value));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::{Guarded, contain};

    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic_any("dropped");
        }
    }

    #[test]
    fn a_panic_whose_payload_panics_is_contained() {
        assert!(contain(|| panic_any(PanicsOnDrop)).is_none());
        assert_eq!(contain(|| 1), Some(1));
    }

    #[test]
    fn a_value_that_panics_when_dropped_is_contained() {
        drop(Guarded::new(PanicsOnDrop));
    }
}
