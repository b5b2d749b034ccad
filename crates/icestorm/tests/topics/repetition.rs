//! What becomes of an event when the connection breaks between its arrival and the broker's word of it.

use icestorm::Qos;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::broker::Broker;
use crate::peer::{Peer, soon, tick};

/// The message with which a server begins a connection of Ice.
const VALIDATION: usize = 14;

/// Passes on what comes to `listener`, and on the first connection not the answer of the broker.
async fn relay(listener: TcpListener, broker: u16) {
    let mut breaks = true;
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", broker)).await.unwrap();
        if std::mem::take(&mut breaks) {
            let (mut from, mut to) = server.split();
            let mut validation = [0; VALIDATION];
            from.read_exact(&mut validation).await.unwrap();
            client.write_all(&validation).await.unwrap();
            let (mut requests, _) = client.split();
            tokio::select! {
                _ = tokio::io::copy(&mut requests, &mut to) => {}
                _ = from.read_u8() => {}
            }
        } else {
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    }
}

async fn what_arrives(resend: bool) -> (bool, Vec<i32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().port();
    let published = format!("IceStorm.Publish.PublishedEndpoints=tcp -h 127.0.0.1 -p {here}");
    let broker = Broker::started_with(&[&published]).await;
    let relaying = tokio::spawn(relay(listener, broker.publish_port()));
    let peer = Peer::new(&broker, None);
    let (subscriber, mut ticks) = peer.listener();
    let subscription = peer.subscribe_with("time", subscriber, Qos::default().ordered());
    soon(subscription.established()).await.unwrap();

    let mut publisher = peer.publisher();
    if resend {
        publisher = publisher.with_resend();
    }
    let first = soon(tick(&publisher, 1)).await;
    if let Err(error) = &first {
        let kind = error.ice().unwrap().kind();
        assert_eq!(kind, ice::ErrorKind::ConnectionLost);
    }
    soon(tick(&publisher, 2)).await.unwrap();
    let mut arrived = Vec::new();
    while arrived.last() != Some(&2) {
        arrived.push(soon(ticks.recv()).await.unwrap());
    }
    relaying.abort();
    soon(peer.communicator.destroy()).await;
    (first.is_ok(), arrived)
}

#[tokio::test]
async fn an_event_goes_out_at_most_once_and_its_loss_is_told() {
    assert_eq!(what_arrives(false).await, (false, vec![1, 2]));
}

#[tokio::test]
async fn an_event_may_be_sent_again_by_those_who_do_not_mind_it_twice() {
    assert_eq!(what_arrives(true).await, (true, vec![1, 1, 2]));
}
