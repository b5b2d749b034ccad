//! Calls between two communicators, over loopback and within the process.

#![allow(clippy::unwrap_used)]

mod echo;

use std::collections::BTreeMap;

use echo::{EchoPrx, RefuseError, Refused, Seen, Server, communicator};
use ice::{EncodingVersion, ErrorKind, Identity, ObjectPrx, Prx as _};

#[tokio::test]
async fn a_call_goes_there_and_back() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    assert_eq!(proxy.echo("Grüße").await.unwrap(), "Grüße");
    match server.seen.recv().await {
        Some(Seen::Operation(operation, identity, facet, Some(connection))) => {
            assert_eq!(
                (operation.as_str(), identity, facet.as_str()),
                ("echo", Identity::new("echo"), "")
            );
            assert!(connection.remote_address().unwrap().ip().is_loopback());
        }
        seen => panic!("{seen:?}"),
    }
    assert_eq!(proxy.later("later").await.unwrap(), "later");
    assert_eq!(proxy.bytes(100_000).await.unwrap(), vec![7; 100_000]);
    client.destroy().await;
    server.communicator.destroy().await;
}

/// The memory of one large reply is that of a later one.
#[tokio::test]
async fn replies_of_changing_size_are_read_whole() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    for size in [
        65_536, 900_000, 10, 70_000, 500_000, 500_000, 0, 1_000_000, 65_535,
    ]
    .repeat(3)
    {
        let bytes = proxy.bytes(size).await.unwrap();
        assert_eq!(bytes, vec![7; bytes.len()]);
        assert_eq!(bytes.len(), size as usize);
        let (large, text, _) =
            tokio::join!(proxy.bytes(size), proxy.echo("small"), proxy.later("late"));
        assert_eq!(large.unwrap().len(), size as usize);
        assert_eq!(text.unwrap(), "small");
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn many_calls_are_under_way_at_once() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let calls: Vec<_> = (0..200)
        .map(|number| {
            let proxy = proxy.clone();
            tokio::spawn(async move { proxy.later(&number.to_string()).await })
        })
        .collect();
    for (number, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().unwrap(), number.to_string());
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn every_object_answers_what_it_is() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy: ObjectPrx = server.proxy_in(&client).unchecked_cast();
    proxy.ice_ping().await.unwrap();
    assert_eq!(proxy.ice_id().await.unwrap(), "::Test::Echo");
    assert_eq!(
        proxy.ice_ids().await.unwrap(),
        ["::Ice::Object", "::Test::Echo"]
    );
    assert!(proxy.ice_is_a("::Test::Echo").await.unwrap());
    assert!(!proxy.ice_is_a("::Test::Other").await.unwrap());
    assert!(proxy.checked_cast::<EchoPrx>().await.unwrap().is_some());
    assert!(
        proxy
            .with_facet("none")
            .checked_cast::<EchoPrx>()
            .await
            .unwrap()
            .is_none()
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn proxies_travel_as_values_and_may_be_null() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    for encoding in [EncodingVersion::V1_1, EncodingVersion::V1_0] {
        let proxy = proxy.with_encoding(encoding);
        let other = client
            .string_to_proxy("cat/other -f facet:tcp -h host -p 1:udp -h 239.0.0.1 -p 2")
            .unwrap();
        let back = proxy
            .itself(Some(&other.unchecked_cast()))
            .await
            .unwrap()
            .unwrap();
        // In encoding 1.0 a proxy does not tell the encoding of its object, which so is 1.0.
        assert_eq!(*back.as_object(), other.with_encoding(encoding));
        assert_eq!(proxy.itself(None).await.unwrap(), None);
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_declared_exception_arrives_as_itself_and_an_undeclared_one_as_unknown() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    for encoding in [EncodingVersion::V1_1, EncodingVersion::V1_0] {
        let proxy = server.proxy_in(&client).with_encoding(encoding);
        match proxy.refuse("no").await.unwrap_err() {
            RefuseError::Refused(refused) => assert_eq!(refused, Refused { why: "no".into() }),
            RefuseError::Ice(error) => panic!("{error}"),
        }
        let error = proxy.refuse_unknown("no").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.reason()),
            (ErrorKind::UnknownUser, "::Test::Refused")
        );
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_call_within_the_process_needs_no_connection() {
    let mut server = Server::start(&[]);
    let proxy: EchoPrx = server.proxy.unchecked_cast();
    assert_eq!(proxy.echo("near").await.unwrap(), "near");
    assert!(matches!(
        server.seen.recv().await,
        Some(Seen::Operation(_, _, _, None))
    ));
    assert!(proxy.cached_connection().is_none());
    assert_eq!(
        proxy.connection().await.map_err(|error| error.kind()),
        Ok(None)
    );
    let proxy = proxy.with_collocation_optimized(false);
    assert_eq!(proxy.echo("far").await.unwrap(), "far");
    assert!(proxy.cached_connection().is_some());
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_client_without_endpoints_is_called_back_over_its_own_connection() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let adapter = client.create_adapter("").unwrap();
    assert!(adapter.endpoints().is_empty());
    let (servant, mut called_back) = echo::EchoServant::new();
    let identity = Identity::with_category("callback", "client");
    adapter.add(servant, &identity).unwrap();
    adapter.activate().unwrap();

    let proxy = server.proxy_in(&client);
    let connection = proxy.connection().await.unwrap().unwrap();
    connection.set_adapter(&adapter).unwrap();
    proxy.echo("there").await.unwrap();
    let Some(Seen::Operation(_, _, _, Some(incoming))) = server.seen.recv().await else {
        panic!("the call came over a connection");
    };
    let callback: EchoPrx = incoming.create_proxy(&identity).unwrap().unchecked_cast();
    assert_eq!(callback.echo("back").await.unwrap(), "back");
    match called_back.recv().await {
        Some(Seen::Operation(_, called, _, _)) => assert_eq!(called, identity),
        seen => panic!("{seen:?}"),
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn oneway_calls_reach_a_servant_that_never_waits_in_order() {
    const CALLS: i32 = 5_000;
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client).with_oneway();
    for number in 0..CALLS {
        proxy.note(number).await.unwrap();
    }
    for expected in 0..CALLS {
        match server.seen.recv().await {
            Some(Seen::Note(number)) => assert_eq!(number, expected),
            seen => panic!("{seen:?}"),
        }
    }
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_oneway_proxy_refuses_what_has_a_result_or_an_exception_before_it_is_sent() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client).with_oneway();
    assert!(!proxy.is_twoway());
    assert_eq!(
        proxy.echo("x").await.unwrap_err().kind(),
        ErrorKind::TwowayOnly
    );
    let RefuseError::Ice(error) = proxy.refuse("x").await.unwrap_err() else {
        panic!("it cannot have arrived")
    };
    assert_eq!(error.kind(), ErrorKind::TwowayOnly);
    proxy.note(1).await.unwrap();
    assert_eq!(proxy.with_twoway().echo("x").await.unwrap(), "x");
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_datagram_arrives_and_awaits_no_answer() {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Datagrams", "udp -h 127.0.0.1 -p 0")
        .unwrap();
    let (servant, mut seen) = echo::EchoServant::new();
    let proxy = adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate().unwrap();
    let client = communicator(&[]);
    let proxy: EchoPrx = client
        .string_to_proxy(&proxy.to_string())
        .unwrap()
        .unchecked_cast();
    proxy.with_datagram().note(7).await.unwrap();
    assert!(matches!(seen.recv().await, Some(Seen::Note(7))));
    assert_eq!(
        proxy.note(7).await.unwrap_err().kind(),
        ErrorKind::NoEndpoint
    );
    client.destroy().await;
    server.destroy().await;
}

#[tokio::test]
async fn the_options_of_a_proxy_are_kept_and_shown() {
    let client = communicator(&[]);
    let proxy = client
        .string_to_proxy("category/name:tcp -h 127.0.0.1 -p 1")
        .unwrap();
    assert_eq!(
        proxy.identity(),
        Identity::with_category("name", "category")
    );
    assert_eq!(
        proxy
            .with_identity(Identity::new("other"))
            .unwrap()
            .identity(),
        Identity::new("other")
    );
    assert_eq!(
        proxy.with_identity(Identity::default()).unwrap_err().kind(),
        ErrorKind::IllegalIdentity
    );
    assert_eq!(proxy.with_facet("f").facet(), "f");
    let context = BTreeMap::from([("key".to_owned(), "value".to_owned())]);
    assert_eq!(proxy.with_context(&context).context(), context);
    assert_eq!(proxy.endpoints(), ["tcp -h 127.0.0.1 -p 1 -t 60000"]);
    assert_eq!(
        proxy
            .with_endpoints("tcp -h h -p 2:udp -h h -p 3")
            .unwrap()
            .endpoints()
            .len(),
        2
    );
    assert_eq!(
        proxy.with_endpoints("nonsense").unwrap_err().kind(),
        ErrorKind::EndpointParse
    );
    let timeout = std::time::Duration::from_millis(1500);
    assert_eq!(proxy.invocation_timeout(), None);
    assert_eq!(
        proxy.with_invocation_timeout(timeout).invocation_timeout(),
        Some(timeout)
    );
    assert_eq!(
        proxy
            .with_invocation_timeout(timeout)
            .without_invocation_timeout(),
        proxy
    );
    assert!(proxy.with_secure(true).to_string().contains(" -s "));
    assert_ne!(proxy.with_oneway(), proxy);
    assert_eq!(proxy.with_oneway().with_twoway(), proxy);
    client.destroy().await;
}
