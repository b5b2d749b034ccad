//! Knocks at the door: door-client --Ice.Config=client.conf

include!(concat!(env!("OUT_DIR"), "/Door.rs"));

use anyhow::Context as _;
use demo::DoorPrx;
use ice::{Communicator, Properties, Prx as _};

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
    let door = communicator.proxy_from_property("Door.Proxy")?;
    let door: DoorPrx = door
        .context("where is the door? Give --Ice.Config=client.conf")?
        .unchecked_cast();
    println!("{}", door.enter().await?);
    Ok(())
}
