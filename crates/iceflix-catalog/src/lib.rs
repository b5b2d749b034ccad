//! The Catalogue service: titles, tags, and who has them.
//!
//! Here lies what every film is called and tagged, for ever, and which servers have it, as long as they say
//! so. It must never know how a film is stored or streamed, nor who may log in: it hands on a provider, and has
//! tokens checked by others.

pub mod store;

mod error;
mod events;
mod servant;
mod shelf;

use std::sync::Arc;

use ice::Prx as _;
use iceflix_database::Location;
use iceflix_service::settings::{Settings, property};
use iceflix_service::{Announcement, Service, Shutdown, topic};
use iceflix_slice::{
    MediaCatalogPrx, MediaCatalogServant, MediaRemovalsServant, StreamAnnouncesServant,
};

pub use error::Error;
use servant::Librarian;
use shelf::Shelf;
use store::Catalog;

/// Where it listens unless `CatalogAdapter.Endpoints` says otherwise.
pub const ENDPOINTS: &str = "tcp -h 127.0.0.1 -p 9096";

/// The database of the titles that the properties name.
///
/// # Errors
///
/// Where the property names none, or the data directory cannot be made.
pub fn database(settings: &Settings) -> Result<Location, Error> {
    match settings.find(&property::TITLE_DATABASE)? {
        Some(location) => Ok(location.parse()?),
        None => Ok(Location::file(settings.data_dir()?.join("titles.db"))),
    }
}

/// Runs the service until the shutdown begins.
///
/// # Errors
///
/// Where it cannot start: a wrong property, a port in use, a database that cannot be opened.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn run(settings: Settings, shutdown: Shutdown) -> Result<(), Error> {
    let location = database(&settings)?;
    let mut service = Service::open(settings, "CatalogAdapter", ENDPOINTS, shutdown).await?;
    let shelf = Arc::new(Shelf::new(Catalog::open(&location).await?));

    let checks = service.token_checks()?;
    let servant = MediaCatalogServant::new(Librarian::new(Arc::clone(&shelf), checks));
    let proxy = service.offer("Catalog", servant)?;

    let (heard, news) = events::channel();
    let media = StreamAnnouncesServant::new(heard.clone());
    let broker = service.subscribe(topic::MEDIA, media)?;
    service.subscribe(topic::REMOVALS, MediaRemovalsServant::new(heard))?;
    service.spawn(news.enter(Arc::clone(&shelf)));
    service.spawn(events::follow_providers(
        service.peers.clone(),
        Arc::clone(&shelf),
        broker,
    ));
    let announcement = Announcement::Catalog(proxy.unchecked_cast::<MediaCatalogPrx>());
    service.serve(&proxy, Some(announcement)).await?;
    service.until_shutdown().await;
    shelf.catalog.close().await;
    Ok(())
}
