//! What a communicator tells of itself: metrics, admin objects, the implicit context.

#![allow(clippy::unwrap_used)]

mod echo;

use std::collections::BTreeMap;

use echo::{EchoServant, Server, communicator};
use ice::metrics::{Numbers, Observed};
use ice::{Communicator, ErrorKind, Identity, Metrics, Prx as _};

const VIEW: [&str; 8] = [
    "--Ice.Admin.Enabled=1",
    "--IceMX.Metrics.View.Map.Dispatch.GroupBy=operation",
    "--IceMX.Metrics.View.Map.Invocation.GroupBy=operation",
    "--IceMX.Metrics.View.Map.Invocation.Map.Remote.GroupBy=id",
    "--IceMX.Metrics.View.Map.Connection.GroupBy=id",
    "--IceMX.Metrics.View.Map.Thread.GroupBy=id",
    "--IceMX.Metrics.Off.GroupBy=id",
    "--IceMX.Metrics.Off.Disabled=1",
];

fn find<'a>(all: &'a [Observed], id: &str) -> &'a Observed {
    all.iter()
        .find(|observed| observed.id.contains(id))
        .unwrap_or_else(|| panic!("{id} among {all:#?}"))
}

/// Asks until the counts of what has just ended are there.
async fn until(metrics: &Metrics, map: &str, done: impl Fn(&[Observed]) -> bool) -> Vec<Observed> {
    let asking = async {
        loop {
            let view = metrics.view("View").await.unwrap();
            match view.maps.get(map) {
                Some(observed) if done(observed) => return observed.clone(),
                _ => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), asking)
        .await
        .expect("it is counted soon")
}

#[tokio::test]
async fn calls_and_dispatches_are_counted_on_both_sides() {
    let server = Server::start(&VIEW);
    let client = communicator(&VIEW);
    let proxy = server.proxy_in(&client);
    for _ in 0..3 {
        proxy.echo("four").await.unwrap();
    }
    let _ = proxy.refuse("no").await;
    let _ = proxy.no_such_operation().await;

    let ended = |all: &[Observed]| {
        let refused = all.iter().find(|one| one.id.contains("noSuchOperation"));
        refused.is_some_and(|one| one.current == 0)
    };
    let dispatched = until(&server.communicator.metrics().unwrap(), "Dispatch", ended).await;
    let echo = find(&dispatched, "echo");
    assert_eq!((echo.total, echo.current, echo.failures), (3, 0, 0));
    assert!(!echo.total_lifetime.is_zero());
    let Numbers::Dispatch {
        size,
        reply_size,
        user_exceptions,
    } = echo.numbers
    else {
        panic!("{echo:?}");
    };
    assert!(size > 0 && reply_size > 0);
    assert_eq!(user_exceptions, 0);
    let Numbers::Dispatch {
        user_exceptions, ..
    } = find(&dispatched, "refuse").numbers
    else {
        panic!("{dispatched:?}");
    };
    assert_eq!(user_exceptions, 1);

    let metrics = client.metrics().unwrap();
    let invoked = until(&metrics, "Invocation", ended).await;
    let echo = find(&invoked, "echo");
    let Numbers::Invocation {
        retries,
        remotes,
        collocated,
        ..
    } = &echo.numbers
    else {
        panic!("{echo:?}");
    };
    assert_eq!((*retries, remotes.len(), collocated.len()), (0, 1, 0));
    assert_eq!(remotes[0].total, 3);
    assert!(matches!(remotes[0].numbers, Numbers::Request { size, .. } if size > 0));

    let failures = metrics.failures("View", "Invocation").await.unwrap();
    let missing = failures
        .iter()
        .find(|failure| failure.id.contains("noSuchOperation"));
    let missing = missing.unwrap();
    assert_eq!(missing.type_id, ErrorKind::OperationNotExist.type_id());
    assert_eq!(missing.count, 1);

    let view = metrics.view("View").await.unwrap();
    let connections = &view.maps["Connection"];
    assert!(connections.iter().any(|connection| matches!(
        connection.numbers,
        Numbers::Connection { received_bytes, sent_bytes } if received_bytes > 0 && sent_bytes > 0
    )));
    assert!(matches!(
        view.maps["Thread"][0].numbers,
        Numbers::Thread { .. }
    ));
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn views_are_listed_and_may_be_switched() {
    let client = communicator(&VIEW);
    let metrics = client.metrics().unwrap();
    let views = metrics.views().await.unwrap();
    assert_eq!(
        (views.enabled, views.disabled),
        (vec!["View".to_owned()], vec!["Off".to_owned()])
    );
    metrics.enable("Off").await.unwrap();
    metrics.disable("View").await.unwrap();
    let views = metrics.views().await.unwrap();
    assert_eq!(
        (views.enabled, views.disabled),
        (vec!["Off".to_owned()], vec!["View".to_owned()])
    );
    assert!(metrics.view("View").await.unwrap().maps.is_empty());
    for error in [
        metrics.view("None").await.unwrap_err(),
        metrics.enable("None").await.unwrap_err(),
        metrics.failures("None", "Thread").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotRegistered);
        assert!(error.to_string().contains("view None"), "{error}");
    }
    client.destroy().await;
}

async fn administered(properties: &[&str]) -> (Communicator, String) {
    let endpoints = [
        "--Ice.Admin.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Ice.Admin.InstanceName=test",
    ];
    let all: Vec<&str> = endpoints.iter().chain(properties).copied().collect();
    let server = communicator(&all);
    let admin = server.admin().await.unwrap().unwrap();
    (server, admin.to_string())
}

#[tokio::test]
async fn another_process_is_asked_for_its_metrics_through_its_admin_object() {
    let (server, admin) = administered(&VIEW).await;
    let client = communicator(&[]);
    let admin = client.string_to_proxy(&admin).unwrap();
    assert_eq!(admin.identity(), Identity::with_category("admin", "test"));
    let metrics = Metrics::of_admin(&admin).unwrap();
    assert_eq!(metrics.views().await.unwrap().enabled, ["View"]);
    let view = metrics.view("View").await.unwrap();
    assert!(view.maps["Thread"].iter().all(|thread| thread.total > 0));
    assert!(view.time.elapsed().unwrap().as_secs() < 60);
    metrics.disable("View").await.unwrap();
    let error = metrics.view("None").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRegistered);
    server.destroy().await;
    let error = metrics.views().await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    client.destroy().await;
    let error = metrics.views().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommunicatorDestroyed);
}

