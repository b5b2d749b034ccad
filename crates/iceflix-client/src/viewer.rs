//! A viewer who has found the door.

mod call;
mod door;
mod known;

use std::time::Duration;

use ice::Communicator;
use iceflix_service::settings::{Settings, property};
use iceflix_slice::{AuthenticatorPrx, MediaCatalogPrx};
use tokio::time::sleep;

use self::{door::Door, known::Known};
use crate::{Error, error::plainly};

/// A connection to Main, and through it to everything else. Clones share it.
#[derive(Clone, Debug)]
pub struct Viewer {
    communicator: Communicator,
    door: Door,
    authenticators: Known<AuthenticatorPrx>,
    catalogs: Known<MediaCatalogPrx>,
}

impl Viewer {
    /// Connects to the Main at `proxy`. A connection that fails is tried again
    /// as often as the properties say; each time a line on standard error says
    /// so. May be cancelled.
    ///
    /// # Errors
    ///
    /// Where the proxy is none, nobody answers, or it is no Main that answers.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn connect(settings: &Settings, proxy: &str) -> Result<Self, Error> {
        let retries = settings.get(&property::CLIENT_RETRIES)?;
        let delay = settings.get(&property::CLIENT_RETRY_DELAY)?;
        let communicator =
            Communicator::new(settings.properties().clone()).map_err(Error::Start)?;
        match find(&communicator, proxy, retries, delay).await {
            Ok(door) => Ok(Self {
                communicator,
                door,
                authenticators: Known::new([]),
                catalogs: Known::new([]),
            }),
            Err(error) => {
                communicator.destroy().await;
                Err(error)
            }
        }
    }

    /// Ends the connection. Calls that are under way fail.
    pub async fn close(self) {
        self.communicator.destroy().await;
    }
}

/// Finds Main, in as many tries as it may take.
async fn find(
    communicator: &Communicator,
    proxy: &str,
    retries: u32,
    delay: Duration,
) -> Result<Door, Error> {
    let proxy = || proxy.to_owned();
    let object = communicator
        .string_to_proxy(&proxy())
        .map_err(|source| Error::Proxy {
            proxy: proxy(),
            source,
        })?;
    let door = Door::new(&object);
    let mut tries = 0;
    loop {
        tries += 1;
        let source = match door.knock().await {
            Some(Ok(true)) => return Ok(door),
            Some(Ok(false)) => return Err(Error::NotMain { proxy: proxy() }),
            Some(Err(error)) if error.is_not_exist() => {
                return Err(Error::NotMain { proxy: proxy() });
            }
            Some(Err(error)) => error,
            None => ice::Error::new(ice::ErrorKind::InvocationTimeout, ""),
        };
        if !source.is_transport() || tries > retries {
            return Err(Error::NoMain {
                proxy: proxy(),
                tries,
                reason: source,
            });
        }
        eprintln!(
            "No Main answers yet at \"{}\": {}. Trying again in {delay:?} ({tries} of {retries})",
            proxy(),
            plainly(&source)
        );
        sleep(delay).await;
    }
}
