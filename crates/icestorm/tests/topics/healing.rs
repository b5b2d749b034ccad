//! Brokers that come late, die, hang, or forget; subscribers that fail.

use std::time::Duration;

use ice::Prx as _;
use icestorm::State;
use nix::sys::signal::Signal;
use tokio::sync::mpsc;

use crate::broker::Broker;
use crate::clock::test::ClockServant;
use crate::peer::{Listener, Peer, Stubborn, generation, soon, tick, tick_until};

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
    topic.proxy().unsubscribe(Some(&listener)).await.unwrap();
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
async fn a_publisher_whose_topic_was_destroyed_finds_it_anew() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let publisher = peer.publisher();
    tick(&publisher, 1).await.unwrap();
    peer.manager.destroy_topic("time").await.unwrap();
    tick(&publisher, 2).await.unwrap();
    let oneway = publisher.with_oneway();
    tick(&oneway, 3).await.unwrap();
    assert!(!oneway.proxy().await.unwrap().is_twoway());
    soon(peer.communicator.destroy()).await;
}

/// The broker strikes a subscriber that failed off its list with the next event, and not before.
#[tokio::test]
async fn a_subscriber_that_fails_is_dropped_by_the_broker_and_comes_back() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (stubborn, mut ticks) = Stubborn::new(1, || ice::Error::unknown("not now"));
    let stubborn = ClockServant::new(stubborn);
    let subscription = peer.subscribe(peer.adapter.add_with_uuid(stubborn).unwrap());
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
