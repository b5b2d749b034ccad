//! Calls, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

use crate::call::{Waiter, wake};

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// Whether a call has ended, and how.
    #[derive(Debug)]
    enum End {
        Waiting,
        Returned,
        Raised,
        Failed,
    }

    extern "Rust" {
        type Waiter;
        fn wake(waiter: &Waiter);
    }

    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/call.h");

        type MessageBuffer = crate::bridge::buffer::ffi::MessageBuffer;
        type ObjectPrx = crate::bridge::ffi::ObjectPrx;
        type Call;

        fn call_prepare(
            proxy: &SharedPtr<ObjectPrx>,
            operation: &str,
            mode: u8,
            waiter: Box<Waiter>,
            buffer: Pin<&mut MessageBuffer>,
        ) -> Result<SharedPtr<Call>>;
        fn call_send(
            call: &SharedPtr<Call>,
            size: usize,
            buffer: Pin<&mut MessageBuffer>,
        ) -> Result<()>;
        fn call_encapsulated(
            proxy: &SharedPtr<ObjectPrx>,
            operation: &str,
            mode: u8,
            waiter: Box<Waiter>,
            params: &[u8],
        ) -> Result<SharedPtr<Call>>;
        fn call_cancel(call: &SharedPtr<Call>) -> Result<()>;
        fn call_lend(call: &SharedPtr<Call>, spare: Pin<&mut MessageBuffer>);
        fn call_take_reply(call: &SharedPtr<Call>, spare: Pin<&mut MessageBuffer>) -> Result<()>;

        fn end(self: &Call) -> End;
        fn waiter(self: &Call) -> &Waiter;
        fn reply(self: &Call) -> &[u8];
        fn failure_type(self: &Call) -> &[u8];
        fn failure_reason(self: &Call) -> &[u8];
        fn proxy(self: &Call) -> SharedPtr<ObjectPrx>;
    }
}

// SAFETY: the runtime guards what it writes with a lock of its own; what is read here is written before the end of the
// call is told, which is atomic, and never after.
unsafe impl Send for ffi::Call {}
// SAFETY: as above.
unsafe impl Sync for ffi::Call {}
