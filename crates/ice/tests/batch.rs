//! Requests that are collected, and sent together.

#![allow(clippy::unwrap_used)]

mod echo;

use std::sync::atomic::Ordering;
use std::time::Duration;

use echo::{EchoPrx, EchoServant, Seen, Server, communicator};
use ice::{CompressBatch, ErrorKind, Identity, Prx as _};

async fn notes(server: &mut Server, expected: std::ops::Range<i32>) {
    for expected in expected {
        let seen = tokio::time::timeout(Duration::from_secs(10), server.seen.recv()).await;
        match seen.expect("it comes soon") {
            Some(Seen::Note(number)) => assert_eq!(number, expected),
            seen => panic!("{seen:?}"),
        }
    }
}

#[tokio::test]
async fn batched_calls_leave_with_the_flush_and_arrive_in_order() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let twoway = server.proxy_in(&client);
    let batch = twoway.with_batch_oneway();
    batch.flush_batch_requests().await.unwrap();
    for number in 0..100 {
        batch.note(number).await.unwrap();
    }
    // Over the same connection: had they been sent, they would have arrived before.
    twoway.ice_ping().await.unwrap();
    assert_eq!(server.calls.load(Ordering::SeqCst), 0);
    batch.flush_batch_requests().await.unwrap();
    notes(&mut server, 0..100).await;
    batch.flush_batch_requests().await.unwrap();
    twoway.ice_ping().await.unwrap();
    assert_eq!(server.calls.load(Ordering::SeqCst), 100);
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_batch_is_known_to_its_proxy_and_the_clones_of_it_alone() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let twoway = server.proxy_in(&client);
    let (batch, other) = (twoway.with_batch_oneway(), twoway.with_batch_oneway());
    batch.note(0).await.unwrap();
    batch.clone().note(1).await.unwrap();
    other.note(2).await.unwrap();
    batch.clone().flush_batch_requests().await.unwrap();
    notes(&mut server, 0..2).await;
    other.flush_batch_requests().await.unwrap();
    notes(&mut server, 2..3).await;
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_batch_that_grows_too_large_leaves_by_itself() {
    let mut server = Server::start(&[]);
    let client = communicator(&["--Ice.BatchAutoFlushSize=1"]);
    let batch = server.proxy_in(&client).with_batch_oneway();
    for number in 0..100 {
        batch.note(number).await.unwrap();
    }
    batch.flush_batch_requests().await.unwrap();
    notes(&mut server, 0..100).await;
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_batch_that_cannot_be_sent_says_so_at_the_flush() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    let client = communicator(&[]);
    let batch: EchoPrx = client
        .string_to_proxy(&format!("echo:tcp -h 127.0.0.1 -p {port}"))
        .unwrap()
        .with_batch_oneway()
        .unchecked_cast();
    batch.note(1).await.unwrap();
    let error = batch.flush_batch_requests().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(error.to_string().contains(&port.to_string()), "{error}");
    assert_eq!(
        batch.echo("x").await.unwrap_err().kind(),
        ErrorKind::TwowayOnly
    );
    client.destroy().await;
    let error = batch.flush_batch_requests().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommunicatorDestroyed);
}

#[tokio::test]
async fn fixed_proxies_are_flushed_by_their_connection_or_all_at_once() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let connection = proxy.connection().await.unwrap().unwrap();
    let fixed = proxy.with_fixed_connection(&connection).unwrap();
    let batch = fixed.with_batch_oneway();
    batch.note(0).await.unwrap();
    proxy.ice_ping().await.unwrap();
    assert_eq!(server.calls.load(Ordering::SeqCst), 0);
    connection
        .flush_batch_requests(CompressBatch::Yes)
        .await
        .unwrap();
    notes(&mut server, 0..1).await;
    batch.note(1).await.unwrap();
    client
        .flush_batch_requests(CompressBatch::default())
        .await
        .unwrap();
    notes(&mut server, 1..2).await;
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_batch_of_datagrams_goes_out_as_one() {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Datagrams", "udp -h 127.0.0.1 -p 0")
        .unwrap();
    let (servant, mut seen) = EchoServant::new();
    let proxy = adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate().unwrap();
    let client = communicator(&[]);
    let batch: EchoPrx = client
        .string_to_proxy(&proxy.to_string())
        .unwrap()
        .with_batch_datagram()
        .unchecked_cast();
    for number in 0..3 {
        batch.note(number).await.unwrap();
    }
    batch.flush_batch_requests().await.unwrap();
    for expected in 0..3 {
        assert!(matches!(seen.recv().await, Some(Seen::Note(number)) if number == expected));
    }
    client.destroy().await;
    server.destroy().await;
}
