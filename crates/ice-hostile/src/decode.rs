//! No bytes make a value of Slice decode with a panic, with more memory than they deserve, or to what encodes otherwise.
//!
//! The first byte says which encoding and which type, the others are the value.

use std::collections::BTreeMap;

use ice::codegen::{Decode, Decoder, Encode, Encoder, EncodingVersion, OptionalFormat};
use ice::{Identity, ObjectPrx};

use crate::hostile::{Anything, Fixed, Key, Large, Middle, Small};

/// Decodes one input and encodes what came of it.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let Some((&how, bytes)) = bytes.split_first() else {
        return;
    };
    let encoding = if how & 0x80 == 0 {
        EncodingVersion::V1_1
    } else {
        EncodingVersion::V1_0
    };
    match how & 0x7f {
        0 => value::<String>(bytes, encoding),
        1 => value::<Vec<String>>(bytes, encoding),
        2 => value::<Vec<u8>>(bytes, encoding),
        3 => value::<Vec<bool>>(bytes, encoding),
        4 => value::<Vec<i16>>(bytes, encoding),
        5 => value::<Vec<f64>>(bytes, encoding),
        6 => value::<Vec<Vec<Vec<i64>>>>(bytes, encoding),
        7 => value::<BTreeMap<String, i32>>(bytes, encoding),
        8 => value::<BTreeMap<u8, Vec<BTreeMap<bool, String>>>>(bytes, encoding),
        9 => value::<Vec<Option<ObjectPrx>>>(bytes, encoding),
        10 => value::<Vec<Identity>>(bytes, encoding),
        11 => value::<Anything>(bytes, encoding),
        12 => value::<Vec<Fixed>>(bytes, encoding),
        13 => value::<()>(bytes, encoding),
        14 => value::<Vec<Small>>(bytes, encoding),
        15 => value::<Vec<Middle>>(bytes, encoding),
        16 => value::<Vec<Large>>(bytes, encoding),
        17 => value::<BTreeMap<Key, Fixed>>(bytes, encoding),
        18 => value::<Vec<i32>>(bytes, encoding),
        19 => value::<Vec<f32>>(bytes, encoding),
        20 => value::<Vec<Anything>>(bytes, encoding),
        _ => optional_values(bytes, encoding),
    }
}

fn value<T: Decode + Encode>(bytes: &[u8], encoding: EncodingVersion) {
    let mut from = Decoder::new(bytes, encoding);
    let Ok(value) = T::decode(&mut from) else {
        return;
    };
    assert!(from.remaining() <= bytes.len());
    let _ = from.finish();
    // Of the ways to write a size, `Encoder` knows one: what it wrote is what has to come back.
    let written = encoded(&value, encoding);
    let mut from = Decoder::new(&written, encoding);
    let again = T::decode(&mut from).expect("what was written can be read");
    from.finish().expect("to its last byte");
    assert_eq!(written, encoded(&again, encoding));
}

fn encoded<T: Encode>(value: &T, encoding: EncodingVersion) -> Vec<u8> {
    let mut to = Encoder::new(encoding);
    value.encode(&mut to);
    to.finish().expect("it came from less than a message")
}

/// Asks for tags in rising order, as generated code does, while the bytes say what they like.
fn optional_values(bytes: &[u8], encoding: EncodingVersion) {
    let mut from = Decoder::new(bytes, encoding);
    let _ = (|| {
        from.optional::<bool>(0, OptionalFormat::F1, false)?;
        from.optional::<i16>(1, OptionalFormat::F2, false)?;
        from.optional::<i32>(3, OptionalFormat::F4, false)?;
        from.optional::<Middle>(5, OptionalFormat::Size, false)?;
        from.optional::<f64>(7, OptionalFormat::F8, false)?;
        from.optional::<String>(8, OptionalFormat::VSize, false)?;
        from.optional::<Fixed>(9, OptionalFormat::VSize, true)?;
        from.optional::<Vec<i32>>(29, OptionalFormat::VSize, true)?;
        from.optional::<Vec<String>>(31, OptionalFormat::FSize, false)?;
        from.optional::<Option<ObjectPrx>>(300, OptionalFormat::FSize, false)
    })();
    let _ = from.finish();
}
