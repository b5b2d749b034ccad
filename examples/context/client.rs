//! Sends contexts along with its calls.

include!(concat!(env!("OUT_DIR"), "/Context.rs"));

use anyhow::Context as _;
use demo::GreeterPrx;
use ice::{Communicator, Properties, Prx as _};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Context.Proxy", "greeter:tcp -h 127.0.0.1 -p 10000")?;
    // What stands below the property of a proxy goes into the proxy. This could as well be in a file.
    properties.set("German.Proxy", &properties.get_or("Context.Proxy", ""))?;
    properties.set("German.Proxy.Context.language", "de")?;
    let communicator = Communicator::new(properties)?;
    let outcome = call(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn call(communicator: &Communicator) -> anyhow::Result<()> {
    let english = greeter(communicator, "Context.Proxy")?;
    println!("without a context: {}", english.greet().await?);

    let french = english.with_context([("language", "fr")]);
    println!("with one of the proxy: {}", french.greet().await?);

    let german = greeter(communicator, "German.Proxy")?;
    println!("with one by properties: {}", german.greet().await?);
    Ok(())
}

fn greeter(communicator: &Communicator, property: &str) -> anyhow::Result<GreeterPrx> {
    let proxy = communicator.proxy_from_property(property)?;
    Ok(proxy.context("the property is not set")?.unchecked_cast())
}
