//! Has itself called back, at an endpoint of its own.

include!(concat!(env!("OUT_DIR"), "/Callback.rs"));

use clap::Parser;
use demo::{Receiver, ReceiverPrx, ReceiverServant, SenderPrx};
use ice::{Communicator, Current, Error, Properties, Prx as _};

/// Has itself called back, at an endpoint of its own.
#[derive(Parser)]
struct Arguments {
    /// How often.
    #[arg(long, default_value_t = 3)]
    count: i32,
}

struct Printer;

impl Receiver for Printer {
    async fn callback(&self, number: i32, _: &Current) -> Result<(), Error> {
        println!("callback {number}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, rest) = Properties::from_args(std::env::args())?;
    let arguments = Arguments::parse_from(rest);
    properties.set_default("Receiver.Endpoints", "tcp -h 127.0.0.1")?;
    let communicator = Communicator::new(properties)?;
    let outcome = call(&communicator, arguments).await;
    communicator.destroy().await;
    outcome
}

async fn call(communicator: &Communicator, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { count } = arguments;
    let proxy = communicator
        .properties()
        .get_or("Callback.Proxy", "sender:tcp -h 127.0.0.1 -p 10000");
    let adapter = communicator.create_adapter("Receiver")?;
    let receiver = adapter.add_with_uuid(ReceiverServant::new(Printer))?;
    let receiver: ReceiverPrx = receiver.unchecked_cast();
    adapter.activate()?;

    let sender: SenderPrx = communicator.string_to_proxy(&proxy)?.unchecked_cast();
    sender.call_back(Some(&receiver), count).await?;
    Ok(())
}
