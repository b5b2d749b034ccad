//! Topics of a real broker, which is killed, emptied, and stopped in the middle.

#![allow(clippy::unwrap_used)]

mod broker;

/// Generated from `tests/slice/Clock.ice`.
mod clock {
    #![allow(missing_docs, unreachable_pub, dead_code)]
    include!(concat!(env!("OUT_DIR"), "/Clock.rs"));
}

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use broker::Broker;
use clock::test::{Clock, ClockPrx, ClockServant};
use ice::{Adapter, Communicator, Current, ObjectPrx, Properties, Prx as _};
use icestorm::{Error, Manager, Pace, Publisher, Qos, State, Subscription};
use nix::sys::signal::Signal;
use tokio::sync::{mpsc, watch};

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(20);

/// Quick, so that the tests are.
const PACE: Pace = Pace {
    check: Duration::from_millis(50),
    first_retry: Duration::from_millis(10),
    last_retry: Duration::from_millis(50),
};

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what)
        .await
        .expect("it happens soon")
}

struct Listener(mpsc::UnboundedSender<i32>);

impl Clock for Listener {
    async fn tick(&self, number: i32, _: &Current) -> Result<(), ice::Error> {
        let _ = self.0.send(number);
        Ok(())
    }

    async fn alarm(&self, _: String, _: Option<ClockPrx>, _: &Current) -> Result<(), ice::Error> {
        Ok(())
    }
}

/// One end of everything.
struct Peer {
    communicator: Communicator,
    adapter: Adapter,
    manager: Manager,
}

impl Peer {
    fn new(broker: &Broker, timeout: Option<Duration>) -> Self {
        let (properties, _) = Properties::from_args(["--Ice.Warn.Connections=0"]).unwrap();
        let communicator = Communicator::new(properties).unwrap();
        let adapter = communicator
            .create_adapter_with_endpoints("Events", "tcp -h 127.0.0.1 -p 0")
            .unwrap();
        adapter.activate().unwrap();
        let mut proxy = communicator.string_to_proxy(&broker.manager()).unwrap();
        if let Some(timeout) = timeout {
            proxy = proxy.with_invocation_timeout(timeout);
        }
        Self {
            manager: Manager::new(proxy),
            communicator,
            adapter,
        }
    }

    fn listener(&self) -> (ObjectPrx, mpsc::UnboundedReceiver<i32>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (
            self.adapter
                .add_with_uuid(ClockServant::new(Listener(sender)))
                .unwrap(),
            receiver,
        )
    }

    fn subscribe(&self, subscriber: ObjectPrx) -> Subscription {
        Subscription::start_at(PACE, &self.manager, "time", subscriber, Qos::default())
    }

    fn publisher(&self) -> Publisher<ClockPrx> {
        Publisher::new(&self.manager, "time")
    }
}

async fn tick(publisher: &Publisher<ClockPrx>, number: i32) -> Result<(), Error> {
    publisher
        .publish(|clock| async move { clock.tick(number).await })
        .await
}

