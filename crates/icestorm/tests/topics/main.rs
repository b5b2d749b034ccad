//! Topics of a real broker, which is killed, emptied, and stopped in the middle.

#![allow(clippy::unwrap_used)]

mod administration;
mod broker;
mod delivery;
mod healing;
mod links;
mod peer;
mod repetition;
mod replicas;

/// Generated from `tests/slice/Clock.ice`.
mod clock {
    #![allow(missing_docs, unreachable_pub, dead_code)]
    include!(concat!(env!("OUT_DIR"), "/Clock.rs"));
}
