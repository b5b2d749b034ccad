//! A process that takes part: its communicator, its adapter, its place among
//! the others.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use ice::{Adapter, Communicator, Identity, ObjectPrx, Prx as _, Servant};
use iceflix_slice::{
    ServiceAvailabilityServant, ServiceDeparturesServant, ServiceStatusServant,
    TokenRevocationServant,
};
use icestorm::{Manager, Pace, Publisher, Qos, Subscription};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use crate::{
    Settings, Shutdown,
    announcer::{Announcement, Announcer},
    listener::Unshaken,
    log,
    metrics::{
        Metrics,
        endpoint::{Endpoint, Told},
        list,
    },
    peers::{Change, Departures, Event, Registry},
    settings::{self, property},
    status::{self, Status, Teller},
    token::Checks,
};

/// Where the broker is unless a property says otherwise.
const BROKER: &str = "IceStorm/TopicManager:tcp -h 127.0.0.1 -p 10000";

/// How many intervals of silence make a service suspect.
const SILENT_INTERVALS: u32 = 3;

/// How long taking leave may take: goodbye, subscriptions and tasks together.
/// With [`DESTROYED_WITHIN`] it stays below the two seconds that a service has
/// to stop, whoever hangs.
const LEAVE_WITHIN: Duration = Duration::from_millis(700);

/// How long ending Ice may take: it waits for requests that are being carried
/// out, and for peers to close their connections.
const DESTROYED_WITHIN: Duration = Duration::from_millis(700);

/// Names of the topics.
pub mod topic {
    /// Who is there.
    pub const AVAILABILITY: &str = "ServiceAvailability";
    /// Who goes.
    pub const DEPARTURES: &str = "ServiceDepartures";
    /// Which media a server has.
    pub const MEDIA: &str = "MediaAnnouncements";
    /// Which media a server has no more.
    pub const REMOVALS: &str = "MediaRemovals";
    /// Which tokens are no longer valid.
    pub const AUTHENTICATION: &str = "AuthenticationStatus";
}

/// Why a service cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A property is wrong.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// Ice itself did not start.
    #[error("Ice does not start: {0}")]
    Start(#[source] ice::Error),
    /// Nothing can listen where the service should.
    #[error(
        "cannot listen at \"{endpoints}\" ({adapter}.Endpoints): {source}. \
         Is the service running already? Otherwise choose another place with --{adapter}.Endpoints=\"tcp -h ... -p ...\""
    )]
    Listen {
        /// The adapter's name.
        adapter: &'static str,
        /// Its endpoints.
        endpoints: String,
        /// Why not.
        source: ice::Error,
    },
    /// Metrics and health cannot be told where they should be.
    #[error(
        "cannot listen at {endpoint} (IceFlix.Metrics.Endpoint): {source}. Choose another port; 0 takes any"
    )]
    Metrics {
        /// Where.
        endpoint: std::net::SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The broker's proxy is not one.
    #[error("IceStorm.TopicManager.Proxy={value}: {source}; expected something like {BROKER}")]
    Broker {
        /// What was written.
        value: String,
        /// What is wrong with it.
        source: ice::Error,
    },
    /// A servant could not be added.
    #[error("cannot offer a servant: {0}")]
    Servant(#[source] ice::Error),
}

/// What tells the kinds of service apart before they do anything.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// What the service calls itself in logs and metrics: `main`,
    /// `authentication`, `catalog` or `streaming`.
    pub kind: &'static str,
    /// The adapter in which its servants live; `{adapter}.Endpoints` says where
    /// it listens.
    pub adapter: &'static str,
    /// Where it listens unless that property is set.
    pub endpoints: &'static str,
}

/// A process on its way to being a service: everything is there, nothing is
/// announced yet.
#[derive(Debug)]
pub struct Service {
    /// What the process was told.
    pub settings: Settings,
    /// Its Ice.
    pub communicator: Communicator,
    /// Where its servants live.
    pub adapter: Adapter,
    /// The broker.
    pub broker: Manager,
    /// The other services.
    pub peers: Registry,
    /// Its service id, a new UUID at every start.
    pub id: String,
    /// What it tells of itself; whoever makes a service adds what it holds.
    pub status: Status,
    /// What it counts.
    pub metrics: Metrics,
    shutdown: Shutdown,
    period: Duration,
    subscriptions: Vec<Subscription>,
    tasks: Vec<JoinHandle<()>>,
    last_word: Option<JoinHandle<()>>,
    /// Metrics and health are told until the very end.
    _endpoint: Option<AbortOnDropHandle<()>>,
}

