//! Topics and subscribers, looked after.

use ice::Prx as _;
use icestorm::{Delivery, Error, Manager, Qos, Subscription};
use tokio::sync::mpsc;

use crate::broker::Broker;
use crate::clock::test::ClockServant;
use crate::peer::{Listener, Peer, soon, tick};

#[tokio::test]
async fn topics_are_made_found_listed_and_destroyed() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let manager = &peer.manager;
    assert!(manager.find("one").await.unwrap().is_none());
    let one = manager.create("one").await.unwrap();
    let error = manager.create("one").await.unwrap_err();
    assert!(matches!(&error, Error::TopicExists { topic } if topic == "one"));
    assert_eq!(
        manager.topic("one").await.unwrap().proxy().identity(),
        one.proxy().identity()
    );
    manager.topic("two").await.unwrap();
    let topics = manager.topics().await.unwrap();
    assert_eq!(topics.keys().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(topics["two"].name(), "two");

    one.destroy().await.unwrap();
    one.destroy().await.unwrap();
    manager.destroy_topic("one").await.unwrap();
    manager.destroy_topic("two").await.unwrap();
    assert!(manager.topics().await.unwrap().is_empty());
    let error = one.subscribers().await.unwrap_err();
    assert!(error.ice().unwrap().is_not_exist(), "{error}");
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_broker_is_found_by_its_endpoint_alone() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let finder = format!("IceStorm/Finder:{}", broker.endpoint());
    let finder = peer.communicator.string_to_proxy(&finder).unwrap();
    let found = Manager::find_by(finder).await.unwrap();
    found.create("one").await.unwrap();
    assert!(peer.manager.find("one").await.unwrap().is_some());
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_servant_is_subscribed_in_one_step_and_leaves_with_its_subscription() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (sender, mut ticks) = mpsc::unbounded_channel();
    let servant = ClockServant::new(Listener(sender));
    let subscription = Subscription::serve(
        &peer.manager,
        "time",
        &peer.adapter,
        servant,
        Qos::default().oneway(),
    )
    .unwrap();
    soon(subscription.established()).await.unwrap();
    assert!(subscription.problem().is_none());
    let topic = peer.manager.topic("time").await.unwrap();
    let subscriber = subscription.subscriber().clone();
    assert!(!subscriber.is_twoway());
    assert_eq!(topic.subscribers().await.unwrap(), [subscriber.identity()]);
    tick(&peer.publisher(), 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));

    soon(subscription.stop()).await;
    assert!(topic.subscribers().await.unwrap().is_empty());
    let error = subscriber.with_twoway().ice_ping().await.unwrap_err();
    assert!(error.is_not_exist(), "{error}");
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_subscription_that_the_broker_refuses_says_why() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (listener, _ticks) = peer.listener();
    let mut qos = Qos::default().ordered();
    qos.delivery = Some(Delivery::Oneway);
    let subscription = peer.subscribe_with("time", listener, qos);
    let error = soon(subscription.established()).await.unwrap_err();
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason.contains("twoway")),
        "{error}"
    );
    assert!(subscription.problem().is_some());
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn why_a_subscription_does_not_stand_can_be_asked() {
    let mut broker = Broker::new();
    let peer = Peer::new(&broker, None);
    let (listener, _ticks) = peer.listener();
    let subscription = peer.subscribe(listener);
    assert!(subscription.problem().is_none());
    soon(async {
        while subscription.problem().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let problem = subscription.problem().unwrap();
    assert!(problem.ice().unwrap().is_transport(), "{problem}");
    broker.start().await;
    soon(subscription.established()).await.unwrap();
    assert!(subscription.problem().is_none());
    soon(peer.communicator.destroy()).await;
}
