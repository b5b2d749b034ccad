//! The peer whose allocations are counted.

use std::alloc::System;
use std::error::Error;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    ice_bench::Peer::run(|| {
        let stats = ALLOCATOR.stats();
        stats.allocations + stats.reallocations
    })
    .await
}
