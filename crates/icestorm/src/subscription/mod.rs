//! Subscriptions: made, watched, made again.

mod qos;
mod watching;

use std::time::Duration;

use ice::ObjectPrx;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub use qos::Qos;

use crate::manager::Manager;
use watching::Watching;

/// How a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// The broker has the subscription, as far as is known: what is published now arrives.
    pub subscribed: bool,
    /// Grows whenever events may have been lost before now: with the first subscription, with each later one,
    /// and with each return of the broker. Whoever lives from events asks for the state of things then, or
    /// tells its own again.
    pub generation: u64,
}

/// How often a subscription is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two looks at a subscription that stands. 2 s by default.
    pub check: Duration,
    /// Before the first new attempt after a failure; doubled with each further one. 100 ms by default.
    pub first_retry: Duration,
    /// At most before a new attempt. 2 s by default.
    pub last_retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            check: Duration::from_secs(2),
            first_retry: Duration::from_millis(100),
            last_retry: Duration::from_secs(2),
        }
    }
}

/// How long [`Subscription::stop`] waits for the broker.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// A subscription that is kept up until it is stopped.
///
/// A task of its own subscribes, where necessary again and again, and looks every two seconds, and at once when the connection
/// breaks, whether the broker has the subscription still. Dropping it ends that task and leaves the subscription with the
/// broker, which drops it when the subscriber no longer answers.
#[derive(Debug)]
pub struct Subscription {
    state: watch::Receiver<State>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Subscription {
    /// Subscribes `subscriber`, an object of an adapter that takes requests, to a topic, which is made where there is
    /// none. Returns at once: neither broker nor topic need be there yet.
    ///
    /// The mode of the proxy is the mode of delivery: twoway, oneway, datagram.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start(manager: &Manager, topic: &str, subscriber: ObjectPrx, qos: Qos) -> Self {
        Self::start_at(Pace::default(), manager, topic, subscriber, qos)
    }

    /// As [`Subscription::start`], at another pace.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start_at(
        pace: Pace,
        manager: &Manager,
        topic: &str,
        subscriber: ObjectPrx,
        qos: Qos,
    ) -> Self {
        let (state, receiver) = watch::channel(State::default());
        let (stop, stopped) = oneshot::channel();
        let watching = Watching::new(
            pace,
            manager.clone(),
            topic.to_owned(),
            subscriber,
            qos,
            state,
        );
        Self {
            state: receiver,
            stop: Some(stop),
            task: tokio::spawn(watching.run(stopped)),
        }
    }

    /// How it stands, now and later.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Unsubscribes. Waits a second for the broker at most; one that is not there forgets the subscription when its next
    /// event finds nobody.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The task may have ended with its runtime.
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(STOP_TIMEOUT, &mut self.task).await;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}
