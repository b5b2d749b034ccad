//! No text makes a proxy or an identity that panics, ends the process, or is written as what reads otherwise.
#![no_main]

use ice_hostile::proxy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| proxy::run(bytes));
