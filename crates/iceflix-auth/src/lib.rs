//! The Authentication service: users and tokens.
//!
//! Here lies who may log in, and which tokens are alive. It must never know what a token is good for:
//! films, titles and streams are other services'. Passwords never come here, only their hashes, and
//! neither those nor tokens ever reach a log.

pub mod store;

mod counted;
mod error;
mod events;
mod owner;
mod servant;

use std::sync::Arc;
use std::time::Duration;

use ice::Prx as _;
use iceflix_database::Location;
use iceflix_service::log::causes;
use iceflix_service::peers::Kind;
use iceflix_service::settings::{Settings, property};
use iceflix_service::{Announcement, Role, Service, Shutdown, status::Status, token, topic};
use iceflix_slice::{AuthenticatorPrx, AuthenticatorServant, TokenOwnerServant};
use tokio::time::timeout;

use counted::{Counted, Refusals};
pub use error::Error;
use servant::Desk;
use store::Store;

/// Where it listens unless `AuthenticationAdapter.Endpoints` says otherwise.
pub const ENDPOINTS: &str = "tcp -h 127.0.0.1 -p 9094";

const ROLE: Role = Role {
    kind: Kind::Authenticator.name(),
    adapter: "AuthenticationAdapter",
    endpoints: ENDPOINTS,
};

/// How long the database may take to close when the service stops.
const CLOSED_WITHIN: Duration = Duration::from_millis(200);

/// The database of the users that the properties name: the service's and the administrator's.
///
/// # Errors
///
/// Where the property names none, or the data directory cannot be made.
pub fn database(settings: &Settings) -> Result<Location, Error> {
    match settings.find(&property::USER_DATABASE)? {
        Some(location) => Ok(location.parse()?),
        None => Ok(Location::file(settings.data_dir()?.join("users.db"))),
    }
}

/// What those who look after the service see of it.
fn tell(status: &Status, store: &Arc<Store>) {
    let counted = Arc::clone(store);
    status.check("database", move || {
        let store = Arc::clone(&counted);
        async move { store.ping().await.map_err(|error| causes(&error)) }
    });
    let counted = Arc::clone(store);
    status.holds("users", move || {
        let store = Arc::clone(&counted);
        async move { store.counts().await.map(|counts| counts.users) }
    });
    let counted = Arc::clone(store);
    status.holds("tokens", move || {
        let store = Arc::clone(&counted);
        async move { store.tokens().count().await }
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
    let config = store::Config {
        token_lifetime: settings.get(&property::TOKEN_LIFETIME)?,
        ..store::Config::default()
    };
    let location = database(&settings)?;
    let mut service = Service::open(settings, ROLE, shutdown).await?;
    let open = || Store::open(&location, config);
    let opened = service.when_there("database", store::Error::is_away, open);
    let Some(store) = opened.await? else {
        service.until_shutdown().await;
        return Ok(());
    };
    let store = Arc::new(store);

    tell(&service.status, &store);
    let desk = Desk::new(Arc::clone(&store), Refusals::new(&service.metrics));
    let counted = Counted::new(desk, &service.metrics);
    let proxy = service.offer("Authenticator", AuthenticatorServant::new(counted))?;
    let owners = TokenOwnerServant::new(owner::Owners(Arc::clone(&store)));
    service.offer_facet(&proxy, owners, token::OWNER_FACET)?;
    let revocations = service.publisher(topic::AUTHENTICATION);
    service.spawn_to_its_end(events::publish_ends(
        Arc::clone(&store),
        revocations,
        events::Published::new(&service.metrics),
        service.shutdown().clone(),
    ));
    service.spawn(events::look_when_told(Arc::clone(&store)));
    let announcement = Announcement::Authenticator(proxy.unchecked_cast::<AuthenticatorPrx>());
    service.serve(&proxy, Some(announcement)).await?;
    service.until_shutdown().await;
    // What was committed needs no closing.
    let _ = timeout(CLOSED_WITHIN, store.close()).await;
    Ok(())
}
