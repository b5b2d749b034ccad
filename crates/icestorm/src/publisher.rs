use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ice::{Group, Prx};

use crate::error::Error;
use crate::manager::Manager;

/// Sends the events of one topic, whose interface is that of `P`. Cloning counts a reference.
///
/// The topic is found, or made, when the first event is sent; where the broker has gone, it is found again. Nothing is kept
/// for later: an event that cannot be sent now is an error now.
#[derive(Clone, Debug)]
pub struct Publisher<P> {
    shared: Arc<Shared<P>>,
}

#[derive(Debug)]
struct Shared<P> {
    manager: Manager,
    topic: String,
    oneway: bool,
    /// The publisher object, as long as it works.
    found: Mutex<Option<P>>,
}

impl<P: Prx> Publisher<P> {
    /// A publisher that awaits the broker's word for each event: when that is there, the broker has the event, and
    /// delivers it while it lives. Asks nothing of the broker yet.
    #[must_use]
    pub fn new(manager: &Manager, topic: &str) -> Self {
        Self::with_mode(manager, topic, false)
    }

    /// A publisher that does not await the broker's word: faster, and an event is lost unnoticed where the
    /// connection breaks with it.
    #[must_use]
    pub fn oneway(manager: &Manager, topic: &str) -> Self {
        Self::with_mode(manager, topic, true)
    }

    fn with_mode(manager: &Manager, topic: &str, oneway: bool) -> Self {
        let (manager, topic) = (manager.clone(), topic.to_owned());
        Self {
            shared: Arc::new(Shared {
                manager,
                topic,
                oneway,
                found: Mutex::default(),
            }),
        }
    }

    /// The name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.shared.topic
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
        let mut proxy = self.shared.manager.publisher(&self.shared.topic).await?;
        if self.shared.oneway {
            proxy = proxy.with_oneway();
        }
        let proxy = P::from_object(proxy);
        *self.found() = Some(proxy.clone());
        Ok(proxy)
    }

    /// Sends an event: `event` calls the operation on the proxy that it is given.
    ///
    /// Where the topic is gone, or the connection breaks, it is called once more with a proxy that was
    /// found anew: in the rare case that a connection breaks after the event arrived, subscribers see it twice. The
    /// future may be dropped; the event may be sent by then.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or does not answer in time.
    pub async fn publish<R, F>(&self, event: impl Fn(P) -> F) -> Result<R, Error>
    where
        F: Future<Output = Result<R, ice::Error>>,
    {
        let error = match event(self.proxy().await?).await {
            Ok(result) => return Ok(result),
            Err(error) => error,
        };
        if !error.is_transport() && !error.is_not_exist() {
            return Err(Error::broker(&self.shared.topic, error));
        }
        *self.found() = None;
        // Whoever does not answer in time will not answer sooner the second time.
        if error.kind().group() == Group::Timeout {
            return Err(Error::broker(&self.shared.topic, error));
        }
        event(self.proxy().await?).await.map_err(|error| {
            *self.found() = None;
            Error::broker(&self.shared.topic, error)
        })
    }

    fn found(&self) -> MutexGuard<'_, Option<P>> {
        self.shared
            .found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
