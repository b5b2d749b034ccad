//! No bytes from a plain socket make a server end, hang, answer what it was not asked, or stop serving others.
#![no_main]

use ice_hostile::dispatch;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| dispatch::run(bytes));
