//! The peer that is timed.

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    ice_bench::Peer::run(|| 0).await
}
