//! The Slice encodings 1.0 and 1.1: values to bytes and back.
//!
//! Little endian; sizes take one byte below 255, else five. An encapsulation, that is the parameters, the
//! results or an exception of one call, starts with its size and its encoding version; what these types
//! write and read is the body after that.

mod builtin;
mod decoder;
mod encapsulation;
mod encoder;
pub(crate) mod exception;
pub(crate) mod optional;

use std::fmt;

pub use decoder::{Decode, Decoder};
pub use encapsulation::{Encapsulation, Invoked};
pub use encoder::{Encode, Encoder};

pub(crate) use decoder::ProxyReader;

use crate::error::{Error, ErrorKind};

/// A version of the Slice encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EncodingVersion {
    /// 1.0, of peers from before Ice 3.5.
    V1_0,
    /// 1.1, the default.
    #[default]
    V1_1,
}

impl EncodingVersion {
    pub(crate) fn minor(self) -> u8 {
        match self {
            Self::V1_0 => 0,
            Self::V1_1 => 1,
        }
    }

    /// # Errors
    ///
    /// `UnsupportedEncoding` for any other version: a later minor version cannot be read by this one.
    pub(crate) fn from_wire(major: u8, minor: u8) -> Result<Self, Error> {
        match (major, minor) {
            (1, 0) => Ok(Self::V1_0),
            (1, 1) => Ok(Self::V1_1),
            _ => Err(Error::new(
                ErrorKind::UnsupportedEncoding,
                format!("{major}.{minor}, where 1.0 and 1.1 are known"),
            )),
        }
    }
}

impl fmt::Display for EncodingVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor())
    }
}

/// Size and encoding version, in front of every encapsulation.
const ENCAPSULATION_HEADER: usize = 6;

/// Opens an encapsulation: its encoding and its body.
pub(crate) fn open_encapsulation(bytes: &[u8]) -> Result<(EncodingVersion, &[u8]), Error> {
    if bytes.is_empty() {
        return Ok((EncodingVersion::default(), bytes));
    }
    let (header, body) = bytes
        .split_at_checked(ENCAPSULATION_HEADER)
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Encapsulation,
                format!("{} bytes are less than its header", bytes.len()),
            )
        })?;
    let size = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    if usize::try_from(size) != Ok(bytes.len()) {
        return Err(Error::new(
            ErrorKind::Encapsulation,
            format!("{} bytes claim to be {size}", bytes.len()),
        ));
    }
    Ok((EncodingVersion::from_wire(header[4], header[5])?, body))
}

/// Wraps a body into an encapsulation.
pub(crate) fn encapsulate(encoding: EncodingVersion, body: &[u8]) -> Result<Vec<u8>, Error> {
    let size = i32::try_from(body.len() + ENCAPSULATION_HEADER).map_err(|_| {
        Error::new(
            ErrorKind::MemoryLimit,
            "2 GiB and more do not fit into a message",
        )
    })?;
    let mut bytes = Vec::with_capacity(body.len() + ENCAPSULATION_HEADER);
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&[1, encoding.minor()]);
    bytes.extend_from_slice(body);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{EncodingVersion, encapsulate, open_encapsulation};

    #[test]
    fn an_encapsulation_opens_to_what_was_put_into_it() {
        let bytes = encapsulate(EncodingVersion::V1_0, b"body").expect("small");
        let (encoding, body) = open_encapsulation(&bytes).expect("whole");
        assert_eq!((encoding, body), (EncodingVersion::V1_0, &b"body"[..]));
    }

    #[test]
    fn an_encapsulation_that_lies_about_its_size_or_version_is_refused() {
        assert!(open_encapsulation(&[7, 0, 0, 0, 1, 1]).is_err());
        assert!(open_encapsulation(&[6, 0, 0, 0]).is_err());
        assert!(open_encapsulation(&[6, 0, 0, 0, 1, 2]).is_err());
        assert!(open_encapsulation(&[6, 0, 0, 0, 2, 0]).is_err());
    }
}
