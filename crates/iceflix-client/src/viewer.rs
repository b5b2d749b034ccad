//! A viewer who has found the door.

use std::time::Duration;

use ice::{Communicator, Prx as _};
use iceflix_service::settings::{Settings, property};
use iceflix_slice::{
    AuthenticatorPrx, MainPrx, MediaCatalogPrx,
    main::{GetAuthenticatorError, GetCatalogServiceError},
};
use tokio::time::sleep;

use crate::Error;

/// A connection to Main, and through it to everything else. Clones share it.
#[derive(Clone, Debug)]
pub struct Viewer {
    communicator: Communicator,
    main: MainPrx,
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
            Ok(main) => Ok(Self { communicator, main }),
            Err(error) => {
                communicator.destroy().await;
                Err(error)
            }
        }
    }

    /// An Authentication service, each time another where there are several.
    ///
    /// # Errors
    ///
    /// Where none is alive.
    pub async fn authenticator(&self) -> Result<AuthenticatorPrx, Error> {
        const NONE: Error = Error::NoService("authentication");
        match self.main.get_authenticator().await {
            Ok(authenticator) => authenticator.ok_or(NONE),
            Err(GetAuthenticatorError::TemporaryUnavailable(_)) => Err(NONE),
            Err(GetAuthenticatorError::Ice(source)) => Err(Error::Call {
                doing: "ask Main",
                source,
            }),
        }
    }

    /// A Catalogue service, each time another where there are several.
    ///
    /// # Errors
    ///
    /// Where none is alive.
    pub async fn catalog(&self) -> Result<MediaCatalogPrx, Error> {
        const NONE: Error = Error::NoService("catalogue");
        match self.main.get_catalog_service().await {
            Ok(catalog) => catalog.ok_or(NONE),
            Err(GetCatalogServiceError::TemporaryUnavailable(_)) => Err(NONE),
            Err(GetCatalogServiceError::Ice(source)) => Err(Error::Call {
                doing: "ask Main",
                source,
            }),
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
) -> Result<MainPrx, Error> {
    let proxy = || proxy.to_owned();
    let object = communicator
        .string_to_proxy(&proxy())
        .map_err(|source| Error::Proxy {
            proxy: proxy(),
            source,
        })?;
    let mut tries = 0;
    loop {
        tries += 1;
        match object.checked_cast::<MainPrx>().await {
            Ok(Some(main)) => return Ok(main),
            Ok(None) => return Err(Error::NotMain { proxy: proxy() }),
            Err(error) if error.is_not_exist() => return Err(Error::NotMain { proxy: proxy() }),
            Err(error) if error.is_transport() && tries <= retries => {
                eprintln!("{error}; trying again in {delay:?} ({tries} of {retries})");
                sleep(delay).await;
            }
            Err(source) => {
                return Err(Error::NoMain {
                    proxy: proxy(),
                    tries,
                    source,
                });
            }
        }
    }
}
