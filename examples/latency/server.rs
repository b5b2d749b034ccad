//! Does nothing, and answers.

include!(concat!(env!("OUT_DIR"), "/Latency.rs"));

use demo::{Latency, LatencyServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Idle;

impl Latency for Idle {
    async fn ping(&self, _: &Current) -> Result<(), Error> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Latency.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Latency")?;
    let ping = adapter.add(LatencyServant::new(Idle), Identity::new("ping"))?;
    adapter.activate()?;
    println!("{ping}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
