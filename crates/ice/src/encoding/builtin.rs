//! The types of Slice that need no definition.

use std::collections::BTreeMap;

use super::{Decode, Decoder, Encode, Encoder};
use crate::error::{Error, ErrorKind};
use crate::proxy::Prx;

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Encode for $number {
            fn encode(&self, to: &mut Encoder) {
                to.raw(&self.to_le_bytes());
            }

            fn encode_slice(items: &[Self], to: &mut Encoder) {
                to.size(items.len());
                let (places, _) = to.zeroed(size_of_val(items)).as_chunks_mut();
                for (place, item) in places.iter_mut().zip(items) {
                    *place = item.to_le_bytes();
                }
            }
        }

        impl Decode for $number {
            const MIN_WIRE_SIZE: usize = size_of::<$number>();

            fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
                Ok(<$number>::from_le_bytes(from.array()?))
            }

            fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
                let size = from.size(Self::MIN_WIRE_SIZE)?;
                let (elements, _) = from.raw(size * Self::MIN_WIRE_SIZE)?.as_chunks();
                Ok(elements.iter().map(|bytes| <$number>::from_le_bytes(*bytes)).collect())
            }
        }
    )*};
}

numbers!(i16, i32, i64, f32, f64);

impl Encode for u8 {
    fn encode(&self, to: &mut Encoder) {
        to.raw(&[*self]);
    }

    fn encode_slice(items: &[Self], to: &mut Encoder) {
        to.size(items.len());
        to.raw(items);
    }
}

impl Decode for u8 {
    const MIN_WIRE_SIZE: usize = 1;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.byte()
    }

    fn decode_vec(from: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
        let size = from.size(1)?;
        Ok(from.raw(size)?.to_vec())
    }
}

impl Encode for bool {
    fn encode(&self, to: &mut Encoder) {
        to.raw(&[u8::from(*self)]);
    }
}

impl Decode for bool {
    const MIN_WIRE_SIZE: usize = 1;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        // As ZeroC's own mappings read it: whatever is not zero is true.
        Ok(from.byte()? != 0)
    }
}

impl Encode for str {
    fn encode(&self, to: &mut Encoder) {
        to.size(self.len());
        to.raw(self.as_bytes());
    }
}

impl Encode for String {
    fn encode(&self, to: &mut Encoder) {
        self.as_str().encode(to);
    }
}

impl<'a> Decoder<'a> {
    /// A string, still in the bytes that it came in.
    pub(crate) fn str(&mut self) -> Result<&'a str, Error> {
        let size = self.size(1)?;
        std::str::from_utf8(self.raw(size)?)
            .map_err(|error| Error::new(ErrorKind::StringConversion, error.to_string()))
    }
}

impl Decode for String {
    const MIN_WIRE_SIZE: usize = 1;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        from.str().map(str::to_owned)
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, to: &mut Encoder) {
        (**self).encode(to);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, to: &mut Encoder) {
        T::encode_slice(self, to);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, to: &mut Encoder) {
        T::encode_slice(self, to);
    }
}

impl<T: Decode> Decode for Vec<T> {
    const MIN_WIRE_SIZE: usize = 1;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        T::decode_vec(from)
    }
}

impl<K: Encode, V: Encode> Encode for BTreeMap<K, V> {
    fn encode(&self, to: &mut Encoder) {
        to.size(self.len());
        for (key, value) in self {
            key.encode(to);
            value.encode(to);
        }
    }
}

impl<K: Decode + Ord, V: Decode> Decode for BTreeMap<K, V> {
    const MIN_WIRE_SIZE: usize = 1;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        let size = from.size(K::MIN_WIRE_SIZE + V::MIN_WIRE_SIZE)?;
        (0..size)
            .map(|_| Ok((K::decode(from)?, V::decode(from)?)))
            .collect()
    }
}

impl<P: Prx> Encode for Option<P> {
    fn encode(&self, to: &mut Encoder) {
        to.proxy(self.as_ref());
    }
}

impl Encoder {
    /// A proxy, or the null proxy.
    pub fn proxy<P: Prx>(&mut self, proxy: Option<&P>) {
        match proxy {
            Some(proxy) => proxy.as_object().encode_into(self),
            None => self.raw(&[0, 0]),
        }
    }
}

impl<P: Prx> Decode for Option<P> {
    const MIN_WIRE_SIZE: usize = 2;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(from.proxy()?.map(P::from_object))
    }
}

/// The result of an operation that returns nothing.
impl Encode for () {
    fn encode(&self, _: &mut Encoder) {}
}

impl Decode for () {
    const MIN_WIRE_SIZE: usize = 0;

    fn decode(_: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use super::{Decode, Encode};
    use crate::encoding::{Decoder, Encoder, EncodingVersion};

    fn there_and_back<T: Encode + Decode + PartialEq + Debug>(value: T, bytes: &[u8]) {
        let mut encoder = Encoder::new(EncodingVersion::V1_1);
        value.encode(&mut encoder);
        let written = encoder.finish().expect("small");
        assert_eq!(written, bytes);
        let mut decoder = Decoder::new(&written, EncodingVersion::V1_1);
        assert_eq!(T::decode(&mut decoder).expect("well formed"), value);
        decoder.finish().expect("all was read");
        for end in 0..bytes.len() {
            assert!(T::decode(&mut Decoder::new(&bytes[..end], EncodingVersion::V1_1)).is_err());
        }
    }

    #[test]
    fn every_builtin_type_comes_back_and_is_refused_when_cut_short() {
        there_and_back(true, &[1]);
        there_and_back(200_u8, &[200]);
        there_and_back(-2_i16, &[254, 255]);
        there_and_back(i32::MIN, &[0, 0, 0, 128]);
        there_and_back(1_i64, &[1, 0, 0, 0, 0, 0, 0, 0]);
        there_and_back(1.0_f32, &[0, 0, 128, 63]);
        there_and_back(1.0_f64, &[0, 0, 0, 0, 0, 0, 240, 63]);
        there_and_back("hé".to_owned(), &[3, b'h', 0xc3, 0xa9]);
        there_and_back(vec![1_u8, 2], &[2, 1, 2]);
        there_and_back(vec![1_i16, 2], &[2, 1, 0, 2, 0]);
        there_and_back(vec![vec!["a".to_owned()], vec![]], &[2, 1, 1, b'a', 0]);
        there_and_back(BTreeMap::from([(1_u8, "x".to_owned())]), &[1, 1, 1, b'x']);
        there_and_back(None::<crate::ObjectPrx>, &[0, 0]);
    }

    #[test]
    fn a_string_that_is_not_utf_8_is_refused() {
        assert!(String::decode(&mut Decoder::new(&[1, 0xff], EncodingVersion::V1_1)).is_err());
    }
}
