//! Serves two devices, of which one has a thermometer.

include!(concat!(env!("OUT_DIR"), "/Facets.rs"));

use demo::{Device, DeviceServant, Thermometer, ThermometerServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Named(&'static str);

impl Device for Named {
    async fn name(&self, _: &Current) -> Result<String, Error> {
        Ok(self.0.to_owned())
    }
}

struct Steady(f64);

impl Thermometer for Steady {
    async fn temperature(&self, _: &Current) -> Result<f64, Error> {
        Ok(self.0)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Facets.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Facets")?;
    let (kettle, lamp) = (Identity::new("kettle"), Identity::new("lamp"));
    let device = adapter.add(DeviceServant::new(Named("a kettle")), &kettle)?;
    adapter.add_facet(
        ThermometerServant::new(Steady(96.5)),
        &kettle,
        "thermometer",
    )?;
    adapter.add(DeviceServant::new(Named("a lamp")), &lamp)?;
    adapter.activate()?;
    println!("{device}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
