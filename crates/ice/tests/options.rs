//! Every option of a proxy: set, asked for, shown, and kept apart.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::Duration;

use echo::{EchoPrx, Server, communicator};
use ice::{EncodingVersion, EndpointSelection, ErrorKind, InvocationMode, ObjectPrx, Prx as _};

#[tokio::test]
async fn an_option_is_told_as_it_was_set_and_makes_another_proxy() {
    let client = communicator(&[]);
    let proxy = client.string_to_proxy("p:tcp -h 127.0.0.1 -p 1").unwrap();
    let other = client.string_to_proxy("other:tcp -h h -p 2").unwrap();

    assert_eq!(proxy.mode(), InvocationMode::Twoway);
    for (changed, mode) in [
        (proxy.with_oneway(), InvocationMode::Oneway),
        (proxy.with_datagram(), InvocationMode::Datagram),
        (proxy.with_batch_oneway(), InvocationMode::BatchOneway),
        (proxy.with_batch_datagram(), InvocationMode::BatchDatagram),
    ] {
        assert_eq!(changed.mode(), mode);
        assert_ne!(changed, proxy);
        assert_eq!(changed.with_twoway(), proxy);
        assert_eq!(changed.is_oneway(), mode == InvocationMode::Oneway);
        assert_eq!(changed.is_datagram(), mode == InvocationMode::Datagram);
        assert_eq!(
            changed.is_batch_oneway(),
            mode == InvocationMode::BatchOneway
        );
        assert_eq!(
            changed.is_batch_datagram(),
            mode == InvocationMode::BatchDatagram
        );
        assert!(!changed.is_twoway());
    }

    assert!(!proxy.is_secure() && !proxy.is_prefer_secure() && !proxy.is_fixed());
    assert!(proxy.with_secure(true).is_secure());
    assert!(proxy.with_prefer_secure(true).is_prefer_secure());
    assert!(proxy.is_collocation_optimized() && proxy.is_connection_cached());
    assert!(
        !proxy
            .with_collocation_optimized(false)
            .is_collocation_optimized()
    );
    assert!(!proxy.with_connection_cached(false).is_connection_cached());

    assert_eq!(proxy.compress(), None);
    for compress in [true, false] {
        assert_eq!(proxy.with_compress(compress).compress(), Some(compress));
    }
    assert_eq!(proxy.endpoint_selection(), EndpointSelection::Random);
    let ordered = proxy.with_endpoint_selection(EndpointSelection::Ordered);
    assert_eq!(ordered.endpoint_selection(), EndpointSelection::Ordered);
    assert_eq!(proxy.encoding(), EncodingVersion::V1_1);
    let older = proxy.with_encoding(EncodingVersion::V1_0);
    assert_eq!(older.encoding(), EncodingVersion::V1_0);
    assert_eq!(proxy.connection_id(), "");
    assert_eq!(proxy.with_connection_id("c").connection_id(), "c");

    assert_eq!(proxy.locator(), None);
    assert_eq!(proxy.with_locator(&other).locator(), Some(other.clone()));
    assert_eq!(proxy.with_locator(&other).with_locator(None), proxy);
    assert_eq!(proxy.router(), None);
    assert_eq!(proxy.with_router(&other).router(), Some(other.clone()));
    assert_eq!(proxy.with_router(&other).with_router(None), proxy);
    client.destroy().await;
}

#[tokio::test]
async fn time_outs_have_a_value_for_none_and_one_for_never() {
    let client = communicator(&[]);
    let proxy = client.string_to_proxy("p:tcp -h 127.0.0.1 -p 1").unwrap();
    assert_eq!(proxy.timeout(), None);
    for timeout in [Duration::from_millis(20), Duration::MAX] {
        assert_eq!(proxy.with_timeout(timeout).timeout(), Some(timeout));
    }
    assert!(
        proxy
            .with_timeout(Duration::MAX)
            .to_string()
            .ends_with("-t infinite")
    );
    let least = proxy.with_timeout(Duration::ZERO).timeout();
    assert_eq!(least, Some(Duration::from_millis(1)));

    assert_eq!(proxy.locator_cache_timeout(), Duration::MAX);
    for timeout in [Duration::ZERO, Duration::from_secs(9), Duration::MAX] {
        let changed = proxy.with_locator_cache_timeout(timeout);
        assert_eq!(changed.locator_cache_timeout(), timeout);
    }
    let begun = proxy.with_locator_cache_timeout(Duration::from_millis(1));
    assert_eq!(begun.locator_cache_timeout(), Duration::from_secs(1));
    client.destroy().await;
}

