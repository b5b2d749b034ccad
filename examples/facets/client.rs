//! Asks devices whether they have a thermometer.

include!(concat!(env!("OUT_DIR"), "/Facets.rs"));

use demo::{DevicePrx, ThermometerPrx};
use ice::{Communicator, Identity, Properties, Prx as _};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    let communicator = Communicator::new(properties)?;
    let outcome = call(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn call(communicator: &Communicator) -> anyhow::Result<()> {
    let proxy = communicator
        .properties()
        .get_or("Facets.Proxy", "kettle:tcp -h 127.0.0.1 -p 10000");
    let kettle = communicator.string_to_proxy(&proxy)?;

    for name in ["kettle", "lamp"] {
        let object = kettle.with_identity(Identity::new(name))?;
        let device: DevicePrx = object.unchecked_cast();
        let facet = device.with_facet("thermometer");
        let thermometer = facet.checked_cast::<ThermometerPrx>().await?;
        let temperature = match thermometer {
            Some(thermometer) => format!("{} °C", thermometer.temperature().await?),
            None => "no thermometer".to_owned(),
        };
        println!("{}: {temperature}", device.name().await?);
    }
    Ok(())
}
