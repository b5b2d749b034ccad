use std::fmt;

use super::{EncodingVersion, optional};
use crate::error::{Error, ErrorKind};
use crate::proxy::ObjectPrx;

/// The most endpoints of a proxy that is taken from a peer.
const MOST_ENDPOINTS: usize = 256;

/// Turns the encoded form of a proxy into one: only the runtime knows how.
pub(crate) trait ProxyReader {
    /// Reads a proxy from the front of `bytes`: the proxy and the bytes that it took.
    fn read(
        &self,
        encoding: EncodingVersion,
        bytes: &[u8],
    ) -> Result<(Option<ObjectPrx>, usize), Error>;
}

/// Reads values in the Slice encoding from borrowed bytes.
///
/// Nothing that the bytes claim is believed before it is checked against what is there: no length makes
/// it allocate more than a small multiple of the bytes that came.
pub struct Decoder<'a> {
    rest: &'a [u8],
    encoding: EncodingVersion,
    proxies: Option<&'a dyn ProxyReader>,
}

impl<'a> Decoder<'a> {
    /// Reads from these bytes. It can read every type but non-null proxies, which need a communicator.
    #[must_use]
    pub fn new(bytes: &'a [u8], encoding: EncodingVersion) -> Self {
        Self {
            rest: bytes,
            encoding,
            proxies: None,
        }
    }

    pub(crate) fn with_proxies(
        bytes: &'a [u8],
        encoding: EncodingVersion,
        proxies: &'a dyn ProxyReader,
    ) -> Self {
        Self {
            rest: bytes,
            encoding,
            proxies: Some(proxies),
        }
    }

    /// The encoding that the values are read in.
    #[must_use]
    pub fn encoding(&self) -> EncodingVersion {
        self.encoding
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next `count` bytes as they are.
    ///
    /// # Errors
    ///
    /// `UnmarshalOutOfBounds` where there are fewer.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], Error> {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(Error::new(
                ErrorKind::UnmarshalOutOfBounds,
                format!("{count} bytes wanted, {} left", self.rest.len()),
            )),
        }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let bytes = self.raw(N)?;
        Ok(std::array::from_fn(|index| bytes[index]))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// A four-byte length, which must not be negative.
    pub(crate) fn length(&mut self) -> Result<usize, Error> {
        let length = i32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| Error::marshal(format!("a length of {length}")))
    }

    /// A number of elements, not compared with what is left.
    pub(crate) fn any_size(&mut self) -> Result<usize, Error> {
        match self.byte()? {
            255 => self.length(),
            size => Ok(usize::from(size)),
        }
    }

    /// The number of elements that follow, each of `min_wire_size` bytes at least.
    ///
    /// # Errors
    ///
    /// `UnmarshalOutOfBounds` where that many cannot follow.
    pub fn size(&mut self, min_wire_size: usize) -> Result<usize, Error> {
        let size = self.any_size()?;
        if size > self.rest.len() / min_wire_size.max(1) {
            return Err(Error::new(
                ErrorKind::UnmarshalOutOfBounds,
                format!("{size} elements announced, {} bytes left", self.rest.len()),
            ));
        }
        Ok(size)
    }

    /// The number of an enumerator, where `max` is the greatest of its enumeration; see [`super::Encoder::enumerator`].
    ///
    /// # Errors
    ///
    /// `Marshal` where it is negative or beyond `max`.
    pub fn enumerator(&mut self, max: i32) -> Result<i32, Error> {
        let value = match (self.encoding, max) {
            (EncodingVersion::V1_1, _) => i32::try_from(self.any_size()?).unwrap_or(-1),
            (EncodingVersion::V1_0, ..=0x7f) => i32::from(self.byte()?),
            (EncodingVersion::V1_0, ..=0x7fff) => i32::from(i16::from_le_bytes(self.array()?)),
            (EncodingVersion::V1_0, _) => i32::from_le_bytes(self.array()?),
        };
        if (0..=max).contains(&value) {
            Ok(value)
        } else {
            Err(Error::marshal(format!(
                "enumerator {value}, where {max} is the greatest"
            )))
        }
    }

    pub(crate) fn proxy(&mut self) -> Result<Option<ObjectPrx>, Error> {
        // An empty name and an empty category are the null proxy.
        if let [0, 0, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok(None);
        }
        let reader = self.proxies.ok_or_else(|| {
            Error::new(ErrorKind::ProxyUnmarshal, "no communicator to make it with")
        })?;
        self.check_endpoints()?;
        let (proxy, taken) = reader.read(self.encoding, self.rest)?;
        self.raw(taken)?;
        Ok(proxy)
    }

    /// Looks ahead, as far as the number of a proxy's endpoints: the runtime makes room for as many as are announced
    /// before it reads the first, and takes a step deeper into its stack for each that it connects to in vain: with ten
    /// thousand, which fit into a message, that is the end of the process.
    fn check_endpoints(&self) -> Result<(), Error> {
        // A type, of two bytes, and an encapsulation, of six without a content.
        const SMALLEST_ENDPOINT: usize = 8;
        let mut ahead = Decoder::new(self.rest, self.encoding);
        let text = |ahead: &mut Decoder<'_>| {
            let length = ahead.size(1)?;
            ahead.raw(length).map(drop)
        };
        text(&mut ahead)?;
        text(&mut ahead)?;
        for _ in 0..ahead.size(1)? {
            text(&mut ahead)?;
        }
        // Mode and secure, then, since encoding 1.1, the versions of protocol and encoding.
        let fixed = if self.encoding == EncodingVersion::V1_0 {
            2
        } else {
            6
        };
        ahead.raw(fixed)?;
        let endpoints = ahead.size(SMALLEST_ENDPOINT)?;
        if endpoints > MOST_ENDPOINTS {
            return Err(Error::new(
                ErrorKind::ProxyUnmarshal,
                format!("{endpoints} endpoints, where {MOST_ENDPOINTS} are the most"),
            ));
        }
        Ok(())
    }

    pub(crate) fn position(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes back to where `position` was taken.
    pub(crate) fn rewind(&mut self, position: &'a [u8]) {
        self.rest = position;
    }

    /// The next `count` bytes as a decoder of their own.
    pub(crate) fn part(&mut self, count: usize) -> Result<Decoder<'a>, Error> {
        Ok(Decoder {
            rest: self.raw(count)?,
            encoding: self.encoding,
            proxies: self.proxies,
        })
    }

    /// Ends reading: passes over optional values that nobody asked for, and checks that nothing else is left.
    ///
    /// # Errors
    ///
    /// `Encapsulation` where bytes are left over.
    pub fn finish(mut self) -> Result<(), Error> {
        if self.encoding != EncodingVersion::V1_0 {
            optional::skip_all(&mut self)?;
        }
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Error::new(
                ErrorKind::Encapsulation,
                format!("{} bytes are left over", self.rest.len()),
            ))
        }
    }
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("encoding", &self.encoding)
            .field("remaining", &self.rest.len())
            .finish()
    }
}