impl Service {
    /// Starts Ice and makes the adapter, which listens from now on but answers
    /// nothing until [`Service::serve`]. Needs neither the broker nor any
    /// other service.
    ///
    /// # Errors
    ///
    /// A wrong property, a port in use, a wrong proxy of the broker.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn open(settings: Settings, role: Role, shutdown: Shutdown) -> Result<Self, Error> {
        let Role { kind, adapter, .. } = role;
        let period = settings.get(&property::ANNOUNCE_INTERVAL)?;
        let endpoints_property = format!("{adapter}.Endpoints");
        let endpoints = settings.ice(&endpoints_property, role.endpoints);
        settings
            .properties()
            .set(&endpoints_property, &endpoints)
            .map_err(Error::Start)?;
        let communicator =
            Communicator::new(settings.properties().clone()).map_err(Error::Start)?;
        let broker_proxy = settings.ice("IceStorm.TopicManager.Proxy", BROKER);
        let broker = communicator
            .string_to_proxy(&broker_proxy)
            .map_err(|source| Error::Broker {
                value: broker_proxy,
                source,
            })?;
        let made = communicator.create_adapter(adapter);
        let adapter = made.map_err(|source| Error::Listen {
            adapter,
            endpoints,
            source,
        })?;
        let id = uuid::Uuid::new_v4().to_string();
        log::belong_to(kind, &id);
        let peers = Registry::new(&id);
        let status = Status::new(kind, &id, peers.clone(), shutdown.clone());
        let metrics = Metrics::new(kind);
        let told = Told {
            metrics: metrics.clone(),
            status: status.clone(),
            peers: peers.clone(),
        };
        let endpoint = match settings.find(&property::METRICS_ENDPOINT)? {
            Some(endpoint) => Some(tell(endpoint, told).await?),
            None => None,
        };
        let mut service = Self {
            settings,
            communicator,
            adapter,
            broker: Manager::new(broker),
            status,
            metrics,
            peers,
            id,
            shutdown,
            period,
            subscriptions: Vec::new(),
            tasks: Vec::new(),
            last_word: None,
            _endpoint: endpoint,
        };
        let changes = count_changes(service.peers.changes(), service.metrics.clone());
        service.spawn(changes);
        Ok(service)
    }

    /// When to stop.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Adds a servant under a fixed name.
    ///
    /// # Errors
    ///
    /// Where the name is taken.
    pub fn offer(&self, name: &str, servant: impl Servant) -> Result<ObjectPrx, Error> {
        self.adapter
            .add(servant, Identity::new(name))
            .map_err(Error::Servant)
    }

    /// Adds a facet to what was [offered](Self::offer).
    ///
    /// # Errors
    ///
    /// Where it has one of this name.
    pub fn offer_facet(
        &self,
        proxy: &ObjectPrx,
        servant: impl Servant,
        facet: &str,
    ) -> Result<(), Error> {
        let added = self.adapter.add_facet(servant, proxy.identity(), facet);
        added.map(drop).map_err(Error::Servant)
    }

    /// Subscribes a servant to a topic, for as long as the process lives. An
    /// event that it cannot take is left out, and costs no other.
    ///
    /// # Errors
    ///
    /// Where the servant cannot be added.
    pub fn subscribe(
        &mut self,
        topic: &str,
        servant: impl Servant,
    ) -> Result<watch::Receiver<icestorm::State>, Error> {
        let subscriber = self
            .adapter
            .add_with_uuid(servant.intercepted_by(Unshaken::new(topic)))
            .map_err(Error::Servant)?;
        let subscription =
            Subscription::start_at(pace(), &self.broker, topic, subscriber, Qos::default());
        let state = subscription.state();
        self.subscriptions.push(subscription);
        Ok(state)
    }

    /// A publisher for a topic.
    pub fn publisher<P: ice::Prx>(&self, topic: &str) -> Publisher<P> {
        // What is announced twice is known twice, and no more.
        Publisher::new(&self.broker, topic).with_resend()
    }

    /// The place where tokens are checked, which hears of revocations from now
    /// on, and whether it does.
    ///
    /// # Errors
    ///
    /// Where its servant cannot be added.
    pub fn token_checks(&mut self) -> Result<(Checks, watch::Receiver<icestorm::State>), Error> {
        let checks = Checks::new(self.peers.authenticators().clone(), &self.metrics);
        let heard = self.subscribe(
            topic::AUTHENTICATION,
            TokenRevocationServant::new(checks.clone()),
        )?;
        Ok((checks, heard))
    }

    /// A task that ends with the service.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.shutdown.clone();
        self.tasks.push(tokio::spawn(async move {
            shutdown.unless_begun(task).await;
        }));
    }

    /// A task that sees the shutdown begin by itself, and is waited for, for
    /// as long as stopping allows.
    pub fn spawn_to_its_end(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }

    /// Begins to answer: hears who comes and goes, announces itself where
    /// there is something to announce, and prints its proxy on standard
    /// output.
    ///
    /// # Errors
    ///
    /// Where the adapter cannot be activated, or the servants that hear of the
    /// others cannot be added.
    pub async fn serve(
        &mut self,
        proxy: &ObjectPrx,
        announcement: Option<Announcement>,
    ) -> Result<(), Error> {
        let heard = self.subscribe(
            topic::AVAILABILITY,
            ServiceAvailabilityServant::new(self.peers.clone()),
        )?;
        self.subscribe(
            topic::DEPARTURES,
            ServiceDeparturesServant::new(Departures(self.peers.clone())),
        )?;
        let teller = ServiceStatusServant::new(Teller(self.status.clone()));
        self.offer_facet(proxy, teller, status::FACET)?;
        self.adapter.activate().map_err(Error::Servant)?;
        self.status.serving(heard.clone());
        self.spawn(sweeps(self.peers.clone(), self.period));
        // Whoever starts the next service when this one is ready may rely on its hearing of it.
        self.shutdown
            .unless_begun(wait_for_broker(heard.clone()))
            .await;
        if let Some(announcement) = announcement {
            let announcer = Announcer {
                availability: self.publisher(topic::AVAILABILITY),
                departures: self.publisher(topic::DEPARTURES),
                id: self.id.clone(),
                announcement,
                period: self.period,
            };
            let (changes, shutdown) = (self.peers.changes(), self.shutdown.clone());
            self.last_word = Some(tokio::spawn(announcer.run(changes, heard, shutdown)));
        }
        // Whoever started it may not want to know.
        let _ = writeln!(io::stdout(), "{proxy}");
        tracing::info!(id = %self.id, %proxy, "ready");
        Ok(())
    }

    /// Waits for the shutdown, then stops in order: goodbye, no more events
    /// and the ends of all tasks at the same time; then no more requests, Ice.
    /// Takes less than two seconds, also where the broker or a peer hangs.
    pub async fn until_shutdown(self) {
        self.shutdown.begun().await;
        tracing::info!("stopping");
        let tasks = self.tasks.into_iter().chain(self.last_word);
        let leave = futures_util::future::join(
            futures_util::future::join_all(self.subscriptions.into_iter().map(Subscription::stop)),
            futures_util::future::join_all(tasks),
        );
        if timeout(LEAVE_WITHIN, leave).await.is_err() {
            warn!("stopping without having taken leave: the broker does not answer in time");
        }
        if timeout(DESTROYED_WITHIN, self.communicator.destroy())
            .await
            .is_err()
        {
            warn!("some requests were still being carried out when the service stopped");
        }
        tracing::info!("stopped");
    }
}

