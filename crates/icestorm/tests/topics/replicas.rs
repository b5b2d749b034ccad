//! A replicated broker, whose replicas die one by one.

use std::time::Duration;

use icestorm::{Manager, Qos};

use crate::broker::Broker;
use crate::peer::{Peer, generation, soon, tick};

/// An election takes seconds, and calls that change something wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn events_go_on_when_the_coordinator_dies_and_subscriptions_heal() {
    let mut replicas = Broker::replicas(3);
    for replica in &mut replicas {
        replica.start().await;
    }
    let endpoints: Vec<String> = replicas.iter().map(Broker::endpoint).collect();
    let manager = format!("IceStorm/TopicManager:{}", endpoints.join(":"));
    let peer = Peer::at(&manager, Some(PATIENCE));
    let (listener, mut ticks) = peer.listener();
    let subscription = peer.subscribe_with("time", listener, Qos::default().ordered());
    let mut state = subscription.state();
    generation(&mut state, 1).await;
    let publisher = peer.publisher().with_resend();
    tick(&publisher, 1).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(1));

    // The coordinator is the replica with the highest number. Whichever of them the subscription asks: it learns of it.
    replicas[2].kill().await;
    generation(&mut state, 2).await;
    tick(&publisher, 2).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(2));
    // What changes something goes to the new coordinator.
    soon(peer.manager.create("later")).await.unwrap();

    // It comes back and learns what it missed.
    replicas[2].start().await;
    let alone = peer.communicator.string_to_proxy(&replicas[2].manager());
    let alone = Manager::new(alone.unwrap());
    soon(async {
        while !matches!(alone.find("later").await, Ok(Some(_))) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    replicas[1].kill().await;
    generation(&mut state, 3).await;
    tick(&publisher, 3).await.unwrap();
    assert_eq!(soon(ticks.recv()).await, Some(3));
    soon(subscription.stop()).await;
    soon(peer.communicator.destroy()).await;
}
