//! Calls back whoever calls.

include!(concat!(env!("OUT_DIR"), "/Callback.rs"));

use demo::{ReceiverPrx, Sender, SenderServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Caller;

impl Sender for Caller {
    async fn call_back(
        &self,
        receiver: Option<ReceiverPrx>,
        count: i32,
        _: &Current,
    ) -> Result<(), Error> {
        let Some(receiver) = receiver else {
            return Err(Error::unknown("whom should I call?"));
        };
        // Each of these waits for the client. No thread waits meanwhile: other requests are served.
        for number in 1..=count {
            receiver.callback(number).await?;
        }
        Ok(())
    }
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