#[tokio::test]
async fn the_admin_object_has_facets_of_ice_and_of_ours() {
    let (server, admin) = administered(&[]).await;
    for facet in ["Process", "Properties", "Logger", "Metrics"] {
        assert!(server.admin_facets().unwrap().contains(&facet.to_owned()));
    }
    let (servant, _seen) = EchoServant::new();
    server.add_admin_facet(servant, "Echo").unwrap();
    let (servant, _seen) = EchoServant::new();
    let error = server.add_admin_facet(servant, "Echo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyRegistered);
    let client = communicator(&[]);
    let admin = client.string_to_proxy(&admin).unwrap();
    let ours: echo::EchoPrx = admin.unchecked_cast_facet("Echo");
    assert_eq!(ours.echo("x").await.unwrap(), "x");
    server.remove_admin_facet("Echo").unwrap();
    let error = ours.echo("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FacetNotExist);
    let error = server.remove_admin_facet("Echo").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRegistered);
    client.destroy().await;
    server.destroy().await;
}

#[tokio::test]
async fn an_admin_object_may_live_in_an_adapter_of_the_program() {
    let server = Server::start(&["--Ice.Admin.Enabled=1"]);
    assert_eq!(server.communicator.admin().await.unwrap(), None);
    let identity = Identity::new("administration");
    let admin = server.communicator.create_admin(&server.adapter, &identity);
    assert_eq!(admin.await.unwrap().unwrap().identity(), identity);
    let again = server.communicator.create_admin(&server.adapter, &identity);
    assert_eq!(again.await.unwrap_err().kind(), ErrorKind::Initialization);
    server.communicator.destroy().await;

    // What no property asks for is not there.
    let without = Server::start(&[]);
    assert!(without.communicator.metrics().is_none());
    let refused = without
        .communicator
        .create_admin(&without.adapter, &identity);
    assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::Initialization);
    without.communicator.destroy().await;
}

#[tokio::test]
async fn the_implicit_context_goes_with_every_call() {
    let mut server = Server::start(&[]);
    let client = communicator(&["--Ice.ImplicitContext=Shared"]);
    assert!(communicator(&[]).implicit_context().is_none());
    let context = client.implicit_context().unwrap();
    let of = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
        let entries = entries.iter();
        entries
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    context
        .replace(&of(&[("a", "implicit"), ("b", "implicit")]))
        .unwrap();
    assert_eq!(context.put("c", "implicit").unwrap(), None);
    assert_eq!(context.remove("b").as_deref(), Some("implicit"));
    assert_eq!(context.remove("b"), None);
    assert!(context.contains("a") && !context.contains("b"));
    assert_eq!(context.get("c").as_deref(), Some("implicit"));
    assert_eq!(context.get("b"), None);
    assert_eq!(context.all(), of(&[("a", "implicit"), ("c", "implicit")]));

    let proxy = server
        .proxy_in(&client)
        .with_context(&of(&[("a", "proxy")]));
    proxy.context_seen().await.unwrap();
    let seen = server.seen.recv().await.unwrap();
    let echo::Seen::Context(seen) = seen else {
        panic!("{seen:?}");
    };
    assert_eq!(seen, of(&[("a", "proxy"), ("c", "implicit")]));
    client.destroy().await;
    server.communicator.destroy().await;
}
