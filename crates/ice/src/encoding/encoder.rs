use std::cell::Cell;

use super::EncodingVersion;
use crate::error::{Error, ErrorKind};

thread_local! {
    /// The buffer of the last message that this thread has sent. Messages are copied on into the runtime's own
    /// buffers at once, so that one buffer serves all of a thread: no allocation for each call.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What a thread keeps at most; larger buffers are given back.
const SPARE_MAX: usize = 1 << 20;

/// Keeps the buffer of a message that is sent for the next one of this thread.
pub(crate) fn recycle(mut bytes: Vec<u8>) {
    if bytes.capacity() <= SPARE_MAX {
        bytes.clear();
        SPARE.set(bytes);
    }
}

/// Writes values in the Slice encoding.
///
/// Writing never fails: what cannot be written (a sequence of 2^31 elements) is remembered, and reported
/// when the bytes are taken.
#[derive(Debug)]
pub struct Encoder {
    bytes: Vec<u8>,
    encoding: EncodingVersion,
    failed: Option<Error>,
}

impl Encoder {
    /// An empty encoder. It allocates with the first value.
    #[must_use]
    pub fn new(encoding: EncodingVersion) -> Self {
        Self {
            bytes: Vec::new(),
            encoding,
            failed: None,
        }
    }

    /// The encoding that the values are written in.
    #[must_use]
    pub fn encoding(&self) -> EncodingVersion {
        self.encoding
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The number of elements that follow: one byte below 255, else five.
    pub fn size(&mut self, size: usize) {
        match i32::try_from(size) {
            Ok(size) if size < 255 => self.bytes.push(size as u8),
            Ok(size) => {
                self.bytes.push(255);
                self.raw(&size.to_le_bytes());
            }
            Err(_) => self.fail(too_large()),
        }
    }

    /// An enumerator, where `max` is the greatest of its enumeration: a size in encoding 1.1, and the
    /// smallest integer that holds `max` in 1.0.
    pub fn enumerator(&mut self, value: i32, max: i32) {
        match (self.encoding, max) {
            (EncodingVersion::V1_1, _) => self.size(usize::try_from(value).unwrap_or(usize::MAX)),
            (EncodingVersion::V1_0, ..=0x7f) => self.bytes.push(value as u8),
            (EncodingVersion::V1_0, ..=0x7fff) => self.raw(&(value as i16).to_le_bytes()),
            (EncodingVersion::V1_0, _) => self.raw(&value.to_le_bytes()),
        }
    }

    /// Where a four-byte length of what follows goes; see [`Encoder::end_length`].
    pub(crate) fn start_length(&mut self) -> usize {
        let at = self.bytes.len();
        self.raw(&[0; 4]);
        at
    }

    /// Writes the length of all since `start_length`, plus `extra`, into the place left for it.
    pub(crate) fn end_length(&mut self, at: usize, extra: usize) {
        match i32::try_from(self.bytes.len() - at - 4 + extra) {
            Ok(length) => self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes()),
            Err(_) => self.fail(too_large()),
        }
    }

    /// An encoder for a message that goes out from this thread, and whose bytes are recycled then.
    pub(crate) fn for_message(encoding: EncodingVersion) -> Self {
        Self {
            bytes: SPARE.take(),
            ..Self::new(encoding)
        }
    }

    pub(crate) fn reserve(&mut self, additional: usize) {
        self.bytes.reserve(additional);
    }

    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The bytes written.
    ///
    /// # Errors
    ///
    /// Where a value could not be written: `MemoryLimit` for one that is too large for the encoding.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.bytes),
        }
    }

    /// Remembers the first value that could not be written.
    pub(crate) fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}

fn too_large() -> Error {
    Error::new(ErrorKind::MemoryLimit, "a value of 2^31 elements or more")
}

/// A value that can be written in the Slice encoding.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, to: &mut Encoder);

    /// Writes a sequence of such values: their number, then each.
    fn encode_slice(items: &[Self], to: &mut Encoder)
    where
        Self: Sized,
    {
        to.size(items.len());
        for item in items {
            item.encode(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoder, EncodingVersion};

    fn bytes(encoding: EncodingVersion, write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut encoder = Encoder::new(encoding);
        write(&mut encoder);
        encoder.finish().expect("small")
    }

    #[test]
    fn a_size_takes_one_byte_below_255_and_five_above() {
        assert_eq!(bytes(EncodingVersion::V1_1, |e| e.size(254)), [254]);
        assert_eq!(
            bytes(EncodingVersion::V1_1, |e| e.size(255)),
            [255, 255, 0, 0, 0]
        );
    }

    #[test]
    fn an_enumerator_is_a_size_in_1_1_and_an_integer_by_its_greatest_in_1_0() {
        assert_eq!(
            bytes(EncodingVersion::V1_1, |e| e.enumerator(3, 70_000)),
            [3]
        );
        assert_eq!(bytes(EncodingVersion::V1_0, |e| e.enumerator(3, 127)), [3]);
        assert_eq!(
            bytes(EncodingVersion::V1_0, |e| e.enumerator(3, 128)),
            [3, 0]
        );
        assert_eq!(
            bytes(EncodingVersion::V1_0, |e| e.enumerator(3, 32_768)),
            [3, 0, 0, 0]
        );
    }

    #[test]
    fn a_recycled_buffer_starts_empty() {
        let mut encoder = Encoder::for_message(EncodingVersion::V1_1);
        encoder.raw(&[1, 2, 3]);
        super::recycle(encoder.finish().expect("small"));
        let bytes = Encoder::for_message(EncodingVersion::V1_1)
            .finish()
            .expect("empty");
        assert!(bytes.is_empty() && bytes.capacity() >= 3);
    }

    #[test]
    fn a_size_beyond_the_encoding_is_reported_when_the_bytes_are_taken() {
        let mut encoder = Encoder::new(EncodingVersion::V1_1);
        encoder.size(1 << 31);
        assert!(encoder.finish().is_err());
    }
}
