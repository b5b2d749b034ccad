//! Measures how much goes to a server and back.

include!(concat!(env!("OUT_DIR"), "/Throughput.rs"));

use std::time::Instant;

use clap::Parser;
use demo::{Measurement, ThroughputPrx};
use ice::{Communicator, Error, Properties, Prx as _};

/// Measures how much goes to a server and back.
#[derive(Parser)]
struct Arguments {
    /// How often each call is made.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many bytes go in a call; Ice.MessageSizeMax, a megabyte by default, is the most that does.
    #[arg(long, default_value_t = 500_000, value_parser = clap::value_parser!(u32).range(100..))]
    bytes: u32,
}

/// What a measurement takes on the wire.
const MEASUREMENT_BYTES: usize = 12;

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
    let Arguments { rounds, bytes } = arguments;
    let proxy = communicator
        .properties()
        .get_or("Throughput.Proxy", "throughput:tcp -h 127.0.0.1 -p 10000");
    let server: ThroughputPrx = communicator.string_to_proxy(&proxy)?.unchecked_cast();
    server.ice_ping().await?;

    let size = usize::try_from(bytes)?;
    let values = vec![7; size];
    let strings = vec!["forty two".to_owned(); size / 10];
    let measurement = Measurement {
        sensor: 4,
        value: 2.0,
    };
    let structs = vec![measurement; size / MEASUREMENT_BYTES];

    let (there, both) = (size, 2 * size);
    measure("bytes sent", rounds, there, async || {
        server.send_bytes(&values).await
    })
    .await?;
    measure("bytes echoed", rounds, both, async || {
        same(&values, &server.echo_bytes(&values).await?)
    })
    .await?;
    measure("strings sent", rounds, there, async || {
        server.send_strings(&strings).await
    })
    .await?;
    measure("strings echoed", rounds, both, async || {
        same(&strings, &server.echo_strings(&strings).await?)
    })
    .await?;
    measure("structs sent", rounds, there, async || {
        server.send_measurements(&structs).await
    })
    .await?;
    measure("structs echoed", rounds, both, async || {
        same(&structs, &server.echo_measurements(&structs).await?)
    })
    .await?;
    Ok(())
}

/// Prints how fast a call is of which so many bytes are payload.
async fn measure(
    what: &str,
    rounds: u32,
    bytes: usize,
    call: impl AsyncFn() -> Result<(), Error>,
) -> Result<(), Error> {
    let start = Instant::now();
    for _ in 0..rounds {
        call().await?;
    }
    let each = start.elapsed() / rounds;
    let rate = bytes as f64 / each.as_secs_f64() / 1e6;
    println!("{what:16} {rate:8.1} MB/s {each:10.1?} a call");
    Ok(())
}

fn same<T: PartialEq>(sent: &[T], received: &[T]) -> Result<(), Error> {
    if sent == received {
        Ok(())
    } else {
        Err(Error::unknown("the server sent something else back"))
    }
}
