//! Ends: of calls, adapters and communicators, in every order.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::{Duration, Instant};

use echo::{EchoPrx, EchoServant, Seen, Server, communicator};
use ice::{Communicator, ErrorKind, Identity, Properties, Prx as _};

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(10);

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what)
        .await
        .expect("it ends soon")
}

#[tokio::test]
async fn a_servant_that_never_answers_does_not_block_destroy_and_its_caller_is_told() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let call = tokio::spawn(async move { proxy.wait().await });
    assert!(matches!(
        soon(server.seen.recv()).await,
        Some(Seen::Waiting)
    ));
    soon(
        server
            .communicator
            .destroy_within(Duration::from_millis(10)),
    )
    .await;
    let error = soon(call).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown, "{error}");
    assert!(matches!(
        soon(server.seen.recv()).await,
        Some(Seen::Dropped)
    ));
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_dispatch_that_ends_within_the_grace_is_answered() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    // So that the connection is there, and the next call is sure to be under way.
    proxy.echo("").await.unwrap();
    let call = tokio::spawn(async move { proxy.later("in time").await });
    while server.calls.load(std::sync::atomic::Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    soon(server.communicator.destroy()).await;
    assert_eq!(soon(call).await.unwrap().unwrap(), "in time");
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_client_that_is_destroyed_fails_its_pending_calls_at_once() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client).with_invocation_timeout(SOON);
    let call = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.wait().await }
    });
    assert!(matches!(
        soon(server.seen.recv()).await,
        Some(Seen::Waiting)
    ));
    soon(client.destroy()).await;
    assert_eq!(
        soon(call).await.unwrap().unwrap_err().kind(),
        ErrorKind::CommunicatorDestroyed
    );
    for late in [
        proxy.without_invocation_timeout(),
        proxy.with_oneway(),
        proxy,
    ] {
        let error = soon(late.note(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommunicatorDestroyed);
        let error = soon(late.connection()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommunicatorDestroyed);
    }
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn a_storm_of_calls_survives_both_sides_being_destroyed_in_the_middle() {
    for client_first in [true, false] {
        let server = Server::start(&[]);
        let client = communicator(&[]);
        let proxy = server.proxy_in(&client);
        let storm: Vec<_> = (0..16)
            .map(|_| {
                let proxy = proxy.clone();
                tokio::spawn(async move {
                    loop {
                        if let Err(error) = proxy.later("").await {
                            return error;
                        }
                    }
                })
            })
            .collect();
        while server.calls.load(std::sync::atomic::Ordering::SeqCst) < 50 {
            tokio::task::yield_now().await;
        }
        if client_first {
            soon(client.destroy()).await;
            soon(server.communicator.destroy()).await;
        } else {
            soon(server.communicator.destroy()).await;
            soon(client.destroy()).await;
        }
        for task in storm {
            soon(task).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_dropped_future_cancels_its_call_and_leaves_the_connection_usable() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    for _ in 0..3 {
        let mut call = Box::pin(proxy.wait());
        tokio::select! {
            result = &mut call => panic!("{result:?}"),
            seen = server.seen.recv() => assert!(matches!(seen, Some(Seen::Waiting))),
        }
        drop(call);
    }
    assert_eq!(proxy.echo("still").await.unwrap(), "still");
    soon(client.destroy()).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn an_adapter_ends_alone_and_frees_its_port() {
    let server = Server::start(&[]);
    let endpoint = server.adapter.endpoints()[0].to_string();
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    assert_eq!(proxy.echo("").await.unwrap(), "");
    soon(server.adapter.destroy()).await;
    assert!(soon(proxy.echo("")).await.unwrap_err().is_transport());
    assert_eq!(
        server.adapter.activate().unwrap_err().kind(),
        ErrorKind::ObjectAdapterDeactivated
    );
    let (servant, _seen) = EchoServant::new();
    assert_eq!(
        server.adapter.add_with_uuid(servant).unwrap_err().kind(),
        ErrorKind::ObjectAdapterDeactivated
    );
    let again = server
        .communicator
        .create_adapter_with_endpoints("Echo", &endpoint)
        .unwrap();
    let (servant, _seen) = EchoServant::new();
    again.add(servant, Identity::new("echo")).unwrap();
    again.activate().unwrap();
    assert_eq!(soon(proxy.echo("again")).await.unwrap(), "again");
    soon(client.destroy()).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn objects_come_and_go() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let (servant, _seen) = EchoServant::new();
    let proxy = server.adapter.add_with_uuid(servant).unwrap();
    let there: EchoPrx = client
        .string_to_proxy(&proxy.to_string())
        .unwrap()
        .unchecked_cast();
    assert_eq!(there.echo("").await.unwrap(), "");
    server.adapter.remove(proxy.identity()).unwrap();
    assert_eq!(
        there.echo("").await.unwrap_err().kind(),
        ErrorKind::ObjectNotExist
    );
    assert_eq!(
        server.adapter.remove(proxy.identity()).unwrap_err().kind(),
        ErrorKind::NotRegistered
    );
    let (servant, _seen) = EchoServant::new();
    let taken = server
        .adapter
        .add(servant, Identity::new("echo"))
        .unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AlreadyRegistered);
    assert!(taken.to_string().contains("echo"), "{taken}");
    let (servant, mut seen) = EchoServant::new();
    server
        .adapter
        .add_facet(servant, Identity::new("echo"), "side")
        .unwrap();
    let facet: EchoPrx = server.proxy_in(&client).with_facet("side").unchecked_cast();
    assert_eq!(facet.echo("").await.unwrap(), "");
    assert!(matches!(seen.recv().await, Some(Seen::Operation(_, _, facet, _)) if facet == "side"));
    soon(client.destroy()).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn dropping_the_last_clone_does_not_block_and_ends_the_communicator() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let call = tokio::spawn(async move { proxy.wait().await });
    assert!(matches!(
        soon(server.seen.recv()).await,
        Some(Seen::Waiting)
    ));
    let before = Instant::now();
    drop(server.communicator);
    assert!(before.elapsed() < Duration::from_secs(1));
    assert!(soon(call).await.unwrap().is_err());
    drop(client);
}

#[tokio::test]
async fn destroying_twice_and_from_clones_is_harmless() {
    let client = communicator(&[]);
    let clone = client.clone();
    soon(async { tokio::join!(client.destroy(), clone.destroy()) }).await;
    soon(client.destroy()).await;
}

#[test]
fn a_communicator_outside_of_a_runtime_is_an_error_that_says_so() {
    let error = Communicator::new(Properties::new().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Initialization);
    assert!(error.to_string().contains("runtime"), "{error}");
}

#[test]
fn a_runtime_that_ends_first_leaves_nobody_without_an_answer() {
    let servers = tokio::runtime::Runtime::new().unwrap();
    let clients = tokio::runtime::Runtime::new().unwrap();
    let mut server = servers.block_on(async { Server::start(&[]) });
    let client = clients.block_on(async { communicator(&[]) });
    let proxy = server.proxy_in(&client);
    let call = clients.spawn(async move { proxy.wait().await });
    assert!(matches!(
        servers.block_on(server.seen.recv()),
        Some(Seen::Waiting)
    ));
    servers.shutdown_background();
    assert_eq!(
        clients.block_on(soon(call)).unwrap().unwrap_err().kind(),
        ErrorKind::Unknown
    );
    clients.block_on(client.destroy());
}

#[tokio::test]
async fn a_server_that_is_shut_down_answers_what_is_under_way_and_lets_nobody_in() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    proxy.echo("").await.unwrap();
    let call = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.later("in time").await }
    });
    while server.calls.load(std::sync::atomic::Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let given_up = tokio::time::timeout(
        Duration::from_millis(1),
        server.communicator.wait_for_shutdown(),
    );
    assert!(given_up.await.is_err() && !server.communicator.is_shutdown());
    server.communicator.shutdown();
    assert!(server.communicator.is_shutdown());
    let error = soon(proxy.with_connection_id("another").ice_ping())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    soon(server.communicator.wait_for_shutdown()).await.unwrap();
    assert_eq!(soon(call).await.unwrap().unwrap(), "in time");
    soon(server.communicator.destroy()).await;
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_communicator_that_is_destroyed_is_shut_down_for_all_who_wait() {
    let communicator = communicator(&[]);
    let waiting = [(); 2].map(|()| {
        let communicator = communicator.clone();
        tokio::spawn(async move { communicator.wait_for_shutdown().await })
    });
    soon(communicator.destroy()).await;
    for waits in waiting {
        soon(waits).await.unwrap().unwrap();
    }
    communicator.shutdown();
    assert!(communicator.is_shutdown());
    soon(communicator.wait_for_shutdown()).await.unwrap();
}
