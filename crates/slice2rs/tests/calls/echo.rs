//! Servants that give back what they get, and throw what their callers do not know.

use std::collections::BTreeMap;

use ice::{Current, Error};

use crate::generated::boundaries as known;
use crate::generated::server::beyond::{Other, Server, Widest};
use crate::generated::server::boundaries::{self, Known, Large, Middle, Scalars, Small, Tiny};
use crate::generated::server::boundaries::{Unknown, Wider, unknown};

pub(crate) struct Echoing;

macro_rules! echo {
    ($($operation:ident: $of:ident,)+) => {
        impl known::Echo for Echoing {
            $(
                async fn $operation(&self, value: known::$of, _: &Current) -> Result<known::$of, Error> {
                    Ok(value)
                }
            )+
        }
    };
}

echo! {
    same_scalars: Scalars,
    same_bools: Bools,
    same_bytes: Bytes,
    same_shorts: Shorts,
    same_ints: Ints,
    same_longs: Longs,
    same_floats: Floats,
    same_doubles: Doubles,
    same_strings: Strings,
    same_smalls: Smalls,
    same_larges: Larges,
    same_structs: ScalarsSeq,
    same_deep: Deep,
    same_proxies: Proxies,
    same_by_bool: ByBool,
    same_by_byte: ByByte,
    same_by_short: ByShort,
    same_by_long: ByLong,
    same_by_string: ByString,
    same_by_large: ByLarge,
    same_by_key: ByKey,
}

pub(crate) struct Surprising;

/// Every value at its upper bound, as the caller knows it under other types.
fn most() -> Scalars {
    Scalars {
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
    }
}

fn surprise<E>(depth: i32) -> Result<(), E>
where
    E: From<Known> + From<Wider> + From<Widest> + From<Other>,
{
    let (why, more) = ("known".to_owned(), Some("more".to_owned()));
    match depth {
        0 => Ok(()),
        1 => Err(Known { why }.into()),
        2 => Err(Wider {
            why,
            what: most(),
            more,
        }
        .into()),
        3 => Err(Widest {
            why,
            what: most(),
            more,
            details: vec![vec![vec!["deep".to_owned()]]],
            proxies: Some(vec![None]),
        }
        .into()),
        _ => Err(Other {
            all: BTreeMap::new(),
        }
        .into()),
    }
}

impl Unknown for Surprising {
    async fn sliced(&self, depth: i32, _: &Current) -> Result<(), unknown::SlicedError> {
        surprise(depth)
    }

    async fn compact(
        &self,
        depth: i32,
        _: &Current,
    ) -> Result<(), boundaries::unknown::CompactError> {
        surprise(depth)
    }
}

impl Server for Surprising {}
