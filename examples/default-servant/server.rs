//! Serves any number of notes with one servant.

include!(concat!(env!("OUT_DIR"), "/Notes.rs"));

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use demo::{Note, NoteServant};
use ice::{Communicator, Current, Error, Identity, Properties};

/// All notes by name. Which one is meant, a request's identity says.
#[derive(Default)]
struct Notes(Mutex<BTreeMap<String, String>>);

impl Notes {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note for Notes {
    async fn read(&self, current: &Current) -> Result<String, Error> {
        let text = self.all().get(&current.identity().name).cloned();
        Ok(text.unwrap_or_default())
    }

    async fn write(&self, text: String, current: &Current) -> Result<(), Error> {
        self.all().insert(current.identity().name, text);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    properties.set_default("Notes.Endpoints", "tcp -h 127.0.0.1 -p 10000")?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Notes")?;
    adapter.add_default_servant(NoteServant::new(Notes::default()), "note")?;
    adapter.activate()?;
    println!(
        "{}",
        adapter.create_proxy(Identity::with_category("shopping", "note"))?
    );

    tokio::signal::ctrl_c().await?;
    Ok(())
}
