//! The life of an adapter, and where callers find it.

#![allow(clippy::unwrap_used)]

mod echo;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use echo::{EchoPrx, EchoServant, Seen, Server, communicator};
use ice::codegen::{Decode as _, Dispatch, Encode as _, Reply, Request, operation_not_exist};
use ice::{
    Communicator, Current, DispatchError, Error, ErrorKind, Identity, Interceptor, Next, ObjectPrx,
    OperationMode, Prx as _, Servant,
};

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(10);

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what)
        .await
        .expect("it ends soon")
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.kind(),
    }
}

#[tokio::test]
async fn an_adapter_on_hold_reads_no_requests_until_it_is_activated_again() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    proxy.echo("").await.unwrap();
    let under_way = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.later("under way").await }
    });
    while server.calls.load(std::sync::atomic::Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    server.adapter.hold().unwrap();
    soon(server.adapter.wait_for_hold()).await.unwrap();
    assert_eq!(soon(under_way).await.unwrap().unwrap(), "under way");
    // One request may have been about to be read; none after it is.
    let mut held = tokio::spawn({
        let proxy = proxy.clone();
        async move { (proxy.echo("held").await, proxy.echo("held").await) }
    });
    let ended = tokio::time::timeout(Duration::from_millis(50), &mut held).await;
    assert!(ended.is_err(), "{ended:?}");
    server.adapter.activate_async().await.unwrap();
    let (first, second) = soon(held).await.unwrap();
    assert_eq!(
        (first.unwrap(), second.unwrap()),
        ("held".into(), "held".into())
    );
    soon(client.destroy()).await;
    soon(server.communicator.destroy()).await;
}

/// Ends the adapter that its request came in by, and answers after that.
struct Ender;

impl Interceptor for Ender {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        if current.operation() == "echo" {
            current.adapter().deactivate().await;
            assert!(current.adapter().is_deactivated());
        }
        Ok(next.run().await)
    }
}

