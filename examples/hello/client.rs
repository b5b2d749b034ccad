//! Asks for greetings.

include!(concat!(env!("OUT_DIR"), "/Hello.rs"));

use anyhow::bail;
use clap::Parser;
use demo::HelloPrx;
use demo::hello::GreetError;
use ice::{Communicator, Properties, Prx as _};

/// Asks for greetings. Properties of Ice may be given as well, like --Hello.Proxy="hello:tcp -h example.org -p 10000".
#[derive(Parser)]
struct Arguments {
    /// Whom to greet.
    #[arg(default_value = "World")]
    names: Vec<String>,
    /// Ends the server afterwards.
    #[arg(long)]
    shutdown: bool,
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
    let proxy = communicator
        .properties()
        .get_or("Hello.Proxy", "hello:tcp -h 127.0.0.1 -p 10000");
    let object = communicator.string_to_proxy(&proxy)?;
    let Some(hello) = object.checked_cast::<HelloPrx>().await? else {
        bail!("{proxy} is something else");
    };
    for name in &arguments.names {
        match hello.greet(name).await {
            Ok(greeting) => println!("{greeting}"),
            Err(GreetError::NoName(_)) => println!("Who?"),
            Err(GreetError::Ice(error)) => return Err(error.into()),
        }
    }
    if arguments.shutdown {
        hello.shutdown().await?;
    }
    Ok(())
}
