//! Calls clients back over the connections that they have opened.

include!(concat!(env!("OUT_DIR"), "/Bidirectional.rs"));

use std::time::Duration;

use demo::{ReceiverPrx, Sender, SenderServant};
use ice::{Communicator, Current, Error, Identity, Properties, Prx as _};

/// Between two calls to a client.
const PERIOD: Duration = Duration::from_millis(100);

struct Caller;

impl Sender for Caller {
    async fn add_client(&self, receiver: Identity, current: &Current) -> Result<(), Error> {
        let Some(connection) = current.connection() else {
            return Err(Error::unknown("there is no connection to call you over"));
        };
        let receiver = connection.create_proxy(&receiver)?.unchecked_cast();
        tokio::spawn(async move {
            let gone = call_on(receiver).await;
            eprintln!("a client has left: {gone}");
        });
        Ok(())
    }
}

/// Calls a client until that fails, which it does when its connection is closed.
async fn call_on(receiver: ReceiverPrx) -> Error {
    for number in 1.. {
        if let Err(error) = receiver.callback(number).await {
            return error;
        }
        tokio::time::sleep(PERIOD).await;
    }
    Error::unknown("it has heard all numbers")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Callback.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Callback")?;
    let sender = adapter.add(SenderServant::new(Caller), Identity::new("sender"))?;
    adapter.activate()?;
    println!("{sender}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
