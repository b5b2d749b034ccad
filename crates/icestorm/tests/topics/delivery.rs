//! Every way for an event to travel.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ice::Prx as _;
use icestorm::{Delivery, Qos};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::broker::Broker;
use crate::clock::test::{Clock, ClockPrx, ClockServant};
use crate::peer::{Peer, Stubborn, generation, soon, tick, tick_until};

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
        peer.subscribe_with("other", other, Qos::default().ordered()),
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
    assert_eq!(topic.subscribers().await.unwrap(), []);
    soon(peer.communicator.destroy()).await;
}

/// Answers an event after a while, and counts how many it has in hand.
struct Slow {
    at_once: AtomicUsize,
    most: mpsc::UnboundedSender<usize>,
}

impl Clock for Slow {
    async fn tick(&self, _: i32, _: &ice::Current) -> Result<(), ice::Error> {
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(Duration::from_millis(5)).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let _ = self.most.send(at_once);
        Ok(())
    }

    async fn alarm(
        &self,
        _: String,
        _: Option<ClockPrx>,
        _: &ice::Current,
    ) -> Result<(), ice::Error> {
        Ok(())
    }
}

#[tokio::test]
async fn an_ordered_subscriber_gets_an_event_when_it_is_done_with_the_one_before() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let mut most = Vec::new();
    for (topic, qos) in [
        ("ordered", Qos::default().ordered()),
        ("twoway", Qos::default().twoway()),
    ] {
        let (sender, mut in_hand) = mpsc::unbounded_channel();
        let slow = ClockServant::new(Slow {
            at_once: AtomicUsize::new(0),
            most: sender,
        });
        let slow = peer.adapter.add_with_uuid(slow).unwrap();
        let subscription = peer.subscribe_with(topic, slow, qos);
        soon(subscription.established()).await.unwrap();
        let publisher = icestorm::Publisher::new(&peer.manager, topic).with_oneway();
        for number in 0..20 {
            tick(&publisher, number).await.unwrap();
        }
        let mut here = 0;
        for _ in 0..20 {
            here = here.max(soon(in_hand.recv()).await.unwrap());
        }
        most.push(here);
        soon(subscription.stop()).await;
    }
    assert_eq!(most[0], 1);
    assert!((2..=5).contains(&most[1]), "{most:?}");
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_batch_leaves_when_it_is_flushed_and_arrives_as_a_whole() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe_with("time", listener, Qos::default().ordered());
    soon(subscription.established()).await.unwrap();
    let batch = peer.publisher().with_batch_oneway();
    soon(batch.flush()).await.unwrap();
    for number in 1..=100 {
        tick(&batch, number).await.unwrap();
    }
    tick(&peer.publisher(), 0).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(0));
    soon(batch.flush()).await.unwrap();
    for number in 1..=100 {
        assert_eq!(soon(ticks.recv()).await, Some(number));
    }
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_subscriber_may_take_its_events_in_batches() {
    let broker = Broker::started_with(&["IceStorm.Flush.Timeout=50"]).await;
    let peer = Peer::new(&broker, None);
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe_with("time", listener, Qos::default().batch_oneway());
    soon(subscription.established()).await.unwrap();
    let publisher = peer.publisher();
    for number in 0..100 {
        tick(&publisher, number).await.unwrap();
    }
    for number in 0..100 {
        assert_eq!(soon(ticks.recv()).await, Some(number));
    }
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn events_travel_as_datagrams_on_both_halves_of_their_way() {
    let broker = Broker::started_with(&["IceStorm.Flush.Timeout=50"]).await;
    let peer = Peer::new(&broker, None);
    for (number, qos, delivery) in [
        (1, Qos::default().datagram(), Delivery::Datagram),
        (2, Qos::default().batch_datagram(), Delivery::BatchDatagram),
    ] {
        let (listener, mut ticks) = peer.listener();
        let subscription = peer.subscribe_with("time", listener, qos);
        soon(subscription.established()).await.unwrap();
        let publisher = peer.publisher().with_delivery(delivery);
        tick(&publisher, number).await.unwrap();
        soon(publisher.flush()).await.unwrap();
        assert_eq!(soon(ticks.recv()).await, Some(number));
        soon(subscription.stop()).await;
    }
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_failure_that_is_forgiven_costs_events_and_the_subscription_stands() {
    let broker = Broker::started_with(&["IceStorm.Discard.Interval=1"]).await;
    let peer = Peer::new(&broker, None);
    let (stubborn, mut ticks) = Stubborn::new(1, || ice::Error::unknown("not now"));
    let stubborn = ClockServant::new(stubborn);
    let stubborn = peer.adapter.add_with_uuid(stubborn).unwrap();
    let qos = Qos::default().ordered().retry_count(-1);
    let subscription = peer.subscribe_with("time", stubborn, qos);
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    let publishing = tokio::spawn(async move {
        for number in 2.. {
            tick(&publisher, number).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
    });
    let next = soon(ticks.recv()).await.unwrap();
    assert!(next > 2, "what came while it was offline is gone: {next}");
    assert_eq!(soon(ticks.recv()).await, Some(next + 1));
    publishing.abort();
    assert!(state.borrow().subscribed);
    assert_eq!(state.borrow().generation, 1);
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn an_object_that_does_not_exist_is_forgiven_by_no_retry_count() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (stubborn, mut ticks) = Stubborn::new(1, ice::Error::object_not_exist);
    let stubborn = ClockServant::new(stubborn);
    let stubborn = peer.adapter.add_with_uuid(stubborn).unwrap();
    let subscription =
        peer.subscribe_with("time", stubborn, Qos::default().ordered().retry_count(-1));
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    tick_until(&publisher, &mut state, 2).await;
    tick(&publisher, 3).await.unwrap();
    while soon(ticks.recv()).await != Some(3) {}
    soon(peer.communicator.destroy()).await;
}
