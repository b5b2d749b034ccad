//! User exceptions: a chain of slices, the most derived first.
//!
//! Encoding 1.1: a slice has flags, its type id, and a size where the flags say so. Encoding 1.0: one byte
//! in front of all (whether class values follow), then type id and size for each slice.

use super::{Decoder, Encode as _, Encoder, EncodingVersion, optional};
use crate::error::{Error, ErrorKind};

const HAS_OPTIONALS: u8 = 0x04;
const HAS_INDIRECTION_TABLE: u8 = 0x08;
const HAS_SIZE: u8 = 0x10;
const IS_LAST: u8 = 0x20;

/// How the slices of an exception are written in encoding 1.1; encoding 1.0 knows one way alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SliceFormat {
    /// Without sizes: a receiver that does not know the most derived type cannot go on to its base.
    #[default]
    Compact,
    /// With the size of each slice: `["format:sliced"]`.
    Sliced,
}

/// Writes the slices of one user exception.
#[derive(Debug)]
pub struct ExceptionEncoder<'e> {
    to: &'e mut Encoder,
    format: SliceFormat,
}

impl<'e> ExceptionEncoder<'e> {
    pub(crate) fn new(to: &'e mut Encoder, format: SliceFormat) -> Self {
        if to.encoding() == EncodingVersion::V1_0 {
            to.raw(&[0]);
        }
        Self { to, format }
    }

    /// One slice: the members that this level of the inheritance adds. The most derived comes first;
    /// `last` says that it has no base.
    pub fn slice(&mut self, type_id: &str, last: bool, members: impl FnOnce(&mut Encoder)) {
        self.write(type_id, if last { IS_LAST } else { 0 }, members);
    }

    /// One slice whose members end with optional ones.
    pub fn slice_with_optionals(
        &mut self,
        type_id: &str,
        last: bool,
        members: impl FnOnce(&mut Encoder),
    ) {
        if self.to.encoding() == EncodingVersion::V1_0 {
            return self.slice(type_id, last, members);
        }
        self.write(
            type_id,
            HAS_OPTIONALS | if last { IS_LAST } else { 0 },
            |to| {
                members(to);
                to.raw(&[optional::END_MARKER]);
            },
        );
    }

    fn write(&mut self, type_id: &str, flags: u8, members: impl FnOnce(&mut Encoder)) {
        let v1_0 = self.to.encoding() == EncodingVersion::V1_0;
        let sized = v1_0 || self.format == SliceFormat::Sliced;
        if !v1_0 {
            self.to.raw(&[flags | if sized { HAS_SIZE } else { 0 }]);
        }
        type_id.encode(self.to);
        if !sized {
            return members(self.to);
        }
        let at = self.to.start_length();
        members(self.to);
        // The size of a slice counts its own four bytes.
        self.to.end_length(at, 4);
    }
}

/// The head of a slice that was read, up to its members.
struct Head<'a> {
    type_id: &'a str,
    flags: u8,
    /// Bytes of the members, where the format tells.
    size: Option<usize>,
}

/// Reads the slices of one user exception, the most derived first.
pub struct ExceptionDecoder<'d, 'a> {
    from: &'d mut Decoder<'a>,
    head: Head<'a>,
    most_derived: &'a str,
    /// The members of the slice under `head` were read or passed over.
    spent: bool,
}

impl<'d, 'a> ExceptionDecoder<'d, 'a> {
    pub(crate) fn new(from: &'d mut Decoder<'a>) -> Result<Self, Error> {
        if from.encoding() == EncodingVersion::V1_0 {
            from.byte()?;
        }
        let head = read_head(from)?;
        let most_derived = head.type_id;
        Ok(Self {
            from,
            head,
            most_derived,
            spent: false,
        })
    }

    /// The type id of the slice that comes next.
    pub(crate) fn type_id(&self) -> &'a str {
        self.head.type_id
    }

    /// Passes over the current slice, to that of the base.
    ///
    /// # Errors
    ///
    /// `UnknownUser` with the most derived type id, where it was the last slice, or where the compact format
    /// does not tell how long it is.
    pub(crate) fn skip(&mut self) -> Result<(), Error> {
        let unknown = Error::new(ErrorKind::UnknownUser, self.most_derived);
        let Some(size) = self.head.size.filter(|_| self.head.flags & IS_LAST == 0) else {
            return Err(unknown);
        };
        self.from.raw(size)?;
        self.end_of_slice()?;
        // Encoding 1.0 does not mark the last slice: it is where the bytes end.
        if self.from.remaining() == 0 {
            return Err(unknown);
        }
        self.next_head()
    }

    /// The members of the next slice, which the closure reads.
    ///
    /// # Errors
    ///
    /// Of the group `Marshal`, where there is no further slice, or where it does not decode.
    pub fn slice<T>(
        &mut self,
        members: impl FnOnce(&mut Decoder<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.spent {
            self.next_head()?;
        }
        self.spent = true;
        let value = match self.head.size {
            Some(size) => members(&mut self.from.part(size)?)?,
            None => {
                let value = members(self.from)?;
                if self.head.flags & HAS_OPTIONALS != 0 {
                    optional::skip_all(self.from)?;
                    self.from.byte()?;
                }
                value
            }
        };
        self.end_of_slice()?;
        Ok(value)
    }

    fn next_head(&mut self) -> Result<(), Error> {
        if self.head.flags & IS_LAST != 0 {
            return Err(Error::marshal(format!(
                "no slice follows that of {}",
                self.head.type_id
            )));
        }
        self.head = read_head(self.from)?;
        self.spent = false;
        Ok(())
    }

    fn end_of_slice(&mut self) -> Result<(), Error> {
        if self.head.flags & HAS_INDIRECTION_TABLE != 0 {
            return Err(Error::new(
                ErrorKind::FeatureNotSupported,
                "an exception with class values",
            ));
        }
        Ok(())
    }
}

