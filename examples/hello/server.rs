//! Greets whoever asks, until it is told to stop or Ctrl-C is typed.

include!(concat!(env!("OUT_DIR"), "/Hello.rs"));

use demo::hello::GreetError;
use demo::{Hello, HelloServant, NoName};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Greeter {
    communicator: Communicator,
}

impl Hello for Greeter {
    async fn greet(&self, name: String, _: &Current) -> Result<String, GreetError> {
        if name.is_empty() {
            return Err(NoName {}.into());
        }
        Ok(format!("Hello, {name}!"))
    }

    async fn shutdown(&self, _: &Current) -> Result<(), Error> {
        self.communicator.shutdown();
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Hello.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Hello")?;
    let greeter = Greeter {
        communicator: communicator.clone(),
    };
    let hello = adapter.add(HelloServant::new(greeter), Identity::new("hello"))?;
    adapter.activate()?;
    println!("{hello}");

    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        ended = communicator.wait_for_shutdown() => ended?,
    }
    Ok(())
}
