//! The Catalogue service: titles, tags, and who has them.
//!
//! Here lies what every film is called and tagged, for ever, and which servers have it, as long as they say
//! so. It must never know how a film is stored or streamed, nor who may log in: it hands on a provider, and has
//! tokens checked by others.

#[cfg(feature = "sample")]
pub mod sample;
pub mod store;

mod admission;
mod counted;
mod error;
mod events;
mod providers;
mod servant;
mod shelf;
mod standstill;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ice::Prx as _;
use iceflix_database::Location;
use iceflix_service::log::causes;
use iceflix_service::peers::Kind;
use iceflix_service::settings::{Settings, property};
use iceflix_service::{Announcement, Role, Service, Shutdown, status::Status, topic};
use iceflix_slice::{
    MediaCatalogPrx, MediaCatalogServant, MediaRemovalsServant, StreamAnnouncesServant,
};

use counted::{Counted, Ears};
pub use error::Error;
use servant::Librarian;
use shelf::Shelf;
use standstill::Standstill;
use store::Catalog;
use tokio::time::timeout;

/// Where it listens unless `CatalogAdapter.Endpoints` says otherwise.
pub const ENDPOINTS: &str = "tcp -h 127.0.0.1 -p 9096";

const ROLE: Role = Role {
    kind: Kind::Catalog.name(),
    adapter: "CatalogAdapter",
    endpoints: ENDPOINTS,
};

/// How long closing the database may take: with the rest it stays below the two seconds that a service has to stop.
const CLOSED_WITHIN: Duration = Duration::from_millis(200);

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

/// What those who look after the service see of it.
fn tell(status: &Status, shelf: &Arc<Shelf>) {
    let checked = Arc::clone(shelf);
    status.check("database", move || {
        let shelf = Arc::clone(&checked);
        async move { shelf.catalog.ping().await.map_err(|error| causes(&error)) }
    });
    let counted = Arc::clone(shelf);
    status.holds("titles", move || {
        let shelf = Arc::clone(&counted);
        async move { shelf.catalog.count().await }
    });
}

/// Runs the service until the shutdown begins.
///
/// # Errors
///
/// Where it cannot start: a wrong property, a port in use, a database that cannot be opened. One whose server is away is
/// waited for.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn run(settings: Settings, shutdown: Shutdown) -> Result<(), Error> {
    let location = database(&settings)?;
    let most_titles = settings.get(&property::MOST_TITLES)?;
    let mut service = Service::open(settings, ROLE, shutdown).await?;
    let open = || Catalog::open(&location);
    let opened = service.when_there("database", store::Error::is_away, open);
    let Some(catalog) = opened.await? else {
        service.until_shutdown().await;
        return Ok(());
    };
    let catalog = catalog.with_most_titles(most_titles as usize);
    let shelf = Arc::new(Shelf::new(catalog));

    tell(&service.status, &shelf);
    let (checks, _) = service.token_checks()?;
    let standstill = Arc::new(Standstill::new(Instant::now()));
    let librarian = Librarian::new(Arc::clone(&shelf), checks, Arc::clone(&standstill));
    let counted = Counted::new(librarian, &service.metrics);
    let proxy = service.offer("Catalog", MediaCatalogServant::new(counted))?;

    let (heard, inbox) = events::channel();
    let ears = || Ears::new(heard.clone(), &service.metrics);
    let (media, removals) = (ears(), ears());
    let broker = service.subscribe(topic::MEDIA, StreamAnnouncesServant::new(media))?;
    service.subscribe(topic::REMOVALS, MediaRemovalsServant::new(removals))?;
    service.spawn(inbox.enter(Arc::clone(&shelf)));
    service.spawn(providers::follow(
        service.peers.clone(),
        Arc::clone(&shelf),
        broker,
    ));
    service.spawn(async move { standstill.watch().await });
    shelf.open();
    let announcement = Announcement::Catalog(proxy.unchecked_cast::<MediaCatalogPrx>());
    service.serve(&proxy, Some(announcement)).await?;
    service.until_shutdown().await;
    // What was committed needs no closing.
    let _ = timeout(CLOSED_WITHIN, shelf.catalog.close()).await;
    Ok(())
}
