//! No configuration file and no arguments make properties panic, end the process, or hold what cannot be read.
#![no_main]

use ice_hostile::properties;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| properties::run(bytes));
