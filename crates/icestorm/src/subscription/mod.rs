//! Subscriptions: made, watched, made again.

mod qos;
mod replicas;
mod state;
mod watching;

use std::time::Duration;

use ice::{Adapter, ObjectPrx, Prx as _, Servant};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

pub use qos::Qos;
pub use state::State;

use crate::error::Error;
use crate::manager::Manager;
use watching::Watching;

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
/// A task of its own subscribes, where necessary again and again, and looks every two seconds, and at once when a connection
/// to the broker breaks, whether the broker has the subscription still. Dropping it ends that task and leaves the
/// subscription with the broker, which drops it when the subscriber no longer answers.
#[derive(Debug)]
pub struct Subscription {
    topic: String,
    subscriber: ObjectPrx,
    state: watch::Receiver<State>,
    problem: watch::Receiver<Option<Error>>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    /// Where the subscriber was added for this subscription alone.
    adapter: Option<Adapter>,
}

impl Subscription {
    /// Subscribes a servant to a topic, which is made where there is none. Returns at once: neither broker nor topic need be
    /// there yet.
    ///
    /// The servant is added to `adapter`, which the broker must be able to reach, under an identity of its own, and removed
    /// with the subscription.
    ///
    /// ```no_run
    /// # use icestorm::{Error, Manager, Qos, Subscription};
    /// # async fn listen(manager: &Manager, adapter: &ice::Adapter, listener: impl ice::Servant) -> Result<(), Box<dyn std::error::Error>> {
    /// let subscription = Subscription::serve(manager, "time", adapter, listener, Qos::default().ordered())?;
    /// subscription.established().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `ObjectAdapterDeactivated` where the adapter has ended.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn serve(
        manager: &Manager,
        topic: &str,
        adapter: &Adapter,
        servant: impl Servant,
        qos: Qos,
    ) -> Result<Self, ice::Error> {
        let subscriber = adapter.add_with_uuid(servant)?;
        let mut subscription = Self::start(manager, topic, subscriber, qos);
        subscription.adapter = Some(adapter.clone());
        Ok(subscription)
    }

    /// Subscribes `subscriber`, an object of an adapter that takes requests, to a topic, which is made where there is
    /// none. Returns at once: neither broker nor topic need be there yet.
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
        let (state, state_receiver) = watch::channel(State::default());
        let (problem, problem_receiver) = watch::channel(None);
        let (stop, stopped) = oneshot::channel();
        let subscriber = qos.subscriber(subscriber);
        let watching = Watching {
            pace,
            manager: manager.clone(),
            topic: topic.to_owned(),
            identity: subscriber.identity(),
            subscriber: subscriber.clone(),
            qos,
            state,
            problem,
        };
        Self {
            topic: topic.to_owned(),
            subscriber,
            state: state_receiver,
            problem: problem_receiver,
            stop: Some(stop),
            task: tokio::spawn(watching.run(stopped)),
            adapter: None,
        }
    }

    /// The name of the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The proxy that the broker calls.
    #[must_use]
    pub fn subscriber(&self) -> &ObjectPrx {
        &self.subscriber
    }

    /// How it stands, now and later.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Why it does not stand, as of the last attempt; `None` where it stands, or was not tried yet.
    #[must_use]
    pub fn problem(&self) -> Option<Error> {
        self.problem.borrow().clone()
    }

    /// Waits until it stands, through all failures of the way to the broker. The future may be dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where the broker wants neither the subscriber nor its quality of service. That is tried again all the
    /// same, since another broker may take them.
    pub async fn established(&self) -> Result<(), Error> {
        let (mut state, mut problem) = (self.state(), self.problem.clone());
        let refused = |problem: &Option<Error>| matches!(problem, Some(Error::Refused { .. }));
        tokio::select! {
            biased;
            Ok(_) = state.wait_for(|state| state.subscribed) => Ok(()),
            Ok(problem) = problem.wait_for(refused) => problem.clone().map_or(Ok(()), Err),
            else => Err(Error::broker(&self.topic, ice::Error::new(ice::ErrorKind::CommunicatorDestroyed, ""))),
        }
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
        if let Some(adapter) = &self.adapter {
            // It may be gone with its adapter.
            let _ = adapter.remove(self.subscriber.identity());
        }
    }
}
