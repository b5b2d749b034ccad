//! Locators by properties alone: one of our own, as its clients and its servers see it.

#![allow(clippy::unwrap_used)]

mod echo;
mod locating;

use std::time::Duration;

use echo::{EchoPrx, EchoServant, communicator};
use ice::{Adapter, Communicator, ErrorKind, Identity, Prx as _};
use locating::Locator;

/// A server whose adapter registers itself.
async fn server(locator: &Locator, adapter_id: &str, group: &str) -> (Communicator, Adapter) {
    let server = communicator(&[
        &locator.property(),
        "--Echo.Endpoints=tcp -h 127.0.0.1 -p 0",
        &format!("--Echo.AdapterId={adapter_id}"),
        &format!("--Echo.ReplicaGroupId={group}"),
    ]);
    let adapter = server.create_adapter("Echo").unwrap();
    let (servant, _seen) = EchoServant::new();
    let proxy = adapter.add(servant, Identity::new("echo")).unwrap();
    let expected = if group.is_empty() { adapter_id } else { group };
    assert_eq!(proxy.adapter_id(), expected);
    adapter.activate_async().await.unwrap();
    (server, adapter)
}

fn echo(client: &Communicator, text: &str) -> EchoPrx {
    client.string_to_proxy(text).unwrap().unchecked_cast()
}

#[tokio::test]
async fn an_adapter_registers_itself_and_is_found_by_its_id() {
    let locator = Locator::start();
    let (server, adapter) = server(&locator, "echoes", "").await;
    let client = communicator(&[&locator.property()]);
    assert_eq!(
        client.default_locator().unwrap().identity(),
        Identity::new("locator")
    );
    let proxy = echo(&client, "echo @ echoes");
    assert_eq!(proxy.locator(), client.default_locator());
    assert_eq!(proxy.echo("found").await.unwrap(), "found");
    // What the locator said is kept, for the other proxies too.
    let asked = locator.asked();
    assert_eq!(
        echo(&client, "echo @ echoes").echo("again").await.unwrap(),
        "again"
    );
    assert_eq!(locator.asked(), asked);
    let forgetful = proxy
        .with_locator_cache_timeout(Duration::ZERO)
        .with_connection_id("other");
    assert_eq!(forgetful.echo("asked").await.unwrap(), "asked");
    assert_eq!(locator.asked(), asked + 1);

    adapter.destroy().await;
    assert!(!locator.knows("echoes"));
    client.destroy().await;
    server.destroy().await;
    locator.stop().await;
}

#[tokio::test]
async fn an_object_is_found_by_its_identity_alone() {
    let locator = Locator::start();
    let (server, adapter) = server(&locator, "echoes", "").await;
    locator.add_object(&adapter.create_proxy(Identity::new("echo")).unwrap());
    let client = communicator(&[&locator.property()]);
    assert_eq!(echo(&client, "echo").echo("known").await.unwrap(), "known");
    client.destroy().await;
    server.destroy().await;
    locator.stop().await;
}

#[tokio::test]
async fn a_replica_that_is_gone_makes_way_for_another() {
    let locator = Locator::start();
    let (first, _adapter) = server(&locator, "one", "echoes").await;
    let client = communicator(&[&locator.property()]);
    let proxy = echo(&client, "echo @ echoes");
    assert_eq!(proxy.echo("one").await.unwrap(), "one");
    first.destroy().await;
    let (second, _adapter) = server(&locator, "two", "echoes").await;
    assert_eq!(proxy.echo("two").await.unwrap(), "two");
    client.destroy().await;
    second.destroy().await;
    locator.stop().await;
}

#[tokio::test]
async fn what_a_locator_does_not_know_is_told_by_its_name() {
    let locator = Locator::start();
    let client = communicator(&[&locator.property()]);
    for (text, kind_of_object, id) in [
        ("echo @ nowhere", "object adapter", "nowhere"),
        ("nobody", "object", "nobody"),
    ] {
        let error = echo(&client, text).echo("x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotRegistered);
        let details = ice::Details::Registration {
            kind_of_object: kind_of_object.to_owned(),
            id: id.to_owned(),
        };
        assert_eq!(*error.details(), details);
    }
    let lost = echo(&client, "echo @ nowhere").with_locator(None);
    let error = lost.echo("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoEndpoint);
    assert!(matches!(error.details(), ice::Details::Proxy(proxy) if proxy.contains("echo")));
    locator.stop().await;
    let error = echo(&client, "echo @ nowhere").echo("x").await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    client.set_default_locator(None).unwrap();
    assert_eq!(client.default_locator(), None);
    client.destroy().await;
}

#[tokio::test]
async fn an_adapter_that_the_locator_refuses_is_not_activated() {
    let locator = Locator::start();
    let refused = communicator(&[
        &locator.property(),
        "--Echo.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Echo.AdapterId=refused",
    ]);
    let adapter = refused.create_adapter("Echo").unwrap();
    let error = adapter.activate_async().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRegistered);
    assert!(error.to_string().contains("adapter Echo"), "{error}");
    refused.destroy().await;
    locator.stop().await;
}
