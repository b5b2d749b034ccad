//! No text makes the Slice compiler panic, run for ever, fail without a reason, or write what is not Rust.
#![no_main]

use ice_hostile::slice;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| slice::run(bytes));