#[tokio::test]
async fn a_servant_may_deactivate_its_adapter_and_still_answers() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = server
        .create_adapter_with_endpoints("Ended", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    let (servant, _seen) = EchoServant::new();
    let there = adapter
        .add(servant.intercepted_by(Ender), Identity::new("ender"))
        .unwrap();
    adapter.activate().unwrap();
    let proxy: EchoPrx = client
        .string_to_proxy(&there.to_string())
        .unwrap()
        .unchecked_cast();
    let waiting = tokio::spawn({
        let adapter = adapter.clone();
        async move { adapter.wait_for_deactivate().await }
    });
    let under_way = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.later("under way").await }
    });
    proxy.ice_ping().await.unwrap();
    assert!(!waiting.is_finished() && !adapter.is_deactivated());
    assert_eq!(soon(proxy.echo("the last")).await.unwrap(), "the last");
    assert_eq!(soon(under_way).await.unwrap().unwrap(), "under way");
    soon(waiting).await.unwrap();
    assert!(soon(proxy.ice_ping()).await.unwrap_err().is_transport());
    for ended in [
        kind(adapter.activate()),
        kind(adapter.hold()),
        kind(adapter.wait_for_hold().await),
        kind(adapter.find(Identity::new("ender"))),
        kind(adapter.create_proxy(Identity::new("ender"))),
        kind(adapter.set_published_endpoints("tcp -h h -p 1").await),
        kind(adapter.add_default_servant(EchoServant::new().0, "")),
    ] {
        assert_eq!(ended, ErrorKind::ObjectAdapterDeactivated);
    }
    // Ended twice, it is ended; its name is free after that.
    soon(adapter.deactivate()).await;
    soon(adapter.destroy()).await;
    soon(adapter.destroy()).await;
    server
        .create_adapter_with_endpoints("Ended", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn destroying_an_adapter_leaves_its_requests_some_time_and_then_drops_them() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let waiting = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.wait().await }
    });
    assert!(matches!(
        soon(server.seen.recv()).await,
        Some(Seen::Waiting)
    ));
    let later = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.later("in time").await }
    });
    while server.calls.load(std::sync::atomic::Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    soon(server.adapter.destroy()).await;
    assert_eq!(soon(later).await.unwrap().unwrap(), "in time");
    assert_eq!(
        soon(waiting).await.unwrap().unwrap_err().kind(),
        ErrorKind::Unknown
    );
    // Others of the same communicator go on.
    let other = server
        .communicator
        .create_adapter_with_endpoints("Other", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    other.activate().unwrap();
    let (servant, _seen) = EchoServant::new();
    let there = other.add(servant, Identity::new("other")).unwrap();
    let there = client.string_to_proxy(&there.to_string()).unwrap();
    soon(there.ice_ping()).await.unwrap();
    soon(client.destroy()).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn proxies_are_direct_or_indirect_as_properties_say_and_as_asked() {
    let server = communicator(&[
        "--Direct.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--ById.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--ById.AdapterId=by-id",
        "--Replicated.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Replicated.AdapterId=one",
        "--Replicated.ReplicaGroupId=all",
        "--Published.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Published.PublishedEndpoints=tcp -h far.example -p 1",
    ]);
    let identity = Identity::new("object");
    let text = |proxy: Result<ObjectPrx, Error>| proxy.unwrap().to_string();
    let direct = server.create_adapter("Direct").unwrap();
    assert!(text(direct.create_proxy(&identity)).contains(":tcp"));
    let by_id = server.create_adapter("ById").unwrap();
    assert!(text(by_id.create_proxy(&identity)).contains("@ by-id"));
    assert!(text(by_id.create_direct_proxy(&identity)).contains(":tcp"));
    let replicated = server.create_adapter("Replicated").unwrap();
    assert!(text(replicated.create_proxy(&identity)).contains("@ all"));
    assert!(text(replicated.create_indirect_proxy(&identity)).contains("@ one"));
    let published = server.create_adapter("Published").unwrap();
    assert!(text(published.create_proxy(&identity)).contains("far.example"));
    assert_eq!(published.published_endpoints().len(), 1);
    published
        .set_published_endpoints("tcp -h near.example -p 2:tcp -h other.example -p 3")
        .await
        .unwrap();
    let proxy = text(published.create_proxy(&identity));
    assert!(
        proxy.contains("near.example") && proxy.contains("other.example"),
        "{proxy}"
    );
    assert_eq!(
        kind(published.set_published_endpoints("nonsense").await),
        ErrorKind::EndpointParse
    );
    published.refresh_published_endpoints().await.unwrap();
    assert!(text(published.create_proxy(&identity)).contains("far.example"));
    assert_eq!(
        kind(published.create_proxy(Identity::new(""))),
        ErrorKind::IllegalIdentity
    );
    server.destroy().await;
}

/// A locator registry, by hand: what adapters tell of themselves when they are activated and deactivated.
#[derive(Default)]
struct Registry {
    told: Told,
}

/// Adapter ids, with the endpoints that they were told with.
type Told = Arc<Mutex<Vec<(String, Option<ObjectPrx>)>>>;

impl Servant for Registry {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Locator", "::Ice::LocatorRegistry", "::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Locator"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        let told = Arc::clone(&self.told);
        match request.operation() {
            b"getRegistry" => {
                let current = request.current();
                let registry = current.adapter().create_proxy(current.identity()).ok();
                Box::pin(async move {
                    Reply::from_result(&current, Ok::<_, Error>(registry), |proxy, to| {
                        proxy.encode(to);
                    })
                })
            }
            b"setAdapterDirectProxy" => {
                let id = request
                    .params(|from| Ok((String::decode(from)?, Option::<ObjectPrx>::decode(from)?)));
                let current = request.current();
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    let result = match id {
                        Ok((id, _)) if id == "refused" => Err(Error::unknown("not you")),
                        Ok(adapter) => {
                            told.lock().unwrap().push(adapter);
                            Ok(())
                        }
                        Err(error) => Err(error),
                    };
                    Reply::from_result(&current, result, |(), _| {})
                })
            }
            _ => operation_not_exist(request),
        }
    }
}

/// The locator, and what it was told.
async fn locator() -> (Communicator, ObjectPrx, Told) {
    let communicator = communicator(&[]);
    let adapter = communicator
        .create_adapter_with_endpoints("Locator", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    let registry = Registry::default();
    let told = Arc::clone(&registry.told);
    let proxy = adapter.add(registry, Identity::new("locator")).unwrap();
    adapter.activate().unwrap();
    (communicator, proxy, told)
}

// Of one thread: a locator in the same runtime answers only where activating does not block it.
#[tokio::test]
async fn an_adapter_with_an_id_is_told_to_its_locator_without_blocking_the_runtime() {
    let (there, locator, told) = locator().await;
    let server = communicator(&[
        &format!("--Told.Locator={locator}"),
        "--Told.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Told.AdapterId=told",
        "--Later.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Later.AdapterId=later",
        "--Refused.Endpoints=tcp -h 127.0.0.1 -p 0",
        "--Refused.AdapterId=refused",
    ]);
    let adapter = server.create_adapter("Told").unwrap();
    assert_eq!(
        adapter.locator().unwrap().identity(),
        Identity::new("locator")
    );
    soon(adapter.activate_async()).await.unwrap();
    soon(adapter.set_published_endpoints("tcp -h far.example -p 1"))
        .await
        .unwrap();
    soon(adapter.deactivate()).await;
    {
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|(id, _)| id == "told"));
        assert!(
            told[0]
                .1
                .as_ref()
                .unwrap()
                .to_string()
                .contains("127.0.0.1")
        );
        assert!(
            told[1]
                .1
                .as_ref()
                .unwrap()
                .to_string()
                .contains("far.example")
        );
        assert!(told[2].1.is_none());
    }
    let later = server.create_adapter("Later").unwrap();
    assert!(later.locator().is_none());
    let locator = server.string_to_proxy(&locator.to_string()).unwrap();
    later.set_locator(&locator).unwrap();
    assert_eq!(later.locator(), Some(locator.clone()));
    soon(later.activate_async()).await.unwrap();
    assert_eq!(told.lock().unwrap()[3].0, "later");
    later.set_locator(None).unwrap();
    assert!(later.locator().is_none());

    let refused = server.create_adapter("Refused").unwrap();
    refused.set_locator(&locator).unwrap();
    let error = soon(refused.activate_async()).await.unwrap_err();
    assert!(error.to_string().contains("adapter Refused"), "{error}");
    soon(server.destroy()).await;
    soon(there.destroy()).await;
}

