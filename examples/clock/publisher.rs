//! Tells the time to all subscribers of a topic.

include!(concat!(env!("OUT_DIR"), "/Clock.rs"));

use std::pin::pin;
use std::time::{Duration, Instant};

use clap::Parser;
use demo::ClockPrx;
use ice::{Communicator, Properties};
use icestorm::{Manager, Publisher};

/// Tells the time to all subscribers of a topic.
#[derive(Parser)]
struct Arguments {
    /// Milliseconds between two events.
    #[arg(long, default_value_t = 1000)]
    every: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, rest) = Properties::from_args(std::env::args())?;
    let arguments = Arguments::parse_from(rest);
    let communicator = Communicator::new(properties)?;
    let outcome = publish(&communicator, arguments).await;
    communicator.destroy().await;
    outcome
}

async fn publish(communicator: &Communicator, arguments: Arguments) -> anyhow::Result<()> {
    let every = Duration::from_millis(arguments.every);
    let manager = communicator.properties().get_or(
        "TopicManager.Proxy",
        "Demo/TopicManager:tcp -h 127.0.0.1 -p 10000",
    );
    let manager = Manager::new(communicator.string_to_proxy(&manager)?);
    let topic: Publisher<ClockPrx> = Publisher::new(&manager, "time");

    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let (start, mut ticks) = (Instant::now(), tokio::time::interval(every));
    loop {
        tokio::select! {
            interrupted = &mut interrupt => break interrupted?,
            _ = ticks.tick() => {}
        }
        let time = i64::try_from(start.elapsed().as_millis())?;
        // A broker that is away is no reason to stop: the next event finds it again.
        match topic.publish(async |clock| clock.tick(time).await).await {
            Ok(()) => println!("published {time}"),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}
