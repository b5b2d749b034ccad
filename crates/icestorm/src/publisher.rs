use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ice::{ErrorKind, Group, Prx};

use crate::delivery::Delivery;
use crate::error::Error;
use crate::manager::Manager;

/// Sends the events of one topic, whose interface is that of `P`. Cloning counts a reference.
///
/// The topic is found, or made, when the first event is sent; where the broker has gone, it is found again. Nothing is kept
/// for later, but by a publisher of batches: an event that cannot be sent now is an error now.
///
/// An event goes out at most once, as a call of Ice does, unless [`Publisher::with_resend`] allows a second time.
#[derive(Clone, Debug)]
pub struct Publisher<P> {
    shared: Arc<Shared<P>>,
}

#[derive(Debug)]
struct Shared<P> {
    settings: Settings,
    /// The publisher object, as long as it works.
    found: Mutex<Option<P>>,
}

#[derive(Clone, Debug)]
struct Settings {
    manager: Manager,
    topic: String,
    delivery: Delivery,
    cost: Option<i32>,
    resend: bool,
}

impl<P: Prx> Publisher<P> {
    /// A publisher that awaits the broker's word for each event: when that is there, the broker has the event, and
    /// delivers it while it lives. Asks nothing of the broker yet.
    #[must_use]
    pub fn new(manager: &Manager, topic: &str) -> Self {
        Self::with(Settings {
            manager: manager.clone(),
            topic: topic.to_owned(),
            delivery: Delivery::Twoway,
            cost: None,
            resend: false,
        })
    }

    fn with(settings: Settings) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                found: Mutex::default(),
            }),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.shared.settings.clone();
        change(&mut settings);
        Self::with(settings)
    }

    /// A publisher that sends its events another way.
    ///
    /// Oneway is faster, and an event is lost unnoticed where the connection breaks with it. A batch is sent by
    /// [`Publisher::flush`]. Datagrams want a `udp` endpoint in the broker's `IceStorm.Publish.Endpoints`.
    #[must_use]
    pub fn with_delivery(&self, delivery: Delivery) -> Self {
        self.change(|settings| settings.delivery = delivery)
    }

    /// As [`Publisher::with_delivery`] with [`Delivery::Oneway`].
    #[must_use]
    pub fn with_oneway(&self) -> Self {
        self.with_delivery(Delivery::Oneway)
    }

    /// As [`Publisher::with_delivery`] with [`Delivery::BatchOneway`].
    #[must_use]
    pub fn with_batch_oneway(&self) -> Self {
        self.with_delivery(Delivery::BatchOneway)
    }

    /// As [`Publisher::with_delivery`] with [`Delivery::Datagram`].
    #[must_use]
    pub fn with_datagram(&self) -> Self {
        self.with_delivery(Delivery::Datagram)
    }

    /// As [`Publisher::with_delivery`] with [`Delivery::BatchDatagram`].
    #[must_use]
    pub fn with_batch_datagram(&self) -> Self {
        self.with_delivery(Delivery::BatchDatagram)
    }

    /// A publisher whose events cost this much: links that allow less do not pass them on.
    #[must_use]
    pub fn with_cost(&self, cost: i32) -> Self {
        self.change(|settings| settings.cost = Some(cost))
    }

    /// A publisher that sends an event once more where the connection breaks before the broker's word is there.
    ///
    /// Then fewer are lost, and in the rare case that the connection breaks after the event arrived, subscribers see it twice.
    #[must_use]
    pub fn with_resend(&self) -> Self {
        self.change(|settings| settings.resend = true)
    }

    /// The name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.shared.settings.topic
    }

    /// The proxy to call events on. It works until the broker or the topic goes.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn proxy(&self) -> Result<P, Error> {
        if let Some(proxy) = self.found().clone() {
            return Ok(proxy);
        }
        let settings = &self.shared.settings;
        let topic = settings.manager.topic(&settings.topic).await?;
        let mut proxy: P = settings.delivery.of(&topic.publisher::<P>().await?);
        if let Some(cost) = settings.cost {
            proxy = proxy.with_context([("cost", cost.to_string())]);
        }
        *self.found() = Some(proxy.clone());
        Ok(proxy)
    }

    /// Sends an event: `event` calls the operation on the proxy that it is given.
    ///
    /// ```no_run
    /// # use ice::Prx as _;
    /// # async fn hello(publisher: icestorm::Publisher<ice::ObjectPrx>) -> Result<(), icestorm::Error> {
    /// publisher.publish(async |topic| topic.ice_ping().await).await
    /// # }
    /// ```
    ///
    /// Where the topic is gone, or the event cannot have been sent, `event` is called once more with a proxy that was found
    /// anew; with [`Publisher::with_resend`] also where the connection broke with it. The future may be dropped; the
    /// event may be sent by then. A publisher of batches only puts the event to the others.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or does not answer in time, or the connection broke: then the event may have
    /// arrived.
    pub async fn publish<R, F>(&self, event: impl Fn(P) -> F) -> Result<R, Error>
    where
        F: Future<Output = Result<R, ice::Error>>,
    {
        let error = match event(self.proxy().await?).await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        if error.is_transport() || error.is_not_exist() {
            *self.found() = None;
        }
        if !self.may_be_sent_again(&error) {
            return Err(Error::broker(self.topic(), error));
        }
        event(self.proxy().await?).await.map_err(|error| {
            *self.found() = None;
            Error::broker(self.topic(), error)
        })
    }

    /// Sends what a publisher of batches holds; nothing, where it holds nothing.
    ///
    /// A batch that does not fit into one message goes out in several, each when it is full.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached: the events of the batch are lost.
    pub async fn flush(&self) -> Result<(), Error> {
        let Some(proxy) = self.found().clone() else {
            return Ok(());
        };
        proxy.flush_batch_requests().await.map_err(|error| {
            *self.found() = None;
            Error::broker(self.topic(), error)
        })
    }

    fn may_be_sent_again(&self, error: &ice::Error) -> bool {
        // Whoever does not answer in time will not answer sooner the second time.
        error.is_not_exist()
            || never_left(error.kind())
            || (self.shared.settings.resend
                && error.is_transport()
                && error.kind().group() != Group::Timeout)
    }

    fn found(&self) -> MutexGuard<'_, Option<P>> {
        self.shared
            .found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there was no connection to send anything on.
fn never_left(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectFailed
            | ErrorKind::ConnectionRefused
            | ErrorKind::Dns
            | ErrorKind::NoEndpoint
            | ErrorKind::NotRegistered
    )
}
