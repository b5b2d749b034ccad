//! What may never happen to the crates of Ice, whatever bytes they are given.
//!
//! Each module holds the body of one fuzz target: a function that takes any bytes and panics where something is wrong. The
//! targets in `fuzz/` call them under libFuzzer; the tests of this crate replay the corpus and some mutations of it, with
//! the stable compiler and in seconds.

pub mod call;
pub mod decode;
pub mod dispatch;
pub mod properties;
pub mod proxy;
pub mod slice;

mod peer;

#[allow(missing_docs, reason = "a part of the output is not used")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/Hostile.rs"));
}

use generated::hostile;

/// One fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of its file in `fuzz/fuzz_targets` and of its directory in `fuzz/corpus`.
    pub name: &'static str,
    /// Takes one input.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 6] = [
    Target {
        name: "ice_call",
        run: call::run,
    },
    Target {
        name: "ice_decode",
        run: decode::run,
    },
    Target {
        name: "ice_dispatch",
        run: dispatch::run,
    },
    Target {
        name: "ice_properties",
        run: properties::run,
    },
    Target {
        name: "ice_proxy",
        run: proxy::run,
    },
    Target {
        name: "slice_compile",
        run: slice::run,
    },
];