/// A router, by hand: where it is called by clients, and where by servers.
struct Router {
    client: ObjectPrx,
    server: ObjectPrx,
}

impl Servant for Router {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object", "::Ice::Router"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Router"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        let proxy = match request.operation() {
            b"getClientProxy" => self.client.clone(),
            b"getServerProxy" => self.server.clone(),
            _ => return operation_not_exist(request),
        };
        let current = request.current();
        Box::pin(async move {
            Reply::from_result(&current, Ok::<_, Error>(Some(proxy)), |proxy, to| {
                proxy.encode(to);
            })
        })
    }
}

#[tokio::test]
async fn the_objects_of_an_adapter_with_a_router_are_found_at_the_router() {
    let (there, server) = (communicator(&[]), communicator(&[]));
    let adapter = there
        .create_adapter_with_endpoints("Router", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    let router = Router {
        client: adapter.create_proxy(Identity::new("clients")).unwrap(),
        server: there
            .string_to_proxy("servers:tcp -h router.example -p 1")
            .unwrap(),
    };
    let router = adapter.add(router, Identity::new("router")).unwrap();
    adapter.activate().unwrap();
    let router = server.string_to_proxy(&router.to_string()).unwrap();
    let behind = soon(server.create_adapter_with_router("Behind", &router))
        .await
        .unwrap();
    let proxy = behind.create_proxy(Identity::new("object")).unwrap();
    assert!(proxy.to_string().contains("router.example"), "{proxy}");
    let again = soon(server.create_adapter_with_router("Again", &router)).await;
    assert_eq!(kind(again), ErrorKind::AlreadyRegistered);
    soon(there.destroy()).await;
    soon(server.destroy()).await;
}

/// Writes down what its request says of itself.
struct Witness(Mutex<Vec<Current>>);

impl Interceptor for Witness {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        self.0.lock().unwrap().push(current.clone());
        Ok(next.run().await)
    }
}

#[tokio::test]
async fn a_request_says_how_it_came() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = server
        .create_adapter_with_endpoints("Current", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    adapter.activate().unwrap();
    let witness = Arc::new(Witness(Mutex::new(Vec::new())));
    let (servant, _seen) = EchoServant::new();
    let there = adapter
        .add_facet(
            servant.intercepted_by(Arc::clone(&witness)),
            Identity::with_category("name", "category"),
            "facet",
        )
        .unwrap();
    let proxy: EchoPrx = client
        .string_to_proxy(&there.to_string())
        .unwrap()
        .unchecked_cast();
    let context = BTreeMap::from([("key".to_owned(), "value".to_owned())]);
    let proxy = proxy
        .with_context(&context)
        .with_encoding(ice::EncodingVersion::V1_0);
    proxy.ice_ping().await.unwrap();
    proxy.echo("").await.unwrap();
    proxy.with_oneway().note(1).await.unwrap();
    // Behind it on the same connection.
    proxy.ice_ping().await.unwrap();
    let near: EchoPrx = there.unchecked_cast();
    near.echo("").await.unwrap();
    let seen = std::mem::take(&mut *witness.0.lock().unwrap());
    let [ping, echo, note, _, near] = seen.try_into().unwrap();
    for current in [&ping, &echo, &note] {
        assert_eq!(
            current.identity(),
            Identity::with_category("name", "category")
        );
        assert_eq!(current.facet(), "facet");
        assert_eq!(current.context(), context);
        assert_eq!(current.encoding(), ice::EncodingVersion::V1_0);
        assert_eq!(current.adapter(), adapter);
        assert!(current.remote_address().unwrap().ip().is_loopback());
        assert_eq!(current.connection(), ping.connection());
    }
    assert_eq!(ping.mode(), OperationMode::Nonmutating);
    assert_eq!(
        (echo.mode(), echo.operation().as_ref()),
        (OperationMode::Normal, "echo")
    );
    assert!(echo.request_id() > ping.request_id());
    assert_eq!(note.request_id(), 0);
    assert!(near.connection().is_none() && near.remote_address().is_none());
    assert_eq!(near.adapter().name(), "Current");
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}
