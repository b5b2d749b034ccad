//! Greets in the language that the context of a request names.

include!(concat!(env!("OUT_DIR"), "/Context.rs"));

use demo::{Greeter, GreeterServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Polyglot;

impl Greeter for Polyglot {
    async fn greet(&self, current: &Current) -> Result<String, Error> {
        let context = current.context();
        let greeting = match context.get("language").map(String::as_str) {
            Some("de") => "Guten Tag",
            Some("fr") => "Bonjour",
            _ => "Hello",
        };
        Ok(greeting.to_owned())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Context.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Context")?;
    let greeter = adapter.add(GreeterServant::new(Polyglot), Identity::new("greeter"))?;
    adapter.activate()?;
    println!("{greeter}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
