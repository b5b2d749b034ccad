//! No bytes make a value of Slice decode with a panic, with more memory than they deserve, or to what encodes otherwise.
#![no_main]

use ice_hostile::decode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| decode::run(bytes));
