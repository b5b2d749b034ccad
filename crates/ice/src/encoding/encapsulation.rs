use super::{ENCAPSULATION_HEADER, EncodingVersion, encapsulate, open_encapsulation};
use crate::error::{Error, ErrorKind};

/// The encoded parameters, results or exception of one call, as they travel: their size, the version of their encoding,
/// and the values. For those who pass calls on without knowing what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encapsulation(Vec<u8>);

impl Encapsulation {
    /// One without values: of an operation without parameters or results.
    #[must_use]
    pub fn empty(encoding: EncodingVersion) -> Self {
        let size = ENCAPSULATION_HEADER as u8;
        Self(vec![size, 0, 0, 0, 1, encoding.minor()])
    }

    /// One of these values, which are encoded already.
    ///
    /// # Errors
    ///
    /// `MemoryLimit` for 2 GiB and more.
    pub fn of_body(encoding: EncodingVersion, body: &[u8]) -> Result<Self, Error> {
        encapsulate(encoding, body).map(Self)
    }

    /// One from its bytes, header and all.
    ///
    /// # Errors
    ///
    /// `Encapsulation` where the header is not whole, or tells another size.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        match open_encapsulation(&bytes) {
            // Whoever passes it on need not know its encoding.
            Err(error) if error.kind() != ErrorKind::UnsupportedEncoding => Err(error),
            _ if bytes.is_empty() => Ok(Self::empty(EncodingVersion::default())),
            _ => Ok(Self(bytes)),
        }
    }

    /// One that the runtime has read.
    pub(crate) fn from_wire(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::empty(EncodingVersion::default()),
            bytes => Self(bytes.to_vec()),
        }
    }

    /// The version of the encoding of the values.
    ///
    /// # Errors
    ///
    /// `UnsupportedEncoding` where it is none that this crate knows.
    pub fn encoding(&self) -> Result<EncodingVersion, Error> {
        Ok(open_encapsulation(&self.0)?.0)
    }

    /// The values, without the header.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.get(ENCAPSULATION_HEADER..).unwrap_or_default()
    }

    /// All bytes, header and values.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// All bytes, header and values.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// How a call ended whose results are left as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// It returned these results.
    Returned(Encapsulation),
    /// It raised this exception, one defined in Slice.
    Raised(Encapsulation),
}

#[cfg(test)]
mod tests {
    use super::{Encapsulation, EncodingVersion};
    use crate::error::ErrorKind;

    #[test]
    fn bytes_are_taken_where_their_size_is_right_whatever_their_encoding() {
        let whole = Encapsulation::of_body(EncodingVersion::V1_0, b"body").expect("small");
        assert_eq!(whole.body(), b"body");
        assert_eq!(
            Encapsulation::from_bytes(whole.clone().into_bytes()).expect("its own bytes"),
            whole
        );
        let newer = Encapsulation::from_bytes(vec![6, 0, 0, 0, 2, 7]).expect("whole");
        let error = newer.encoding().expect_err("not known here");
        assert_eq!(error.kind(), ErrorKind::UnsupportedEncoding);
        assert_eq!(
            Encapsulation::from_bytes(Vec::new()).expect("no values"),
            Encapsulation::empty(EncodingVersion::V1_1)
        );
        assert!(Encapsulation::from_bytes(vec![7, 0, 0, 0, 1, 1]).is_err());
    }
}
