//! Has itself called back over its own connection: no endpoint, no firewall in the way.

include!(concat!(env!("OUT_DIR"), "/Bidirectional.rs"));

use anyhow::Context as _;
use clap::Parser;
use demo::{Receiver, ReceiverServant, SenderPrx};
use ice::{Communicator, Current, Error, Properties, Prx as _};
use tokio::sync::mpsc;

/// Has itself called back over its own connection.
#[derive(Parser)]
struct Arguments {
    /// After how many calls it leaves.
    #[arg(long, default_value_t = 3)]
    count: usize,
}

/// Passes on what it hears.
struct Listener(mpsc::UnboundedSender<i32>);

impl Receiver for Listener {
    async fn callback(&self, number: i32, _: &Current) -> Result<(), Error> {
        // Nobody listens any more when the program ends.
        let _ = self.0.send(number);
        Ok(())
    }
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
    let Arguments { count } = arguments;
    let proxy = communicator
        .properties()
        .get_or("Callback.Proxy", "sender:tcp -h 127.0.0.1 -p 10000");
    // An adapter without a name has no endpoints: it serves connections that this side has opened.
    let adapter = communicator.create_adapter("")?;
    let (sender, mut numbers) = mpsc::unbounded_channel();
    let receiver = adapter.add_with_uuid(ReceiverServant::new(Listener(sender)))?;
    adapter.activate()?;

    let server: SenderPrx = communicator.string_to_proxy(&proxy)?.unchecked_cast();
    let connection = server.connection().await?;
    let connection = connection.context("the server is in this process")?;
    connection.set_adapter(&adapter)?;
    server.add_client(&receiver.identity()).await?;
    for _ in 0..count {
        let number = tokio::select! {
            number = numbers.recv() => number.context("nobody calls any more")?,
            reason = connection.closed() => return Err(reason.into()),
        };
        println!("callback {number}");
    }
    Ok(())
}
