//! Optional values of encoding 1.1: a tag, a wire format, the value.

use super::EncodingVersion;
use super::decoder::{Decode, Decoder};
use super::encoder::{Encode, Encoder};
use crate::error::{Error, ErrorKind};

/// How the extent of an optional value is told to a reader that does not know the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OptionalFormat {
    /// One byte: bool, byte.
    F1 = 0,
    /// Two bytes: short.
    F2 = 1,
    /// Four bytes: int, float.
    F4 = 2,
    /// Eight bytes: long, double.
    F8 = 3,
    /// A size: enumerations.
    Size = 4,
    /// A size in bytes in front: strings, and whatever has a fixed size for each element.
    VSize = 5,
    /// Four bytes of length in front: proxies, and whatever has no fixed size.
    FSize = 6,
    /// A class value.
    Class = 7,
}

/// Ends the optional members of a slice.
pub(crate) const END_MARKER: u8 = 0xff;
/// In the tag's five bits: the tag follows as a size.
const TAG_FOLLOWS: u8 = 30;

impl Encoder {
    /// An optional value; `None` writes nothing, as everything does in encoding 1.0.
    ///
    /// `shape` matters for `VSize` alone.
    pub fn optional<T: Encode + ?Sized>(
        &mut self,
        tag: u32,
        format: OptionalFormat,
        shape: VSizeShape,
        value: Option<&T>,
    ) {
        let (Some(value), EncodingVersion::V1_1) = (value, self.encoding()) else {
            return;
        };
        if tag < u32::from(TAG_FOLLOWS) {
            self.raw(&[(tag as u8) << 3 | format as u8]);
        } else {
            self.raw(&[TAG_FOLLOWS << 3 | format as u8]);
            self.size(tag as usize);
        }
        match (format, shape) {
            (OptionalFormat::FSize, _) => {
                let at = self.start_length();
                value.encode(self);
                self.end_length(at, 0);
            }
            (OptionalFormat::VSize, VSizeShape::Struct { size }) => {
                self.size(size);
                value.encode(self);
            }
            (OptionalFormat::VSize, VSizeShape::Elements { size, count }) => {
                // What the count itself takes belongs to the value.
                self.size(count * size + if count < 255 { 1 } else { 5 });
                value.encode(self);
            }
            _ => value.encode(self),
        }
    }
}

/// What an optional value of format `VSize` is made of.
#[derive(Clone, Copy, Debug)]
pub enum VSizeShape {
    /// It carries its own size in bytes: a string, or a sequence of one-byte elements.
    Plain,
    /// A struct of this many bytes.
    Struct {
        /// Bytes of the struct.
        size: usize,
    },
    /// A sequence or dictionary of `count` elements of `size` bytes.
    Elements {
        /// Bytes of one element, more than one.
        size: usize,
        /// How many elements.
        count: usize,
    },
}

impl Decoder<'_> {
    /// The optional value with this tag, if it is there. Tags must be asked for in rising order; lower
    /// ones that nobody asked for are passed over.
    ///
    /// `sized` says whether a `VSize` has a size in front that is not the value's own (see [`VSizeShape`]).
    ///
    /// # Errors
    ///
    /// Of the group `Marshal`, where it does not decode or has another format.
    pub fn optional<T: Decode>(
        &mut self,
        tag: u32,
        format: OptionalFormat,
        sized: bool,
    ) -> Result<Option<T>, Error> {
        if self.encoding() == EncodingVersion::V1_0 {
            return Ok(None);
        }
        loop {
            let before = self.position();
            let Some((found, wire)) = next(self)? else {
                return Ok(None);
            };
            if found > tag {
                self.rewind(before);
                return Ok(None);
            }
            if found < tag {
                skip(self, wire)?;
                continue;
            }
            if wire != format as u8 {
                return Err(Error::marshal(format!(
                    "optional {tag} comes in format {wire}, not {format:?}"
                )));
            }
            match format {
                OptionalFormat::FSize => {
                    self.length()?;
                }
                OptionalFormat::VSize if sized => {
                    self.any_size()?;
                }
                _ => {}
            }
            return T::decode(self).map(Some);
        }
    }
}

/// Passes over all optional values that are left, up to the end marker of a slice or the end of the bytes.
pub(crate) fn skip_all(from: &mut Decoder<'_>) -> Result<(), Error> {
    while let Some((_, format)) = next(from)? {
        skip(from, format)?;
    }
    Ok(())
}

/// The next tag and format; `None` at the end marker, which stays, or at the end of the bytes.
fn next(from: &mut Decoder<'_>) -> Result<Option<(u32, u8)>, Error> {
    match from.peek() {
        None | Some(END_MARKER) => Ok(None),
        Some(first) => {
            from.byte()?;
            let tag = match first >> 3 {
                TAG_FOLLOWS => from.any_size()? as u32,
                tag => u32::from(tag),
            };
            Ok(Some((tag, first & 0b111)))
        }
    }
}

fn skip(from: &mut Decoder<'_>, format: u8) -> Result<(), Error> {
    let count = match format {
        0 => 1,
        1 => 2,
        2 => 4,
        3 => 8,
        4 => {
            from.any_size()?;
            0
        }
        5 => from.any_size()?,
        6 => from.length()?,
        _ => {
            return Err(Error::new(
                ErrorKind::FeatureNotSupported,
                "an optional class value",
            ));
        }
    };
    from.raw(count).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{OptionalFormat, VSizeShape};
    use crate::encoding::{Decoder, Encoder, EncodingVersion};

    #[test]
    fn optional_values_are_found_by_tag_and_strangers_are_passed_over() {
        let mut encoder = Encoder::new(EncodingVersion::V1_1);
        encoder.optional(1, OptionalFormat::VSize, VSizeShape::Plain, Some("name"));
        encoder.optional(2, OptionalFormat::F4, VSizeShape::Plain, None::<&i32>);
        encoder.optional(40, OptionalFormat::F4, VSizeShape::Plain, Some(&7));
        encoder.optional(
            50,
            OptionalFormat::VSize,
            VSizeShape::Elements { size: 4, count: 2 },
            Some(&vec![1, 2]),
        );
        let bytes = encoder.finish().expect("small");

        let mut decoder = Decoder::new(&bytes, EncodingVersion::V1_1);
        assert_eq!(
            decoder
                .optional::<i32>(2, OptionalFormat::F4, false)
                .expect("well formed"),
            None
        );
        assert_eq!(
            decoder
                .optional::<i32>(40, OptionalFormat::F4, false)
                .expect("well formed"),
            Some(7)
        );
        assert_eq!(
            decoder
                .optional::<Vec<i32>>(50, OptionalFormat::VSize, true)
                .expect("well formed"),
            Some(vec![1, 2])
        );
        decoder.finish().expect("all was read");
    }

    #[test]
    fn encoding_1_0_knows_no_optional_values() {
        let mut encoder = Encoder::new(EncodingVersion::V1_0);
        encoder.optional(1, OptionalFormat::F4, VSizeShape::Plain, Some(&7));
        assert!(encoder.finish().expect("small").is_empty());
    }
}
