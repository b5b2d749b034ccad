//! The topic on which a controller talks to its viewer: made when it is first
//! wanted, destroyed at the end.

use std::time::Duration;

use iceflix_service::Shutdown;
use iceflix_slice::StreamerSyncPrx;
use icestorm::{Manager, Publisher};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

/// Pauses between the attempts to destroy a topic while the broker is away.
const RETRIES: &[u64] = &[1, 2, 4, 8, 15, 30, 60, 120, 300, 600];

/// How long the broker may take to make a topic: whoever wants its name gives
/// up after 1.5 s.
const MADE_WITHIN: Duration = Duration::from_secs(1);

/// The topic of one controller.
#[derive(Debug)]
pub(crate) struct SyncTopic {
    broker: Manager,
    name: String,
    /// `None` until somebody has asked for the name: before that nobody can
    /// have subscribed.
    publisher: Option<Publisher<StreamerSyncPrx>>,
    /// What is under way and may make the topic.
    making: TaskTracker,
}

/// How the names of all topics of a service's streams begin.
pub(crate) fn prefix(service: &str) -> String {
    format!("StreamerSync-{service}-")
}

impl SyncTopic {
    /// A topic with a name of its own, of the service with this id. It tells
    /// nothing of the controller's identity: whoever reaches the broker can list the names, and whoever knows
    /// the identity can stop the stream. Nothing is made yet.
    pub(crate) fn new(broker: &Manager, service: &str) -> Self {
        Self {
            broker: broker.clone(),
            name: format!("{}{}", prefix(service), uuid::Uuid::new_v4()),
            publisher: None,
            making: TaskTracker::new(),
        }
    }

    /// What its viewer subscribes to.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Makes the topic at the broker, so that it is there when the name is
    /// known; where the broker is away, whoever needs it first makes it later. The
    /// future for that takes a second at the most.
    pub(crate) fn make(&mut self) -> impl Future<Output = ()> + Send + 'static {
        let broker = self.broker.clone();
        self.publisher
            .get_or_insert_with(|| Publisher::new(&broker, &self.name).with_resend());
        let name = self.name.clone();
        self.making.track_future(async move {
            match timeout(MADE_WITHIN, broker.topic(&name)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => warn!(%error, "the topic of a stream is not made yet"),
                Err(_) => {
                    warn!("the topic of a stream is not made yet: the broker does not answer")
                }
            }
        })
    }

    /// Asks the viewer for a new token. Nothing is sent where nobody can be
    /// listening.
    pub(crate) fn ask(&self, stream: u64) -> impl Future<Output = ()> + Send + 'static {
        let publisher = self.publisher.clone();
        self.making.track_future(async move {
            let Some(publisher) = publisher else { return };
            let asked =
                publisher.publish(|viewer| async move { viewer.request_authentication().await });
            if let Err(error) = asked.await {
                warn!(stream, %error, "the viewer was not asked for a new token: the broker cannot be reached");
            }
        })
    }

    /// Destroys it, if it was made. Tries for about 20 minutes, or until
    /// the shutdown begins.
    pub(crate) async fn destroy(self, shutdown: &Shutdown) {
        if self.publisher.is_none() {
            return;
        }
        // What is made after it was destroyed would stay at the broker for ever.
        self.making.close();
        if shutdown.unless_begun(self.making.wait()).await.is_none() {
            return;
        }
        for pause in RETRIES {
            match self.broker.destroy_topic(&self.name).await {
                Ok(()) => return,
                Err(error) => {
                    debug!(%error, "the topic of a stream that ended is not destroyed yet")
                }
            }
            if shutdown
                .unless_begun(sleep(Duration::from_secs(*pause)))
                .await
                .is_none()
            {
                return;
            }
        }
        warn!(
            topic = self.name,
            "the topic of a stream that ended stays at the broker"
        );
    }
}
