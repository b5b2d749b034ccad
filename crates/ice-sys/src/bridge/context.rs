//! The implicit context of a communicator, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/context.h");

        type Communicator = crate::bridge::ffi::Communicator;
        type Entry = crate::bridge::ffi::Entry;
        type ImplicitContext;

        fn communicator_context(communicator: &Communicator) -> Result<SharedPtr<ImplicitContext>>;
        fn context_all(context: &ImplicitContext) -> Result<Vec<Entry>>;
        fn context_replace(context: &ImplicitContext, entries: &Vec<Entry>) -> Result<()>;
        fn context_contains(context: &ImplicitContext, key: &str) -> Result<bool>;
        fn context_get(context: &ImplicitContext, key: &str) -> Result<String>;
        fn context_put(context: &ImplicitContext, key: &str, value: &str) -> Result<String>;
        fn context_remove(context: &ImplicitContext, key: &str) -> Result<String>;
    }
}

// SAFETY: Ice guards it with a lock of its own, or keeps one for each thread.
unsafe impl Send for ffi::ImplicitContext {}
// SAFETY: as above.
unsafe impl Sync for ffi::ImplicitContext {}
