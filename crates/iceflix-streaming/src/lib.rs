//! The Streaming service: directories of films, announced and played.
//!
//! | module | what it knows |
//! | --- | --- |
//! | `library` | which films there are, and what was made of them; no Ice |
//! | `announce` | what the broker is told of them |
//! | `provider` | the servant that is asked for a stream |
//! | `controller` | the streams that go out, and how long they live |
//! | [`control`] | what an administrator of this machine asks |
//! | `load` | what the log says of all that |
//!
//! What a film is made of is `iceflix-media`'s business, how it gets onto the
//! wire that of `iceflix-rtsp`; this crate must know neither containers nor
//! packets.

mod announce;
pub mod control;
mod controller;
mod counted;
mod error;
mod library;
mod load;
mod provider;

use std::{
    convert::Infallible,
    future::ready,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use ice::Prx as _;
use iceflix_rtsp::{Config, Secure, Server};
use iceflix_service::{
    Announcement, Role, Service, Settings, Shutdown,
    peers::Kind,
    settings::{Bytes, property},
    status::Status,
    topic,
};
use iceflix_slice::{StreamProviderPrx, StreamProviderServant};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};
use tracing::warn;

use crate::{
    announce::{Announcer, Causes},
    control::{Desk, Door},
    controller::{Controllers, Doorkeeper, Limits, destroy_orphans},
    counted::Counted,
    library::Library,
    provider::Provider,
};

pub use controller::{Report, WayOut};
pub use error::Error;
pub use library::{Entry, Error as LibraryError, State, files};

/// The identity of the servant, the same in every Streaming service.
pub const IDENTITY: &str = "StreamProvider";

/// Where it listens unless `StreamingAdapter.Endpoints` says otherwise.
pub const ENDPOINTS: &str = "tcp -h 127.0.0.1 -p 9097";

const ROLE: Role = Role {
    kind: Kind::StreamProvider.name(),
    adapter: "StreamingAdapter",
    endpoints: ENDPOINTS,
};

/// Offers the films of these directories until the shutdown begins. Films that are
/// known from before are there when it is ready, others are announced as they
/// are read. SIGUSR1 makes it look at the directories at once.
///
/// # Errors
///
/// Where it cannot start: a wrong property, a port in use, a directory that
/// cannot be read.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn run(
    settings: Settings,
    directories: Vec<PathBuf>,
    shutdown: Shutdown,
) -> Result<(), Error> {
    let rescans = signal(SignalKind::user_defined1()).map_err(Error::Signal)?;
    let grace = settings.get(&property::STREAM_GRACE)?;
    let (endpoint, secure) = rtsp_endpoints(&settings)?;
    let report = settings.get(&property::REPORT_INTERVAL)?;
    let limits = Limits {
        in_all: settings.get(&property::MOST_STREAMS)? as usize,
        of_user: settings.get(&property::MOST_STREAMS_OF_USER)? as usize,
    };
    let cache = settings.cache_dir()?;
    let cache_size = settings
        .find(&property::CACHE_SIZE)?
        .map(|Bytes(bytes)| bytes);
    let kept = library::Config {
        cache: cache.clone(),
        cache_size,
        eyes: library::Eyes::default(),
    };

    let mut service = Service::open(settings, ROLE, shutdown.clone()).await?;
    let doorkeeper = Doorkeeper::default();
    let rtsp = Server::bind(Config {
        endpoint,
        secure,
        admission: Some(Arc::new(doorkeeper.clone())),
        ..Config::default()
    })
    .await;
    let rtsp = rtsp.map_err(|source| Error::rtsp(source, endpoint))?;
    let Some(opened) = service
        .shutdown()
        .unless_begun(Library::open(&directories, kept))
        .await
    else {
        service.until_shutdown().await;
        return Ok(());
    };
    let (library, changes) = opened?;
    let library = Arc::new(library);

    let (checks, broker) = service.token_checks()?;
    let controllers = Controllers::new(&service, checks.clone(), rtsp, grace, limits);
    doorkeeper.begin(Arc::clone(&library), checks.clone(), controllers.clone());
    counted::copy_what_is_sent(&service.metrics, &controllers, &library);
    tell(&service.status, &library, &controllers);
    let requests = Arc::new(Notify::new());
    let provider = Provider {
        library: Arc::clone(&library),
        checks,
        controllers: controllers.clone(),
        announce: Arc::clone(&requests),
    };
    let counted = Counted::new(provider, &service.metrics);
    let proxy = service.offer(IDENTITY, StreamProviderServant::new(counted))?;

    let desk = Desk {
        library: Arc::clone(&library),
        controllers: controllers.clone(),
    };
    administer(&mut service, desk, &cache);
    service.spawn(load::tell(
        report,
        controllers.clone(),
        Arc::clone(&library),
    ));
    service.spawn(controllers.clone().hear_revocations());
    let announcer = Announcer {
        library: Arc::clone(&library),
        media: service.publisher(topic::MEDIA),
        removals: service.publisher(topic::REMOVALS),
        provider: service.id.clone(),
    };
    service.spawn(announcer.run(Causes {
        changes,
        requests,
        broker,
    }));
    service.spawn(rescan_on(rescans, Arc::clone(&library)));
    let announcement = Announcement::StreamProvider(StreamProviderPrx::from_object(proxy.clone()));
    service.serve(&proxy, Some(announcement)).await?;

    service.shutdown().begun().await;
    let streams = async {
        controllers.end().await;
        library.stop().await;
    };
    tokio::join!(streams, service.until_shutdown());
    Ok(())
}

/// Where RTSP is spoken, and where over TLS, if anywhere.
fn rtsp_endpoints(settings: &Settings) -> Result<(SocketAddr, Option<Secure>), Error> {
    let secure = match settings.find(&property::RTSPS_ENDPOINT)? {
        Some(endpoint) => Some(Secure {
            endpoint,
            certificate: settings.get(&property::RTSPS_CERTIFICATE)?,
            key: settings.get(&property::RTSPS_KEY)?,
        }),
        None => None,
    };
    Ok((settings.get(&property::RTSP_ENDPOINT)?, secure))
}

/// Lets administrators of this machine in, and tidies up after services that
/// were killed. Films are served without that as well.
fn administer(service: &mut Service, desk: Desk, cache: &Path) {
    match Door::open(cache, &service.id) {
        Ok((door, dead)) => {
            service.spawn(destroy_orphans(dead, service.broker.clone()));
            service.spawn(desk.serve(door));
        }
        Err(error) => {
            warn!(%error, "`iceflix stream` and `iceflix media` cannot reach this service");
        }
    }
}

/// What those who look after the service see of it.
fn tell(status: &Status, library: &Arc<Library>, controllers: &Controllers) {
    let checked = Arc::clone(library);
    status.check("directory", move || {
        let library = Arc::clone(&checked);
        async move { library.is_there().await }
    });
    let counted = Arc::clone(library);
    status.holds("films", move || {
        ready(Ok::<_, Infallible>(counted.count() as u64))
    });
    let counted = Arc::clone(library);
    status.holds("unread", move || {
        ready(Ok::<_, Infallible>(counted.unread() as u64))
    });
    let counted = controllers.clone();
    status.holds("streams", move || {
        ready(Ok::<_, Infallible>(counted.count() as u64))
    });
}

async fn rescan_on(mut signals: Signal, library: Arc<Library>) {
    while signals.recv().await.is_some() {
        library.rescan();
    }
}
