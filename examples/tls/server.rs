//! A door for those who have a certificate: door-server --Ice.Config=server.conf

include!(concat!(env!("OUT_DIR"), "/Door.rs"));

use demo::{Door, DoorServant};
use ice::{Communicator, Current, Error, Identity, Properties};

struct Doorman;

impl Door for Doorman {
    async fn enter(&self, current: &Current) -> Result<String, Error> {
        // Whoever gets here has shown a certificate that IceSSL found good.
        let connection = current.connection().map(|connection| connection.info());
        let tls = connection.transpose()?.and_then(|info| info.tls);
        let certificate = tls.as_ref().and_then(|tls| tls.certificates.first());
        let Some(certificate) = certificate else {
            return Err(Error::unknown("who are you?"));
        };
        println!("{} enters", certificate.subject);
        Ok("Welcome.".to_owned())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, _) = Properties::from_args(std::env::args())?;
    let communicator = Communicator::new(properties)?;
    let outcome = serve(&communicator).await;
    communicator.destroy().await;
    outcome
}

async fn serve(communicator: &Communicator) -> anyhow::Result<()> {
    let adapter = communicator.create_adapter("Door")?;
    let door = adapter.add(DoorServant::new(Doorman), Identity::new("door"))?;
    adapter.activate()?;
    println!("{door}");

    tokio::signal::ctrl_c().await?;
    Ok(())
}