fn read_head<'a>(from: &mut Decoder<'a>) -> Result<Head<'a>, Error> {
    let (flags, type_id) = match from.encoding() {
        EncodingVersion::V1_1 => (from.byte()?, from.str()?),
        EncodingVersion::V1_0 => {
            let type_id = from.str()?;
            (HAS_SIZE, type_id)
        }
    };
    let size = if flags & HAS_SIZE == 0 {
        None
    } else {
        Some(
            from.length()?
                .checked_sub(4)
                .ok_or_else(|| Error::marshal("a slice shorter than its head"))?,
        )
    };
    Ok(Head {
        type_id,
        flags,
        size,
    })
}

impl std::fmt::Debug for ExceptionDecoder<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExceptionDecoder")
            .field("type_id", &self.head.type_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{ExceptionDecoder, ExceptionEncoder, SliceFormat};
    use crate::encoding::optional::{OptionalFormat, VSizeShape};
    use crate::encoding::{Decode as _, Decoder, Encode as _, Encoder, EncodingVersion};
    use crate::error::ErrorKind;

    const WAYS: [(EncodingVersion, SliceFormat); 3] = [
        (EncodingVersion::V1_0, SliceFormat::Compact),
        (EncodingVersion::V1_1, SliceFormat::Compact),
        (EncodingVersion::V1_1, SliceFormat::Sliced),
    ];

    fn derived((encoding, format): (EncodingVersion, SliceFormat)) -> Vec<u8> {
        let mut encoder = Encoder::new(encoding);
        let mut exception = ExceptionEncoder::new(&mut encoder, format);
        exception.slice_with_optionals("::Derived", false, |to| {
            7_i32.encode(to);
            to.optional(1, OptionalFormat::F1, VSizeShape::Plain, Some(&true));
        });
        exception.slice("::Base", true, |to| "why".encode(to));
        encoder.finish().expect("small")
    }

    #[test]
    fn a_derived_exception_is_read_slice_by_slice_in_every_format() {
        for way in WAYS {
            let bytes = derived(way);
            let mut decoder = Decoder::new(&bytes, way.0);
            let mut exception = ExceptionDecoder::new(&mut decoder).expect("well formed");
            assert_eq!(exception.type_id(), "::Derived");
            assert_eq!(exception.slice(i32::decode).expect("well formed"), 7);
            assert_eq!(exception.slice(String::decode).expect("well formed"), "why");
            decoder.finish().expect("all was read");
        }
    }

    #[test]
    fn an_unknown_slice_is_passed_over_where_its_size_is_told() {
        for way in [WAYS[0], WAYS[2]] {
            let bytes = derived(way);
            let mut decoder = Decoder::new(&bytes, way.0);
            let mut exception = ExceptionDecoder::new(&mut decoder).expect("well formed");
            exception.skip().expect("the size is told");
            assert_eq!(exception.type_id(), "::Base");
            assert_eq!(exception.slice(String::decode).expect("well formed"), "why");
            decoder.finish().expect("all was read");
        }
    }

    #[test]
    fn an_exception_of_unknown_slices_alone_is_an_unknown_user_exception_with_its_own_type_id() {
        for way in WAYS {
            let bytes = derived(way);
            let mut decoder = Decoder::new(&bytes, way.0);
            let mut exception = ExceptionDecoder::new(&mut decoder).expect("well formed");
            let error = loop {
                if let Err(error) = exception.skip() {
                    break error;
                }
            };
            assert_eq!(
                (error.kind(), error.reason()),
                (ErrorKind::UnknownUser, "::Derived")
            );
        }
    }

    #[test]
    fn an_exception_that_is_cut_short_anywhere_is_refused() {
        for way in WAYS {
            let bytes = derived(way);
            for end in 0..bytes.len() {
                let mut decoder = Decoder::new(&bytes[..end], way.0);
                let read = ExceptionDecoder::new(&mut decoder).and_then(|mut exception| {
                    exception
                        .slice(i32::decode)
                        .and_then(|_| exception.slice(String::decode))
                });
                assert!(read.is_err(), "{way:?} up to {end}");
            }
        }
    }

    #[test]
    fn a_slice_that_claims_to_be_shorter_than_its_head_is_refused() {
        let mut decoder = Decoder::new(&[0x10, 1, b'D', 3, 0, 0, 0], EncodingVersion::V1_1);
        assert!(ExceptionDecoder::new(&mut decoder).is_err());
    }
}
