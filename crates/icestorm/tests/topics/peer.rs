//! A program at a broker: it publishes, it listens, and it waits for what happens.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ice::{Adapter, Communicator, Current, ObjectPrx, Properties, Prx as _};
use icestorm::{Error, Manager, Pace, Publisher, Qos, State, Subscription};
use tokio::sync::{mpsc, watch};

use crate::broker::Broker;
use crate::clock::test::{Clock, ClockPrx, ClockServant};

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(20);

/// Quick, so that the tests are.
pub(crate) const PACE: Pace = Pace {
    check: Duration::from_millis(50),
    first_retry: Duration::from_millis(10),
    last_retry: Duration::from_millis(50),
};

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what)
        .await
        .expect("it happens soon")
}

/// Tells what it hears.
pub(crate) struct Listener(pub(crate) mpsc::UnboundedSender<i32>);

impl Clock for Listener {
    async fn tick(&self, number: i32, _: &Current) -> Result<(), ice::Error> {
        let _ = self.0.send(number);
        Ok(())
    }

    async fn alarm(&self, _: String, _: Option<ClockPrx>, _: &Current) -> Result<(), ice::Error> {
        Ok(())
    }
}

/// Tells what it hears, and fails at first.
pub(crate) struct Stubborn {
    listener: Listener,
    failures: AtomicUsize,
    error: fn() -> ice::Error,
}

impl Stubborn {
    pub(crate) fn new(
        failures: usize,
        error: fn() -> ice::Error,
    ) -> (Self, mpsc::UnboundedReceiver<i32>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let stubborn = Self {
            listener: Listener(sender),
            failures: AtomicUsize::new(failures),
            error,
        };
        (stubborn, receiver)
    }
}

impl Clock for Stubborn {
    async fn tick(&self, number: i32, current: &Current) -> Result<(), ice::Error> {
        assert!(current.remote_address().is_some());
        self.listener.tick(number, current).await?;
        let left = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        match left {
            Ok(_) => Err((self.error)()),
            Err(_) => Ok(()),
        }
    }

    async fn alarm(&self, _: String, _: Option<ClockPrx>, _: &Current) -> Result<(), ice::Error> {
        Ok(())
    }
}

/// One end of everything.
pub(crate) struct Peer {
    pub(crate) communicator: Communicator,
    pub(crate) adapter: Adapter,
    pub(crate) manager: Manager,
}

impl Peer {
    pub(crate) fn new(broker: &Broker, timeout: Option<Duration>) -> Self {
        Self::at(&broker.manager(), timeout)
    }

    /// A peer of the broker whose topic manager has this proxy.
    pub(crate) fn at(manager: &str, timeout: Option<Duration>) -> Self {
        let (properties, _) = Properties::from_args(["--Ice.Warn.Connections=0"]).unwrap();
        let communicator = Communicator::new(properties).unwrap();
        let adapter = communicator
            .create_adapter_with_endpoints("Events", "tcp -h 127.0.0.1 -p 0:udp -h 127.0.0.1 -p 0")
            .unwrap();
        adapter.activate().unwrap();
        let mut proxy = communicator.string_to_proxy(manager).unwrap();
        if let Some(timeout) = timeout {
            proxy = proxy.with_invocation_timeout(timeout);
        }
        Self {
            manager: Manager::new(proxy),
            communicator,
            adapter,
        }
    }

    pub(crate) fn listener(&self) -> (ObjectPrx, mpsc::UnboundedReceiver<i32>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (
            self.adapter
                .add_with_uuid(ClockServant::new(Listener(sender)))
                .unwrap(),
            receiver,
        )
    }

    pub(crate) fn subscribe(&self, subscriber: ObjectPrx) -> Subscription {
        self.subscribe_with("time", subscriber, Qos::default())
    }

    pub(crate) fn subscribe_with(
        &self,
        topic: &str,
        subscriber: ObjectPrx,
        qos: Qos,
    ) -> Subscription {
        Subscription::start_at(PACE, &self.manager, topic, subscriber, qos)
    }

    pub(crate) fn publisher(&self) -> Publisher<ClockPrx> {
        Publisher::new(&self.manager, "time")
    }
}

pub(crate) async fn tick(publisher: &Publisher<ClockPrx>, number: i32) -> Result<(), Error> {
    publisher
        .publish(async |clock| clock.tick(number).await)
        .await
}

pub(crate) async fn generation(state: &mut watch::Receiver<State>, at_least: u64) {
    soon(state.wait_for(|state| state.subscribed && state.generation >= at_least))
        .await
        .unwrap();
}

/// Publishes until that generation is there: a broker strikes a subscriber that failed off its list with the first event after it
/// has heard of the failure.
pub(crate) async fn tick_until(
    publisher: &Publisher<ClockPrx>,
    state: &mut watch::Receiver<State>,
    at_least: u64,
) {
    let mut period = tokio::time::interval(Duration::from_millis(20));
    soon(async {
        loop {
            tokio::select! {
                () = generation(state, at_least) => return,
                _ = period.tick() => tick(publisher, 0).await.unwrap(),
            }
        }
    })
    .await;
}