#[tokio::test]
async fn an_adapter_id_takes_the_place_of_endpoints() {
    let client = communicator(&[]);
    let proxy = client.string_to_proxy("p:tcp -h 127.0.0.1 -p 1").unwrap();
    assert_eq!(proxy.adapter_id(), "");
    let indirect = proxy.with_adapter_id("replicas");
    assert_eq!(indirect.adapter_id(), "replicas");
    assert!(indirect.endpoints().is_empty());
    assert_eq!(indirect, client.string_to_proxy("p @ replicas").unwrap());
    let direct = indirect.with_endpoints("tcp -h 127.0.0.1 -p 1").unwrap();
    assert_eq!(direct, proxy);
    let well_known = client.string_to_proxy("p").unwrap();
    assert_eq!(indirect.with_adapter_id(""), well_known);
    client.destroy().await;
}

#[tokio::test]
async fn a_proxy_goes_into_properties_and_comes_back() {
    let client = communicator(&[]);
    let locator = client.string_to_proxy("locator:tcp -h l -p 3").unwrap();
    let proxy = client
        .string_to_proxy("p -f facet @ adapter")
        .unwrap()
        .with_locator(&locator)
        .with_locator_cache_timeout(Duration::from_secs(7))
        .with_invocation_timeout(Duration::from_millis(1500))
        .with_endpoint_selection(EndpointSelection::Ordered);
    let properties = client.proxy_to_properties(&proxy, "My.Proxy").unwrap();
    assert_eq!(properties["My.Proxy.InvocationTimeout"], "1500");
    assert_eq!(properties["My.Proxy.Locator"], locator.to_string());
    for (name, value) in &properties {
        client.properties().set(name, value).unwrap();
    }
    let back = client.proxy_from_property("My.Proxy").unwrap().unwrap();
    assert_eq!(back, proxy);
    client.destroy().await;
}

#[tokio::test]
async fn a_fixed_proxy_calls_over_its_connection_alone_and_keeps_to_it() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client).with_connection_id("one");
    let connection = proxy.connection().await.unwrap().unwrap();
    let fixed = proxy.with_fixed_connection(&connection).unwrap();
    assert!(fixed.is_fixed());
    assert!(fixed.endpoints().is_empty());
    assert_eq!(fixed.echo("fixed").await.unwrap(), "fixed");
    assert_eq!(fixed.connection().await.unwrap(), Some(connection.clone()));
    for same in [
        fixed.with_prefer_secure(true),
        fixed.with_timeout(Duration::from_secs(1)),
        fixed.with_adapter_id("a"),
        fixed.with_connection_cached(false),
    ] {
        assert_eq!(same, fixed);
    }
    let error = client.proxy_to_properties(&fixed, "X").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FixedProxy);

    connection.close(ice::Close::Gracefully);
    connection.closed().await;
    let error = fixed.echo("late").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionManuallyClosed);
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn connections_are_shared_by_id_and_chosen_in_order() {
    let server = Server::start(&[]);
    let other = Server::start(&[]);
    let client = communicator(&[]);
    let first = format!("tcp -h 127.0.0.1 -p {}", server.port());
    let second = format!("tcp -h 127.0.0.1 -p {}", other.port());
    let proxy: EchoPrx = client
        .string_to_proxy(&format!("echo:{first}:{second}"))
        .unwrap()
        .with_endpoint_selection(EndpointSelection::Ordered)
        .unchecked_cast();
    let mut connections = Vec::new();
    for id in ["a", "b", "a"] {
        let connection = proxy.with_connection_id(id).connection().await.unwrap();
        connections.push(connection.unwrap());
    }
    assert_eq!(connections[0], connections[2]);
    assert_ne!(connections[0], connections[1]);
    for connection in &connections {
        assert_eq!(connection.remote_address().unwrap().port(), server.port());
    }
    client.destroy().await;
    server.communicator.destroy().await;
    other.communicator.destroy().await;
}

#[tokio::test]
async fn a_cast_may_name_a_facet_and_is_none_where_that_is_missing() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let object: ObjectPrx = server.proxy_in(&client).unchecked_cast();
    let (servant, _seen) = echo::EchoServant::new();
    server
        .adapter
        .add_facet(servant, object.identity(), "side")
        .unwrap();
    let side: Option<EchoPrx> = object.checked_cast_facet("side").await.unwrap();
    assert_eq!(side.unwrap().facet(), "side");
    let missing: Option<EchoPrx> = object.checked_cast_facet("none").await.unwrap();
    assert_eq!(missing, None);
    let unchecked: EchoPrx = object.unchecked_cast_facet("none");
    assert_eq!(unchecked.facet(), "none");
    client.destroy().await;
    server.communicator.destroy().await;
}
