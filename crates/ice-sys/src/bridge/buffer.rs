//! The memory of messages, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/buffer.h");

        type MessageBuffer;

        fn buffer_new() -> Result<UniquePtr<MessageBuffer>>;
        fn buffer_grow(buffer: Pin<&mut MessageBuffer>, room: usize) -> Result<()>;
        fn data(self: Pin<&mut MessageBuffer>) -> *mut u8;
        fn room(self: &MessageBuffer) -> usize;
        fn release(self: Pin<&mut MessageBuffer>);
    }
}
