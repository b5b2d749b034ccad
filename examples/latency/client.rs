//! Measures how long a call takes that does nothing.

include!(concat!(env!("OUT_DIR"), "/Latency.rs"));

use std::time::{Duration, Instant};

use clap::Parser;
use demo::LatencyPrx;
use ice::{Communicator, Properties, Prx as _};

/// Measures how long a call takes that does nothing.
#[derive(Parser)]
struct Arguments {
    /// How many calls are made, one after the other.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    calls: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, rest) = Properties::from_args(std::env::args())?;
    let arguments = Arguments::parse_from(rest);
    let communicator = Communicator::new(properties)?;
    let outcome = call(&communicator, arguments).await;
    communicator.destroy().await;
    outcome
}

async fn call(communicator: &Communicator, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { calls } = arguments;
    let proxy = communicator
        .properties()
        .get_or("Latency.Proxy", "ping:tcp -h 127.0.0.1 -p 10000");
    let server: LatencyPrx = communicator.string_to_proxy(&proxy)?.unchecked_cast();
    // The first call makes the connection.
    server.ping().await?;

    let mut each = Vec::new();
    for _ in 0..calls {
        let start = Instant::now();
        server.ping().await?;
        each.push(start.elapsed());
    }
    each.sort_unstable();
    let mean = each.iter().sum::<Duration>() / calls;
    let at = |share: usize| each[(each.len() - 1) * share / 100];
    println!(
        "{calls} calls: median {:.1?}, mean {mean:.1?}, 99 % within {:.1?}",
        at(50),
        at(99)
    );
    Ok(())
}
