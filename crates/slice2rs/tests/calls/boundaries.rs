//! Values at their bounds, in both encodings, and exceptions that the receiver has never heard of.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ice::{Communicator, EncodingVersion, Error, ErrorKind, ObjectPrx, Prx as _};

use crate::generated::boundaries::{
    EchoPrx, Key, Large, Middle, Scalars, Small, Tiny, UnknownPrx, unknown,
};

/// Around the length from which on a size takes five bytes.
const LENGTHS: [usize; 5] = [0, 1, 254, 255, 256];

const PROXIES: [&str; 7] = [
    "name -t -e 1.1:tcp -h 127.0.0.1 -p 10000 -t 60000",
    "name -f facet -o -s -p 1.0 -e 1.0:ssl -h 127.0.0.1 -p 2 -t infinite:tcp -h h -p 3 -t 5 -z",
    "cat/name -O:ws -h h -p 80 -r /a -t 60000:wss -h h -p 443 -r / -t 60000",
    "datagram -d:udp -h 239.255.0.1 -p 4 -z",
    "batch -D:udp -h h -p 6:opaque -t 99 -e 1.1 -v YWJj",
    "indirect @ Adapter.Replica",
    "世/🎬 -f 界",
];

pub(crate) async fn exercise(communicator: &Communicator, echo: &EchoPrx) {
    for encoding in [EncodingVersion::V1_1, EncodingVersion::V1_0] {
        let echo = echo.with_encoding(encoding);
        scalars(&echo).await;
        sequences(&echo).await;
        dictionaries(&echo).await;
        proxies(communicator, &echo, encoding).await;
    }
}

fn extremes() -> [Scalars; 2] {
    let least = Scalars {
        a_bool: false,
        a_byte: u8::MIN,
        a_short: i16::MIN,
        an_int: i32::MIN,
        a_long: i64::MIN,
        a_float: f32::MIN,
        a_double: f64::MIN,
        a_string: String::new(),
        a_tiny: Tiny::First,
        a_small: Small::Low,
        a_middle: Middle::Lower,
        a_large: Large::Least,
    };
    let most = Scalars {
        a_bool: true,
        a_byte: u8::MAX,
        a_short: i16::MAX,
        an_int: i32::MAX,
        a_long: i64::MAX,
        a_float: f32::INFINITY,
        a_double: f64::NEG_INFINITY,
        a_string: format!("{}\u{10ffff}", "🎬".repeat(64)),
        a_tiny: Tiny::Last,
        a_small: Small::High,
        a_middle: Middle::Upper,
        a_large: Large::Most,
    };
    [least, most]
}

async fn scalars(echo: &EchoPrx) {
    for value in extremes() {
        assert_eq!(echo.same_scalars(&value).await.expect("an echo"), value);
    }
    let odd = [f64::NAN, -0.0, f64::from_bits(1), f64::MAX];
    let back = echo.same_doubles(&odd).await.expect("an echo");
    assert!(back[0].is_nan() && back[1].is_sign_negative());
    assert_eq!(back[1..], odd[1..]);
    let odd = [f32::NAN, -0.0, f32::from_bits(1), f32::MAX];
    let back = echo.same_floats(&odd).await.expect("an echo");
    assert!(back[0].is_nan() && back[1].is_sign_negative());
    assert_eq!(back[1..], odd[1..]);
    // Of one to four bytes in UTF-8, and around the length from which on a size takes five bytes.
    let texts = ["", "\0", "é", "世", "🎬", "\u{10ffff}"].map(str::to_owned);
    let long = LENGTHS.map(|length| "x".repeat(length));
    let texts = [&texts[..], &long[..]].concat();
    same("strings", &texts, echo.same_strings(&texts).await);
}

#[track_caller]
fn same<T: PartialEq + Debug>(what: &str, sent: &T, got: Result<T, Error>) {
    let got = got.unwrap_or_else(|why| panic!("{what}: {why}"));
    assert!(got == *sent, "{what}: {sent:?} came back as {got:?}");
}

async fn sequences(echo: &EchoPrx) {
    let deep = vec![vec!["x".to_owned(), String::new()], Vec::new()];
    for length in LENGTHS {
        macro_rules! sequences {
            ($($operation:ident: $value:expr,)+) => {
                $(
                    let sent = vec![$value; length];
                    same(stringify!($operation), &sent, echo.$operation(&sent).await);
                )+
            };
        }
        sequences! {
            same_bools: true,
            same_bytes: 255,
            same_shorts: i16::MIN,
            same_ints: i32::MAX,
            same_longs: i64::MIN,
            same_floats: f32::INFINITY,
            same_doubles: f64::NEG_INFINITY,
            same_strings: "x".to_owned(),
            same_smalls: Small::High,
            same_larges: Large::Most,
            same_deep: deep.clone(),
            same_proxies: None,
        }
    }
    let structs = extremes().to_vec();
    same("structs", &structs, echo.same_structs(&structs).await);
}

