//! Takes values, and gives them back.

include!(concat!(env!("OUT_DIR"), "/Throughput.rs"));

use demo::{Measurement, Throughput, ThroughputServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Echo;

impl Throughput for Echo {
    async fn send_bytes(&self, _: Vec<u8>, _: &Current) -> Result<(), Error> {
        Ok(())
    }

    async fn echo_bytes(&self, values: Vec<u8>, _: &Current) -> Result<Vec<u8>, Error> {
        Ok(values)
    }

    async fn send_strings(&self, _: Vec<String>, _: &Current) -> Result<(), Error> {
        Ok(())
    }

    async fn echo_strings(&self, values: Vec<String>, _: &Current) -> Result<Vec<String>, Error> {
        Ok(values)
    }

    async fn send_measurements(&self, _: Vec<Measurement>, _: &Current) -> Result<(), Error> {
        Ok(())
    }

    async fn echo_measurements(
        &self,
        values: Vec<Measurement>,
        _: &Current,
    ) -> Result<Vec<Measurement>, Error> {
        Ok(values)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Throughput.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Throughput")?;
    let echo = adapter.add(ThroughputServant::new(Echo), Identity::new("throughput"))?;
    adapter.activate()?;
    println!("{echo}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