async fn generation(state: &mut watch::Receiver<State>, at_least: u64) {
    soon(state.wait_for(|state| state.subscribed && state.generation >= at_least))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_event_reaches_every_subscriber_of_its_topic_and_no_other() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (first, mut first_ticks) = peer.listener();
    let (second, mut second_ticks) = peer.listener();
    let (other, mut other_ticks) = peer.listener();
    let subscriptions = [
        peer.subscribe(first),
        peer.subscribe(second.with_oneway()),
        Subscription::start_at(
            PACE,
            &peer.manager,
            "other",
            other,
            Qos::default().ordered(),
        ),
    ];
    for subscription in &subscriptions {
        generation(&mut subscription.state(), 1).await;
    }
    let publisher = peer.publisher();
    for number in 0..100 {
        tick(&publisher, number).await.unwrap();
    }
    for number in 0..100 {
        assert_eq!(soon(first_ticks.recv()).await, Some(number));
        assert_eq!(soon(second_ticks.recv()).await, Some(number));
    }
    assert!(other_ticks.try_recv().is_err());
    for subscription in subscriptions {
        soon(subscription.stop()).await;
    }
    let topic = peer.manager.topic("time").await.unwrap();
    assert_eq!(topic.get_subscribers().await.unwrap(), []);
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_subscription_survives_a_broker_that_is_killed_and_says_that_there_was_a_gap() {
    let mut broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe(listener);
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));

    for round in 2..4_u64 {
        broker.kill().await;
        soon(state.wait_for(|state| !state.subscribed))
            .await
            .unwrap();
        let error = tick(&publisher, 0).await.unwrap_err();
        assert!(error.ice().unwrap().is_transport(), "{error}");
        if round == 3 {
            // Also where it comes back without its memory.
            broker.forget();
        }
        broker.start().await;
        generation(&mut state, round).await;
        let number = i32::try_from(round).unwrap();
        tick(&publisher, number).await.unwrap();
        assert_eq!(soon(ticks.recv()).await, Some(number));
    }
    soon(subscription.stop()).await;
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_subscriber_that_the_broker_dropped_is_subscribed_again() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe(listener.clone());
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let topic = peer.manager.topic("time").await.unwrap();
    topic.unsubscribe(Some(&listener)).await.unwrap();
    generation(&mut state, 2).await;
    tick(&peer.publisher(), 7).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(7));

    // So is one whose topic was destroyed.
    peer.manager.destroy_topic("time").await.unwrap();
    peer.manager.destroy_topic("time").await.unwrap();
    generation(&mut state, 3).await;
    tick(&peer.publisher(), 8).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(8));
    soon(subscription.stop()).await;
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_publisher_whose_topic_was_destroyed_finds_it_anew() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    peer.manager.destroy_topic("time").await.unwrap();
    tick(&publisher, 2).await.unwrap();
    let oneway: Publisher<ClockPrx> = Publisher::oneway(&peer.manager, "time");
    tick(&oneway, 3).await.unwrap();
    assert!(!oneway.proxy().await.unwrap().is_twoway());
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_broker_that_comes_late_is_waited_for() {
    let mut broker = Broker::new();
    let peer = Peer::new(&broker, None);
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe(listener);
    let mut state = subscription.state();
    assert!(
        tick(&peer.publisher(), 0)
            .await
            .unwrap_err()
            .ice()
            .unwrap()
            .is_transport()
    );
    assert_eq!(*state.borrow(), State::default());
    broker.start().await;
    generation(&mut state, 1).await;
    tick(&peer.publisher(), 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_broker_that_hangs_blocks_nobody_and_is_back_when_it_goes_on() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, Some(Duration::from_millis(200)));
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe(listener);
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    broker.signal(Signal::SIGSTOP);
    soon(state.wait_for(|state| !state.subscribed))
        .await
        .unwrap();
    assert_eq!(
        tick(&publisher, 2).await.unwrap_err().ice().unwrap().kind(),
        ice::ErrorKind::InvocationTimeout
    );
    broker.signal(Signal::SIGCONT);
    generation(&mut state, 2).await;
    tick(&publisher, 3).await.unwrap();
    // The broker may have taken the event of which it did not say so in time.
    while soon(ticks.recv()).await != Some(3) {}
    broker.signal(Signal::SIGSTOP);
    soon(subscription.stop()).await;
    broker.signal(Signal::SIGCONT);
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_subscriber_of_the_same_identity_takes_over_from_its_earlier_life() {
    let broker = Broker::started().await;
    let before = Peer::new(&broker, None);
    let (sender, _gone) = mpsc::unbounded_channel();
    let identity = ice::Identity::new("listener");
    let earlier = before
        .adapter
        .add(ClockServant::new(Listener(sender)), &identity)
        .unwrap();
    generation(&mut before.subscribe(earlier).state(), 1).await;
    soon(before.communicator.destroy()).await;

    let peer = Peer::new(&broker, None);
    let (sender, mut ticks) = mpsc::unbounded_channel();
    let later = peer
        .adapter
        .add(ClockServant::new(Listener(sender)), &identity)
        .unwrap();
    let subscription = peer.subscribe(later);
    generation(&mut subscription.state(), 1).await;
    tick(&peer.publisher(), 5).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(5));
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_quality_of_service_that_the_broker_refuses_is_told_by_its_reason() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (listener, _ticks) = peer.listener();
    let topic = peer.manager.topic("time").await.unwrap();
    let qos = std::collections::BTreeMap::from([("reliability".to_owned(), "nonsense".to_owned())]);
    let error = topic
        .subscribe_and_get_publisher(&qos, Some(&listener))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nonsense"), "{error}");
    soon(peer.communicator.destroy()).await;
}

/// The broker strikes a subscriber that failed off its list with the next event, and not before.
#[tokio::test]
async fn a_subscriber_that_fails_is_dropped_by_the_broker_and_comes_back() {
    struct Failing(AtomicI32, mpsc::UnboundedSender<i32>);

    impl Clock for Failing {
        async fn tick(&self, number: i32, current: &Current) -> Result<(), ice::Error> {
            let _ = self.1.send(number);
            assert!(current.remote_address().is_some());
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => Err(ice::Error::object_not_exist()),
                _ => Ok(()),
            }
        }

        async fn alarm(
            &self,
            _: String,
            _: Option<ClockPrx>,
            _: &Current,
        ) -> Result<(), ice::Error> {
            Ok(())
        }
    }

    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (sender, mut ticks) = mpsc::unbounded_channel();
    let failing = peer
        .adapter
        .add_with_uuid(ClockServant::new(Failing(AtomicI32::new(0), sender)))
        .unwrap();
    let subscription = peer.subscribe(failing);
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    tick(&peer.publisher(), 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    tick(&peer.publisher(), 2).await.unwrap();
    generation(&mut state, 2).await;
    tick(&peer.publisher(), 3).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(3));
    soon(peer.communicator.destroy()).await;
}
