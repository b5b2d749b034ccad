//! Events that go on from topic to topic.

use icestorm::{Error, Publisher, Qos};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::broker::Broker;
use crate::clock::test::ClockPrx;
use crate::peer::{Peer, soon, tick};

async fn listen(peer: &Peer, topic: &str) -> UnboundedReceiver<i32> {
    let (listener, ticks) = peer.listener();
    let subscription = peer.subscribe_with(topic, listener, Qos::default().ordered());
    soon(subscription.established()).await.unwrap();
    ticks
}

fn publisher(peer: &Peer, topic: &str) -> Publisher<ClockPrx> {
    Publisher::new(&peer.manager, topic)
}

#[tokio::test]
async fn an_event_goes_over_a_link_if_it_costs_no_more_than_the_link_allows() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let (near, far) = (
        peer.manager.topic("near").await.unwrap(),
        peer.manager.topic("far").await.unwrap(),
    );
    near.link(&far, 5).await.unwrap();
    let mut ticks = listen(&peer, "far").await;

    let publisher = publisher(&peer, "near");
    for (cost, number) in [(6, 1), (5, 2), (10, 3), (0, 4)] {
        tick(&publisher.with_cost(cost), number).await.unwrap();
    }
    tick(&publisher, 5).await.unwrap();
    for number in [2, 4, 5] {
        assert_eq!(soon(ticks.recv()).await, Some(number));
    }
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_link_joins_topics_of_two_brokers() {
    let (here, there) = (Broker::started().await, Broker::started().await);
    let (near, far) = (Peer::new(&here, None), Peer::new(&there, None));
    let from = near.manager.topic("time").await.unwrap();
    let to = far.manager.topic("time").await.unwrap();
    from.link(&to, 0).await.unwrap();
    let mut ticks = listen(&far, "time").await;
    tick(&near.publisher(), 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));
    soon(near.communicator.destroy()).await;
    soon(far.communicator.destroy()).await;
}

#[tokio::test]
async fn an_event_takes_one_link_and_no_second_one() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let first = peer.manager.topic("first").await.unwrap();
    let second = peer.manager.topic("second").await.unwrap();
    let third = peer.manager.topic("third").await.unwrap();
    first.link(&second, 0).await.unwrap();
    second.link(&third, 0).await.unwrap();
    let mut at_second = listen(&peer, "second").await;
    let mut at_third = listen(&peer, "third").await;
    tick(&publisher(&peer, "first"), 1).await.unwrap();
    assert_eq!(soon(at_second.recv()).await, Some(1));
    tick(&publisher(&peer, "second"), 2).await.unwrap();
    assert_eq!(soon(at_third.recv()).await, Some(2));
    soon(peer.communicator.destroy()).await;
}

#[tokio::test]
async fn a_link_is_made_once_listed_and_taken_away() {
    let broker = Broker::started().await;
    let peer = Peer::new(&broker, None);
    let near = peer.manager.topic("near").await.unwrap();
    let far = peer.manager.topic("far").await.unwrap();
    assert!(near.links().await.unwrap().is_empty());
    near.link(&far, 7).await.unwrap();
    let error = near.link(&far, 8).await.unwrap_err();
    assert!(matches!(&error, Error::LinkExists { topic, to } if topic == "near" && to == "far"));
    let links = near.links().await.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].topic.name(), links[0].cost), ("far", 7));
    assert!(far.links().await.unwrap().is_empty());

    let mut ticks = listen(&peer, "far").await;
    near.unlink(&links[0].topic).await.unwrap();
    let error = near.unlink(&far).await.unwrap_err();
    assert!(matches!(error, Error::NoSuchLink { .. }), "{error}");
    assert!(near.links().await.unwrap().is_empty());
    tick(&publisher(&peer, "near"), 1).await.unwrap();
    tick(&publisher(&peer, "far"), 2).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(2));
    soon(peer.communicator.destroy()).await;
}
