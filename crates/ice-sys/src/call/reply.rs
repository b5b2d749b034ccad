//! The memory of large replies, which the next ones come in.
//!
//! The runtime allocates a block for each reply and grows it to the size of that. Freed beside the results that were
//! read from it, it is so much at once that the C library hands both back to the system, and a call spends most of its
//! time on fetching them again. So a thread keeps the block of its last large reply, and gives it along with its
//! next call.

use std::cell::Cell;
use std::ops::RangeInclusive;

use cxx::{SharedPtr, UniquePtr};

use crate::bridge::buffer::ffi::{MessageBuffer, buffer_new};
use crate::bridge::call::ffi;

thread_local! {
    static SPARE: Cell<Option<UniquePtr<MessageBuffer>>> = const { Cell::new(None) };
}

/// Bytes of a reply whose memory is kept. Less costs nothing to allocate, more is too much to hold on to: a
/// message has 1 MiB at most by default.
const KEPT: RangeInclusive<usize> = 64 * 1024..=1024 * 1024;

/// Gives along what is kept.
pub(super) fn lend(call: &SharedPtr<ffi::Call>) {
    if let Some(mut spare) = SPARE.take()
        && let Some(memory) = spare.as_mut()
    {
        ffi::call_lend(call, memory);
    }
}

/// Keeps the memory of the reply of a call that has ended and is read no more.
pub(super) fn keep(call: &SharedPtr<ffi::Call>) {
    if !KEPT.contains(&call.reply().len()) {
        return;
    }
    // Where there is no memory for that, the block is freed with its call.
    let Ok(mut spare) = buffer_new() else { return };
    if let Some(memory) = spare.as_mut()
        && ffi::call_take_reply(call, memory).is_ok()
    {
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|kept| kept.set(Some(spare)));
    }
}