/// How much memory is set aside on the word of a size alone; beyond that a sequence grows with its elements.
const RESERVED_AHEAD: usize = 64 * 1024;

/// A value that can be read in the Slice encoding.
pub trait Decode: Sized {
    /// The fewest bytes that such a value takes.
    const MIN_WIRE_SIZE: usize;

    /// Reads one value.
    ///
    /// # Errors
    ///
    /// Of the group `Marshal`, where the bytes are no such value.
    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error>;

    /// Reads a sequence of such values.
    ///
    /// # Errors
    ///
    /// Of the group `Marshal`, where the bytes are no such sequence.
    fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
        let size = from.size(Self::MIN_WIRE_SIZE)?;
        let mut items = Vec::with_capacity(size.min(RESERVED_AHEAD / size_of::<Self>().max(1)));
        for _ in 0..size {
            items.push(Self::decode(from)?);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::{Decode, Decoder, EncodingVersion};
    use crate::error::ErrorKind;

    #[test]
    fn a_size_that_lies_is_refused_before_anything_is_allocated() {
        let mut decoder = Decoder::new(&[255, 255, 255, 255, 127, 1, 2, 3], EncodingVersion::V1_1);
        let error = String::decode_vec(&mut decoder)
            .expect_err("three bytes are not two milliards of strings");
        assert_eq!(error.kind(), ErrorKind::UnmarshalOutOfBounds);
    }

    #[test]
    fn a_proxy_with_more_endpoints_than_bytes_is_refused() {
        // The identity "a", no facet, twoway, not secure, protocol 1.0, encoding 1.1; then the number of endpoints.
        let head = [1, b'a', 0, 0, 0, 0, 1, 0, 1, 1];
        let lying = [&head[..], &[255, 0, 0, 0, 1, 1, 0]].concat();
        let decoder = Decoder::new(&lying, EncodingVersion::V1_1);
        let error = decoder
            .check_endpoints()
            .expect_err("two bytes are not sixteen million endpoints");
        assert_eq!(error.kind(), ErrorKind::UnmarshalOutOfBounds);
        let none = [&head[..], &[0, 1, b'x']].concat();
        let decoder = Decoder::new(&none, EncodingVersion::V1_1);
        assert!(decoder.check_endpoints().is_ok());
    }

    #[test]
    fn a_proxy_with_too_many_endpoints_is_refused() {
        let head = [1, b'a', 0, 0, 0, 0, 1, 0, 1, 1];
        let proxy = |endpoints: u16| {
            let count = u32::from(endpoints).to_le_bytes();
            let room = vec![0; 8 * usize::from(endpoints)];
            [&head[..], &[255], &count, &room].concat()
        };
        let many = proxy(257);
        let error = Decoder::new(&many, EncodingVersion::V1_1)
            .check_endpoints()
            .expect_err("one more than there may be");
        assert_eq!(error.kind(), ErrorKind::ProxyUnmarshal);
        let most = proxy(256);
        assert!(
            Decoder::new(&most, EncodingVersion::V1_1)
                .check_endpoints()
                .is_ok()
        );
    }

    #[test]
    fn a_negative_size_is_refused() {
        let mut decoder = Decoder::new(&[255, 255, 255, 255, 255], EncodingVersion::V1_1);
        assert_eq!(
            decoder.size(1).expect_err("negative").kind(),
            ErrorKind::Marshal
        );
    }

    #[test]
    fn bytes_that_nobody_read_are_an_error_and_optional_values_are_not() {
        assert!(
            Decoder::new(&[1 << 3, 7], EncodingVersion::V1_1)
                .finish()
                .is_ok()
        );
        assert!(
            Decoder::new(&[1 << 3], EncodingVersion::V1_1)
                .finish()
                .is_err()
        );
        assert!(
            Decoder::new(&[1 << 3, 7], EncodingVersion::V1_0)
                .finish()
                .is_err()
        );
    }

    #[test]
    fn an_enumerator_beyond_the_greatest_is_refused() {
        assert_eq!(
            Decoder::new(&[2], EncodingVersion::V1_1).enumerator(2).ok(),
            Some(2)
        );
        assert!(
            Decoder::new(&[3], EncodingVersion::V1_1)
                .enumerator(2)
                .is_err()
        );
        assert!(
            Decoder::new(&[255, 255], EncodingVersion::V1_0)
                .enumerator(300)
                .is_err()
        );
    }
}
