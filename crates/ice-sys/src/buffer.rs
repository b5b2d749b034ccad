//! The memory of one message.

use std::cell::Cell;
use std::ptr;

use cxx::UniquePtr;

use crate::bridge::buffer::ffi;
use crate::failure::Failure;

thread_local! {
    /// The last buffer that this thread was done with, for the next message.
    static SPARE: Cell<Option<UniquePtr<ffi::MessageBuffer>>> = const { Cell::new(None) };
}

/// How much memory a spare buffer keeps.
const SPARE_MAX: usize = 64 * 1024;

/// How much fits into a message, with its head.
const MESSAGE_MAX: usize = i32::MAX as usize - 1024;

/// The bytes of one message, in memory of the runtime: it sends them from there, without another copy.
///
/// Writing never fails. Where there is no memory, or the bytes are more than a message can hold, they are
/// dropped, and the message cannot be sent.
pub struct Buffer {
    memory: UniquePtr<ffi::MessageBuffer>,
    /// What `memory` holds; null where it holds nothing.
    begin: *mut u8,
    room: usize,
    /// How much of it is written.
    length: usize,
    failed: bool,
}

// SAFETY: the memory is owned by this value alone, and `begin` points into it.
unsafe impl Send for Buffer {}

impl Buffer {
    /// What the runtime writes before the results of a reply.
    pub const REPLY_HEAD: usize = 25;

    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::of(spare().unwrap_or_else(UniquePtr::null), 0)
    }

    /// One for the results of a reply, with room for what comes before them.
    #[must_use]
    pub fn for_reply() -> Self {
        let mut buffer = Self::new();
        buffer.zeroed(Self::REPLY_HEAD);
        buffer
    }

    /// Takes what `memory` holds, of which so much is written.
    fn of(mut memory: UniquePtr<ffi::MessageBuffer>, length: usize) -> Self {
        let (begin, room) = match memory.as_mut() {
            Some(mut held) => (held.as_mut().data(), held.room()),
            None => (ptr::null_mut(), 0),
        };
        Self {
            memory,
            begin,
            room,
            length: length.min(room),
            failed: false,
        }
    }

    /// How many bytes are written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether bytes had to be dropped.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Writes bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        if bytes.len() <= self.room - self.length || self.make_room(bytes.len()) {
            // SAFETY: there is room for them behind what is written, in memory that nobody else has.
            unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), self.begin.add(self.length), bytes.len());
            }
            self.length += bytes.len();
        }
    }

    /// Writes so many zeros, to be written over; none where there is no room.
    pub fn zeroed(&mut self, count: usize) -> &mut [u8] {
        if count > self.room - self.length && !self.make_room(count) || count == 0 {
            return &mut [];
        }
        // SAFETY: there is room for them behind what is written, in memory that nobody else has, and they are written
        // before they can be read.
        let zeros = unsafe {
            let begin = self.begin.add(self.length);
            ptr::write_bytes(begin, 0, count);
            std::slice::from_raw_parts_mut(begin, count)
        };
        self.length += count;
        zeros
    }

    /// What is written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: so much is written, in memory that lives as long as this value.
        unsafe { std::slice::from_raw_parts(self.begin, self.length) }
    }

    /// What is written, to be written over.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: as above, and nobody else has the memory.
        unsafe { std::slice::from_raw_parts_mut(self.begin, self.length) }
    }

    /// Makes room for `more` bytes; `false` where that cannot be.
    #[cold]
    fn make_room(&mut self, more: usize) -> bool {
        self.failed = self.failed || more > MESSAGE_MAX - self.length || self.grow(more).is_err();
        !self.failed
    }

    fn grow(&mut self, more: usize) -> Result<(), Failure> {
        if self.memory.is_null() {
            self.memory = ffi::buffer_new()?;
        }
        let wanted = (self.length + more).max(2 * self.room).max(240);
        let mut memory = self.memory.pin_mut();
        let grown = ffi::buffer_grow(memory.as_mut(), wanted.min(MESSAGE_MAX));
        self.begin = memory.as_mut().data();
        self.room = memory.room();
        Ok(grown?)
    }

    /// The memory in the hands of the runtime: what is written, and how much that is.
    ///
    /// # Errors
    ///
    /// `MemoryLimitException` where bytes had to be dropped.
    pub(crate) fn into_memory(mut self) -> Result<(UniquePtr<ffi::MessageBuffer>, usize), Failure> {
        if self.failed {
            return Err(Failure {
                type_id: "::Ice::MemoryLimitException".to_owned(),
                reason: "there is no room for a message of this size".to_owned(),
                fields: Vec::new(),
            });
        }
        let memory = std::mem::replace(&mut self.memory, UniquePtr::null());
        Ok((memory, self.length))
    }

    /// A buffer for the runtime to put memory in, with what is written there.
    pub(crate) fn filled(
        fill: impl FnOnce(std::pin::Pin<&mut ffi::MessageBuffer>) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut memory = match spare() {
            Some(memory) => memory,
            None => ffi::buffer_new()?,
        };
        fill(memory.pin_mut())?;
        let length = memory.room();
        Ok(Self::of(memory, length))
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let memory = std::mem::replace(&mut self.memory, UniquePtr::null());
        keep(memory);
    }
}

/// What this thread has kept; a thread that ends has nothing.
fn spare() -> Option<UniquePtr<ffi::MessageBuffer>> {
    SPARE.try_with(Cell::take).ok().flatten()
}

/// Keeps a buffer for the next message of this thread.
pub(crate) fn keep(mut memory: UniquePtr<ffi::MessageBuffer>) {
    let Some(held) = memory.as_mut() else { return };
    if held.room() > SPARE_MAX {
        held.release();
    }
    // A thread that ends keeps nothing.
    let _ = SPARE.try_with(|spare| spare.set(Some(memory)));
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buffer({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, MESSAGE_MAX};

    #[test]
    fn what_is_written_is_there_however_much_it_is() {
        let mut buffer = Buffer::new();
        let mut expected = Vec::new();
        for number in 0..2000_u32 {
            buffer.extend(&number.to_le_bytes());
            expected.extend(number.to_le_bytes());
        }
        buffer.zeroed(3).copy_from_slice(&[7, 8, 9]);
        expected.extend([7, 8, 9]);
        assert_eq!(buffer.bytes(), expected);
        assert!(!buffer.has_failed());
    }

    #[test]
    fn a_buffer_of_a_message_before_is_empty() {
        let mut buffer = Buffer::new();
        buffer.extend(&[1, 2, 3]);
        drop(buffer);
        let buffer = Buffer::new();
        assert!(buffer.is_empty() && buffer.bytes().is_empty());
        assert_eq!(Buffer::for_reply().bytes(), [0; Buffer::REPLY_HEAD]);
    }

    #[test]
    fn more_than_a_message_can_hold_is_dropped_and_told() {
        let mut buffer = Buffer::new();
        buffer.extend(&[1]);
        assert!(buffer.zeroed(MESSAGE_MAX).is_empty());
        assert!(buffer.has_failed());
        assert!(buffer.into_memory().is_err());
    }
}