/// Tells metrics and health there from now on.
async fn tell(endpoint: std::net::SocketAddr, told: Told) -> Result<AbortOnDropHandle<()>, Error> {
    let failed = |source| Error::Metrics { endpoint, source };
    let bound = Endpoint::bind(endpoint).await.map_err(failed)?;
    let address = bound.address().map_err(failed)?;
    tracing::info!(%address, "metrics and health are told");
    Ok(AbortOnDropHandle::new(tokio::spawn(bound.serve(told))))
}

/// Counts who comes and goes. Those that come faster than this looks are
/// counted no more: there are 256 of a kind at the most.
async fn count_changes(mut changes: broadcast::Receiver<Change>, metrics: Metrics) {
    loop {
        let change = match changes.recv().await {
            Ok(change) => change,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return,
        };
        let metric = match change.event {
            Event::Found => &list::SERVICE_FOUND,
            Event::Lost => &list::SERVICE_LOST,
            Event::Departed => &list::SERVICE_DEPARTED,
        };
        metrics.with(metric, &change.kind.to_string()).inc();
    }
}

async fn sweeps(peers: Registry, period: Duration) {
    // Never more often than once a second: the interval may be set short.
    let mut ticks = interval(period.max(Duration::from_secs(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        peers.sweep(period * SILENT_INTERVALS).await;
    }
}

/// How soon a broker that is back is noticed: a try costs a refused connection.
fn pace() -> Pace {
    Pace {
        last_retry: Duration::from_secs(1),
        ..Pace::default()
    }
}

/// A moment for the subscription to stand; a broker that is not there is
/// waited for in the background.
async fn wait_for_broker(mut state: watch::Receiver<icestorm::State>) {
    const MOMENT: Duration = Duration::from_millis(500);
    if timeout(MOMENT, state.wait_for(|state| state.subscribed))
        .await
        .is_err()
    {
        warn!("the broker cannot be reached yet: serving without it, and trying again");
    }
}
