//! Writes on notes, and reads them.

include!(concat!(env!("OUT_DIR"), "/Notes.rs"));

use demo::NotePrx;
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
        .get_or("Notes.Proxy", "note/shopping:tcp -h 127.0.0.1 -p 10000");
    let any = communicator.string_to_proxy(&proxy)?;

    let mut notes = Vec::<NotePrx>::new();
    for name in ["shopping", "garden", "ideas"] {
        let identity = Identity::with_category(name, "note");
        notes.push(any.with_identity(&identity)?.unchecked_cast());
    }
    notes[0].write("bread, milk").await?;
    notes[1].write("water the roses").await?;
    for note in &notes {
        println!("{}: {:?}", note.identity().name, note.read().await?);
    }
    Ok(())
}
