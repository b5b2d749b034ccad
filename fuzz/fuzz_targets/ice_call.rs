//! No parameters, results, exceptions or proxies that a peer sends make a call end otherwise than with a value or an error.
#![no_main]

use ice_hostile::call;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| call::run(bytes));
