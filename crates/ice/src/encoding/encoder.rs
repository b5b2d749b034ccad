use ice_sys::Buffer;

use super::EncodingVersion;
use crate::error::{Error, ErrorKind};

/// Writes values in the Slice encoding.
///
/// Writing never fails: what cannot be written (a sequence of 2^31 elements) is remembered, and reported
/// when the bytes are taken.
#[derive(Debug)]
pub struct Encoder {
    bytes: Buffer,
    /// Where the values begin.
    start: usize,
    encoding: EncodingVersion,
    failed: Option<Error>,
}

impl Encoder {
    /// An empty encoder.
    #[must_use]
    pub fn new(encoding: EncodingVersion) -> Self {
        Self::behind(Buffer::new(), encoding)
    }

    /// One that writes behind what the buffer holds.
    pub(crate) fn behind(bytes: Buffer, encoding: EncodingVersion) -> Self {
        Self {
            start: bytes.len(),
            bytes,
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
        self.bytes.extend(bytes);
    }

    /// The number of elements that follow: one byte below 255, else five.
    pub fn size(&mut self, size: usize) {
        match i32::try_from(size) {
            Ok(size) if size < 255 => self.raw(&[size as u8]),
            Ok(size) => {
                self.raw(&[255]);
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
            (EncodingVersion::V1_0, ..=0x7f) => self.raw(&[value as u8]),
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
        match i32::try_from((self.bytes.len() + extra).saturating_sub(at + 4)) {
            Ok(length) => {
                // It is missing where there is no room, which is reported when the bytes are taken.
                if let Some(place) = self.bytes.bytes_mut().get_mut(at..at + 4) {
                    place.copy_from_slice(&length.to_le_bytes());
                }
            }
            Err(_) => self.fail(too_large()),
        }
    }

    /// So many zeros, to be written over; none where there is no room.
    pub(crate) fn zeroed(&mut self, count: usize) -> &mut [u8] {
        self.bytes.zeroed(count)
    }

    /// The bytes written.
    ///
    /// # Errors
    ///
    /// Where a value could not be written: `MemoryLimit` for one that is too large for the encoding.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let start = self.start;
        Ok(self.into_buffer()?.bytes()[start..].to_vec())
    }

    /// As [`Encoder::finish`], with what the buffer held before.
    pub(crate) fn into_buffer(self) -> Result<Buffer, Error> {
        match self.failed {
            Some(error) => Err(error),
            None if self.bytes.has_failed() => Err(Error::new(
                ErrorKind::MemoryLimit,
                "there is no room for a message of this size",
            )),
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
    fn what_is_behind_something_else_is_its_own_alone() {
        let mut encoder = Encoder::behind(ice_sys::Buffer::for_reply(), EncodingVersion::V1_1);
        let at = encoder.start_length();
        encoder.raw(&[1, 2, 3]);
        encoder.end_length(at, 0);
        assert_eq!(encoder.finish().expect("small"), [3, 0, 0, 0, 1, 2, 3]);
    }

    #[test]
    fn a_size_beyond_the_encoding_is_reported_when_the_bytes_are_taken() {
        let mut encoder = Encoder::new(EncodingVersion::V1_1);
        encoder.size(1 << 31);
        assert!(encoder.finish().is_err());
    }
}