async fn dictionaries(echo: &EchoPrx) {
    let bools = BTreeMap::from([(true, 1), (false, 255)]);
    same("byBool", &bools, echo.same_by_bool(&bools).await);
    let bytes = BTreeMap::from([(255, vec![true]), (0, Vec::new())]);
    same("byByte", &bytes, echo.same_by_byte(&bytes).await);
    let longs = BTreeMap::from([(i64::MIN, "least".to_owned()), (i64::MAX, String::new())]);
    same("byLong", &longs, echo.same_by_long(&longs).await);
    let deep = vec![vec![vec!["b".to_owned()]]];
    let texts = BTreeMap::from([(String::new(), Vec::new()), ("a".to_owned(), deep)]);
    same("byString", &texts, echo.same_by_string(&texts).await);
    for length in LENGTHS {
        let shorts: BTreeMap<i16, i32> = (i16::MIN..).zip(0..).take(length).collect();
        same("byShort", &shorts, echo.same_by_short(&shorts).await);
        let keys = (0_i32..).take(length).map(|number| Key {
            name: number.to_string(),
            kind: Large::Most,
            number: -number,
            flag: number % 2 == 0,
        });
        let keys = keys.map(|key| (key.clone(), key)).collect();
        same("byKey", &keys, echo.same_by_key(&keys).await);
    }
}

async fn proxies(communicator: &Communicator, echo: &EchoPrx, encoding: EncodingVersion) {
    let all: Vec<Option<ObjectPrx>> = PROXIES
        .iter()
        .map(|text| communicator.string_to_proxy(text).map(Some))
        .chain([Ok(None)])
        .collect::<Result<_, _>>()
        .expect("they are well formed");
    // Encoding 1.0 has no place for the encoding that the target of a proxy understands: it is 1.0 then.
    let all: Vec<_> = match encoding {
        EncodingVersion::V1_0 => all
            .into_iter()
            .map(|proxy| proxy.map(|proxy| proxy.with_encoding(encoding)))
            .collect(),
        _ => all,
    };
    let back = echo.same_proxies(&all).await.expect("an echo");
    for (sent, got) in all.iter().zip(&back) {
        assert_eq!(sent, got);
        let text = |proxy: &Option<ObjectPrx>| proxy.as_ref().map(ToString::to_string);
        assert_eq!(text(sent), text(got));
    }
    let large = BTreeMap::from([(Large::Most, all), (Large::Least, Vec::new())]);
    same("byLarge", &large, echo.same_by_large(&large).await);
}

pub(crate) async fn exceptions(proxy: &UnknownPrx) {
    for encoding in [EncodingVersion::V1_1, EncodingVersion::V1_0] {
        let proxy = proxy.with_encoding(encoding);
        proxy.sliced(0).await.expect("nothing is thrown");
        proxy.compact(0).await.expect("nothing is thrown");
        match proxy.compact(1).await {
            Err(unknown::CompactError::Known(known)) => assert_eq!(known.why, "known"),
            other => panic!("{other:?}"),
        }
        match proxy.sliced(2).await {
            Err(unknown::SlicedError::Wider(wider)) => {
                assert_eq!(wider.what, extremes()[1]);
                // Optional values are part of encoding 1.1 only.
                let more = (encoding == EncodingVersion::V1_1).then_some("more");
                assert_eq!(wider.more.as_deref(), more);
            }
            other => panic!("{other:?}"),
        }
        // What it has never heard of it takes for the nearest that it knows, where there are slices to tell.
        match proxy.sliced(3).await {
            Err(unknown::SlicedError::Wider(wider)) => assert_eq!(wider.why, "known"),
            other => panic!("{other:?}"),
        }
        let sliced = proxy.sliced(4).await;
        assert!(
            matches!(sliced, Err(unknown::SlicedError::Nothing(_))),
            "{sliced:?}"
        );
        match (encoding, proxy.compact(3).await) {
            (EncodingVersion::V1_0, Err(unknown::CompactError::Wider(wider))) => {
                assert_eq!(wider.why, "known");
            }
            (EncodingVersion::V1_1, Err(unknown::CompactError::Ice(why))) => {
                assert_eq!(why.kind(), ErrorKind::UnknownUser);
            }
            (_, other) => panic!("{other:?}"),
        }
    }
}
