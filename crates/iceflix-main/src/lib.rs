//! The Main service: the door for clients.
//!
//! It keeps no state of its own. It knows who is alive, and hands that out in
//! turn; it carries no request on and checks no login. One that has just started
//! has clients wait a moment for services that it has not heard of yet.

mod counted;
mod servant;

use std::{convert::Infallible, future::ready};

use iceflix_service::{Error, Role, Service, Settings, Shutdown, settings::property};
use iceflix_slice::MainServant;

use crate::{counted::Counted, servant::Door};

/// The identity of every Main there is, so that one proxy can name the
/// endpoints of several.
pub const IDENTITY: &str = "Main";

/// Where it listens unless `MainAdapter.Endpoints` says otherwise.
pub const ENDPOINTS: &str = "tcp -h 127.0.0.1 -p 9095";

const ROLE: Role = Role {
    kind: "main",
    adapter: "MainAdapter",
    endpoints: ENDPOINTS,
};

/// Runs the service until the shutdown begins.
///
/// # Errors
///
/// Where it cannot start: a wrong property, a port in use.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn run(settings: Settings, shutdown: Shutdown) -> Result<(), Error> {
    let interval = settings.get(&property::ANNOUNCE_INTERVAL)?;
    let mut service = Service::open(settings, ROLE, shutdown).await?;
    let door = Door::new(service.peers.clone(), interval);
    let door = Counted::new(door, &service.metrics);
    let proxy = service.offer(IDENTITY, MainServant::new(door))?;
    let peers = service.peers.clone();
    service.status.holds("services", move || {
        ready(Ok::<_, Infallible>(peers.known().len() as u64))
    });
    service.serve(&proxy, None).await?;
    service.until_shutdown().await;
    Ok(())
}
