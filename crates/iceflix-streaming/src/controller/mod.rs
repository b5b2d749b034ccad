//! The streams that go out: each a controller of its own for one viewer, with
//! a life that hangs on a token.

mod admission;
mod holders;
mod host;
mod life;
mod orphans;
mod report;
mod seats;
mod servant;
mod stream;
mod topic;
mod way;

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use ice::{Adapter, ErrorKind, Identity, ObjectPrx, Prx as _};
use iceflix_index::Index;
use iceflix_media::MediaId;
use iceflix_rtsp::{Server, Statistics};
use iceflix_service::{Service, Shutdown, token::Checks};
use iceflix_slice::{RtspStreamControllerPrx, RtspStreamControllerServant, StreamControllerPrx};
use icestorm::Manager;
use tokio::{
    sync::{broadcast::error::RecvError, mpsc, oneshot},
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::info;

use self::{
    holders::Holders,
    life::{Life, Times},
    seats::Seats,
    servant::{Command, Servant},
    stream::{Over, Stream},
    topic::SyncTopic,
    way::Way,
};

pub(crate) use self::admission::Doorkeeper;
pub(crate) use self::orphans::destroy as destroy_orphans;
pub use self::report::{Report, Way as WayOut};
pub(crate) use self::{
    life::Why,
    seats::{Limits, Viewer},
};
use crate::counted::Ends;

/// How many commands wait for a controller before its callers do.
const COMMANDS: usize = 32;

/// How long a stream may take to tell of itself.
const REPORTED_WITHIN: Duration = Duration::from_secs(1);

/// How long streams may take to let go of what they hold when the service
/// stops. Topics of an absent broker are not waited for any longer.
const ENDED_WITHIN: Duration = Duration::from_millis(400);

/// All controllers. Clones share them.
#[derive(Clone)]
pub(crate) struct Controllers(Arc<Shared>);

/// What all streams have in common.
pub(crate) struct Shared {
    adapter: Adapter,
    broker: Manager,
    checks: Checks,
    times: Times,
    /// `None` when the service stops.
    server: RwLock<Option<Server>>,
    shutdown: Shutdown,
    holders: Holders,
    ends: Ends,
    seats: Arc<Seats>,
    /// The service id, which names the topics of its streams.
    service: String,
    numbers: AtomicU64,
    /// What streams do, and what they leave to be done.
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Controllers {
    /// None yet. `grace` is how long a stream goes on after its token has died.
    pub(crate) fn new(
        service: &Service,
        checks: Checks,
        server: Server,
        grace: Duration,
        limits: Limits,
    ) -> Self {
        let (adapter, broker) = (service.adapter.clone(), service.broker.clone());
        let (ends, shutdown) = (Ends::new(&service.metrics), service.shutdown().clone());
        let service = service.id.clone();
        Self(Arc::new(Shared {
            adapter,
            broker,
            checks,
            times: Times::with_grace(grace),
            server: RwLock::new(Some(server)),
            shutdown,
            holders: Holders::default(),
            ends,
            seats: Seats::new(limits),
            service,
            numbers: AtomicU64::new(1),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }))
    }

    /// Makes a controller for a film and a viewer whose token was just found
    /// valid.
    ///
    /// # Errors
    ///
    /// Where there are too many, or the service is about to stop; with the
    /// reason for the viewer.
    pub(crate) fn create(
        &self,
        media: MediaId,
        index: Arc<Index>,
        viewer: Viewer,
        token: String,
    ) -> Result<StreamControllerPrx, ice::Error> {
        let (_, proxy) = self.begin(media, index, viewer, token)?;
        Ok(RtspStreamControllerPrx::from_object(proxy).into())
    }

    /// As [`create`](Self::create), for whoever commands it from within. Returns
    /// the way to it, and the proxy that nobody else has.
    fn begin(
        &self,
        media: MediaId,
        index: Arc<Index>,
        viewer: Viewer,
        token: String,
    ) -> Result<(mpsc::Sender<Command>, ObjectPrx), ice::Error> {
        let shared = Arc::clone(&self.0);
        let number = shared.numbers.fetch_add(1, Ordering::Relaxed);
        let seat = shared.seats.take(&viewer);
        let seat = seat.map_err(|reason| servant::refusal(number, reason))?;
        let (commands, inbox) = mpsc::channel(COMMANDS);
        shared.holders.enter(number, commands.clone());
        let identity = Identity::new(uuid::Uuid::new_v4().to_string());
        let servant = Servant {
            stream: number,
            checks: shared.checks.clone(),
            commands: commands.clone(),
        };
        let added = shared
            .adapter
            .add(RtspStreamControllerServant::new(servant), identity.clone());
        let proxy = added.map_err(|error| {
            shared.holders.leave(number);
            match error.kind() {
                // The service is stopping: gone for its callers, who ask another.
                ErrorKind::ObjectAdapterDeactivated => ice::Error::object_not_exist(),
                _ => error,
            }
        })?;
        let stream = Stream {
            number,
            media,
            viewer,
            since: Instant::now(),
            index,
            life: Life::new(shared.times, token.into(), Instant::now()),
            topic: SyncTopic::new(&shared.broker, &shared.service),
            commands: inbox,
            shared: Arc::clone(&shared),
            way: Way::default(),
        };
        info!(stream = number, %media, "controller made");
        shared.clone().tasks.spawn(async move {
            let Over {
                why,
                topic,
                stopped,
            } = stream.run().await;
            // It is there until here, and is removed once.
            let _ = shared.adapter.remove(identity);
            shared.holders.leave(number);
            drop(seat);
            shared.ends.count(&why);
            info!(stream = number, ?why, "controller gone");
            if let Some(stopped) = stopped {
                let _ = stopped.send(());
            }
            topic.destroy(&shared.shutdown).await;
        });
        Ok((commands, proxy))
    }

    /// Has something done for a stream, as long as the service does not stop.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.0.stopping.clone();
        self.0.tasks.spawn(async move {
            stopping.run_until_cancelled(work).await;
        });
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.seats.taken()
    }

    /// What there is to be said of each, by number.
    pub(crate) async fn reports(&self) -> Vec<Report> {
        let asked = self
            .0
            .holders
            .all()
            .into_iter()
            .map(|(_, commands)| async move {
                let (answer, report) = oneshot::channel();
                commands.try_send(Command::Report(answer)).ok()?;
                timeout(REPORTED_WITHIN, report).await.ok()?.ok()
            });
        join_all(asked).await.into_iter().flatten().collect()
    }

    /// Ends a stream. Returns whether there was one of this number; it is gone
    /// then. May be cancelled.
    pub(crate) async fn kick(&self, number: u64) -> bool {
        let Some(commands) = self.0.holders.commands(number) else {
            return false;
        };
        let (answer, ended) = oneshot::channel();
        if commands.send(Command::Kick(answer)).await.is_err() {
            return false;
        }
        // Dropped where it ended for another reason meanwhile.
        ended.await.is_ok()
    }

    /// What was sent so far; `None` when the service stops.
    pub(crate) fn sent(&self) -> Option<Statistics> {
        self.0.server(Server::statistics).ok()
    }

    /// Passes revocations on to the streams that they concern. Never returns.
    pub(crate) async fn hear_revocations(self) {
        let Self(shared) = self;
        let mut revocations = shared.checks.revocations();
        loop {
            match revocations.recv().await {
                Ok(token) => shared.holders.revoked(&token),
                Err(RecvError::Lagged(_)) => shared.holders.doubt(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Ends all streams, with a goodbye to each viewer, and the RTSP server
    /// with them. Takes little more than a second at the worst.
    pub(crate) async fn end(&self) {
        self.0.stopping.cancel();
        self.0.tasks.close();
        let _ = timeout(ENDED_WITHIN, self.0.tasks.wait()).await;
        let server = self
            .0
            .server
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(server) = server {
            server.shutdown().await;
        }
    }
}

impl Shared {
    /// Has something done by the RTSP server.
    ///
    /// # Errors
    ///
    /// When the service stops.
    fn server<R>(&self, work: impl FnOnce(&Server) -> R) -> Result<R, ice::Error> {
        let server = self.server.read().unwrap_or_else(PoisonError::into_inner);
        server
            .as_ref()
            .map(work)
            .ok_or_else(|| ice::Error::unknown("the service is stopping"))
    }
}
