//! Who answers for an object: servants, facets, default servants, servant locators, and what can be put around them.

#![allow(clippy::unwrap_used)]

mod echo;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use echo::{EchoPrx, EchoServant, Refused, Seen, Server, communicator};
use ice::{
    Adapter, Blob, BlobServant, Communicator, Current, DispatchError, Encapsulation, Error,
    ErrorKind, Identity, Interceptor, Invoked, Located, Next, Object, ObjectPrx, OperationMode,
    Outcome, Prx as _, Reply, Servant, ServantLocator, TypeIds,
};

/// An adapter without servants, and a client.
fn adapter() -> (Communicator, Adapter, Communicator) {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Servants", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    adapter.activate().unwrap();
    (server, adapter, communicator(&[]))
}

/// A proxy of the client for an identity of the adapter.
fn proxy(adapter: &Adapter, client: &Communicator, identity: &str) -> EchoPrx {
    let there = adapter
        .create_proxy(identity.parse::<Identity>().unwrap())
        .unwrap();
    client
        .string_to_proxy(&there.to_string())
        .unwrap()
        .unchecked_cast()
}

fn servant() -> EchoServant {
    EchoServant::new().0
}

async fn end(server: Communicator, client: Communicator) {
    client.destroy().await;
    server.destroy().await;
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.kind(),
    }
}

#[tokio::test]
async fn a_default_servant_answers_for_its_category_and_that_of_the_empty_one_for_all_others() {
    let (server, adapter, client) = adapter();
    let of_category: Arc<dyn Servant> = Arc::new(servant());
    adapter
        .add_shared_default_servant(Arc::clone(&of_category), "cat")
        .unwrap();
    for (identity, there) in [
        ("cat/a", true),
        ("cat/b", true),
        ("dog/a", false),
        ("a", false),
    ] {
        let proxy = proxy(&adapter, &client, identity);
        match proxy.echo("x").await {
            Ok(echoed) => assert!(there && echoed == "x", "{identity}"),
            Err(error) => assert!(
                !there && error.kind() == ErrorKind::ObjectNotExist,
                "{error}"
            ),
        }
    }
    let facet: EchoPrx = proxy(&adapter, &client, "cat/a")
        .with_facet("any")
        .unchecked_cast();
    facet.ice_ping().await.unwrap();
    let found = adapter.find_default_servant("cat").unwrap().unwrap();
    assert!(Arc::ptr_eq(&found, &of_category));
    let found = adapter.find(Identity::with_category("any", "cat")).unwrap();
    assert!(Arc::ptr_eq(&found.unwrap(), &of_category));
    assert!(adapter.find_default_servant("").unwrap().is_none());
    assert_eq!(
        kind(adapter.add_default_servant(servant(), "cat")),
        ErrorKind::AlreadyRegistered
    );
    adapter.add_default_servant(servant(), "").unwrap();
    proxy(&adapter, &client, "dog/a").ice_ping().await.unwrap();
    let removed = adapter.remove_default_servant("cat").unwrap();
    assert!(Arc::ptr_eq(&removed, &of_category));
    let error = adapter.remove_default_servant("cat").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotRegistered);
    assert!(error.to_string().contains("category `cat`"), "{error}");
    adapter.remove_default_servant("").unwrap();
    assert_eq!(
        kind(proxy(&adapter, &client, "cat/a").ice_ping().await),
        ErrorKind::ObjectNotExist
    );
    end(server, client).await;
}

#[tokio::test]
async fn what_was_added_is_found_and_given_back() {
    let (server, adapter, client) = adapter();
    let (main, side): (Arc<dyn Servant>, Arc<dyn Servant>) =
        (Arc::new(servant()), Arc::new(servant()));
    let identity = Identity::new("object");
    let there = adapter
        .add_shared(Arc::clone(&main), &identity, "")
        .unwrap();
    adapter
        .add_shared(Arc::clone(&side), &identity, "side")
        .unwrap();
    assert!(Arc::ptr_eq(
        &adapter.find(&identity).unwrap().unwrap(),
        &main
    ));
    let found = adapter.find_facet(&identity, "side").unwrap().unwrap();
    assert!(Arc::ptr_eq(&found, &side));
    assert!(adapter.find_facet(&identity, "none").unwrap().is_none());
    assert!(adapter.find(Identity::new("none")).unwrap().is_none());
    assert_eq!(
        kind(adapter.find(Identity::new(""))),
        ErrorKind::IllegalIdentity
    );
    let found = adapter.find_by_proxy(&there.with_facet("side")).unwrap();
    assert!(Arc::ptr_eq(&found.unwrap(), &side));
    let facets = adapter.find_all_facets(&identity).unwrap();
    assert_eq!(facets.keys().collect::<Vec<_>>(), ["", "side"]);
    let nothing = adapter.find_all_facets(Identity::new("none")).unwrap();
    assert!(nothing.is_empty());

    let remote: ObjectPrx = proxy(&adapter, &client, "object").unchecked_cast();
    assert_eq!(
        kind(remote.with_facet("none").ice_ping().await),
        ErrorKind::FacetNotExist
    );
    assert!(Arc::ptr_eq(&adapter.remove(&identity).unwrap(), &main));
    // The object is there still, and lacks the default facet alone.
    assert_eq!(kind(remote.ice_ping().await), ErrorKind::FacetNotExist);
    let removed = adapter.remove_all_facets(&identity).unwrap();
    assert!(Arc::ptr_eq(&removed["side"], &side));
    assert_eq!(kind(remote.ice_ping().await), ErrorKind::ObjectNotExist);
    assert_eq!(
        kind(adapter.remove_all_facets(&identity)),
        ErrorKind::NotRegistered
    );
    adapter.destroy().await;
    assert_eq!(
        kind(adapter.find(&identity)),
        ErrorKind::ObjectAdapterDeactivated
    );
    end(server, client).await;
}

/// What a locator was asked and told.
#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Finds a servant for names that begin with `here`. The rest of the name says where it fails, and whether it waits.
struct Finder {
    servant: Arc<dyn Servant>,
    log: Arc<Log>,
}

impl Finder {
    fn new(log: &Arc<Log>) -> Self {
        Self {
            servant: Arc::new(servant()),
            log: Arc::clone(log),
        }
    }
}

async fn fail(name: &str, moment: &str) -> Result<(), DispatchError> {
    if name.contains("wait") {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let Some((_, how)) = name.split_once(moment) else {
        return Ok(());
    };
    match how.trim_start_matches('-') {
        "gone" => Err(Error::object_not_exist().into()),
        "declared" => Err(Refused { why: moment.into() }.into()),
        "unknown" => Err(Error::unknown(moment).into()),
        "panic" => panic!("as asked"),
        _ => Ok(()),
    }
}

impl ServantLocator for Finder {
    type Cookie = String;

    async fn locate(&self, current: &Current) -> Result<Option<Located<String>>, DispatchError> {
        let name = current.identity().name;
        self.log
            .add(format!("locate {name} {}", current.operation()));
        fail(&name, "locate").await?;
        Ok(name
            .starts_with("here")
            .then(|| Located::new(Arc::clone(&self.servant), format!("cookie of {name}"))))
    }

    async fn finished(
        &self,
        current: &Current,
        servant: Arc<dyn Servant>,
        cookie: String,
    ) -> Result<(), DispatchError> {
        assert!(Arc::ptr_eq(&servant, &self.servant));
        let name = current.identity().name;
        self.log
            .add(format!("finished {name} {}: {cookie}", current.operation()));
        fail(&name, "finished").await
    }

    fn deactivate(&self, category: &str) {
        self.log.add(format!("deactivate {category}"));
    }
}

#[tokio::test]
async fn a_locator_finds_the_servant_of_each_request_and_hears_of_its_end() {
    let (server, adapter, client) = adapter();
    let log = Arc::<Log>::default();
    adapter
        .add_servant_locator(Finder::new(&log), "cat")
        .unwrap();
    for name in ["here", "here-wait"] {
        let proxy = proxy(&adapter, &client, &format!("cat/{name}"));
        assert_eq!(proxy.echo("text").await.unwrap(), "text");
        assert_eq!(
            log.take(),
            [
                format!("locate {name} echo"),
                format!("finished {name} echo: cookie of {name}")
            ]
        );
        // A servant that waits, and one that fails, in every way.
        assert_eq!(proxy.later("late").await.unwrap(), "late");
        assert_eq!(kind(proxy.fail("no").await), ErrorKind::Unknown);
        assert_eq!(kind(proxy.panic(false).await), ErrorKind::Unknown);
        assert_eq!(kind(proxy.panic(true).await), ErrorKind::Unknown);
        proxy.ice_ping().await.unwrap();
        let lines = log.take();
        assert_eq!(lines.len(), 10, "{lines:?}");
        for pair in lines.chunks(2) {
            assert!(pair[0].starts_with("locate") && pair[1].starts_with("finished"));
        }
    }
    assert_eq!(
        kind(proxy(&adapter, &client, "cat/nowhere").ice_ping().await),
        ErrorKind::ObjectNotExist
    );
    assert_eq!(
        kind(proxy(&adapter, &client, "here").ice_ping().await),
        ErrorKind::ObjectNotExist
    );
    assert_eq!(log.take(), ["locate nowhere ice_ping"]);
    end(server, client).await;
    assert_eq!(log.take(), ["deactivate cat"]);
}

#[tokio::test]
async fn what_a_locator_raises_reaches_the_caller_in_place_of_the_servants_answer() {
    let (server, adapter, client) = adapter();
    let log = Arc::<Log>::default();
    adapter.add_servant_locator(Finder::new(&log), "").unwrap();
    for moment in ["locate", "finished"] {
        for (how, expected) in [
            ("gone", ErrorKind::ObjectNotExist),
            ("unknown", ErrorKind::Unknown),
            ("panic", ErrorKind::Unknown),
            ("declared", ErrorKind::UnknownUser),
        ] {
            for wait in ["", "wait-"] {
                let identity = format!("any/here-{wait}{moment}-{how}");
                let proxy = proxy(&adapter, &client, &identity);
                let error = proxy.echo("text").await.expect_err(&identity);
                assert_eq!(error.kind(), expected, "{identity}");
                // An exception that the operation declares arrives as itself, whoever raised it.
                if how == "declared" {
                    let echo::RefuseError::Refused(refused) =
                        proxy.refuse("servant").await.unwrap_err()
                    else {
                        panic!("{identity}")
                    };
                    assert_eq!(refused.why, moment);
                    assert_eq!(error.reason(), "::Test::Refused");
                }
            }
        }
    }
    end(server, client).await;
}

#[tokio::test]
async fn servants_that_were_added_come_before_those_that_a_locator_finds() {
    let (server, adapter, client) = adapter();
    let (of_all, of_category) = (Arc::<Log>::default(), Arc::<Log>::default());
    let finder = Arc::new(Finder::new(&of_category));
    adapter
        .add_servant_locator(Arc::clone(&finder), "cat")
        .unwrap();
    adapter
        .add_servant_locator(Finder::new(&of_all), "")
        .unwrap();
    adapter
        .add(servant(), Identity::with_category("here", "cat"))
        .unwrap();
    proxy(&adapter, &client, "cat/here")
        .ice_ping()
        .await
        .unwrap();
    assert!(of_category.take().is_empty());
    // A facet that was not added is asked of the locator; where that knows none, the object is there all the same.
    let facet = |name: &str| {
        let object = proxy(&adapter, &client, name);
        object.with_facet("none")
    };
    facet("cat/here").ice_ping().await.unwrap();
    adapter
        .add(servant(), Identity::with_category("nowhere", "cat"))
        .unwrap();
    assert_eq!(
        kind(facet("cat/nowhere").ice_ping().await),
        ErrorKind::FacetNotExist
    );
    proxy(&adapter, &client, "dog/here")
        .ice_ping()
        .await
        .unwrap();
    assert_eq!(of_all.take().len(), 2);
    assert_eq!(of_category.take().len(), 3);
    adapter.add_default_servant(servant(), "dog").unwrap();
    proxy(&adapter, &client, "dog/nowhere")
        .ice_ping()
        .await
        .unwrap();
    assert!(of_all.take().is_empty());

    assert_eq!(
        kind(adapter.add_servant_locator(Finder::new(&of_all), "cat")),
        ErrorKind::AlreadyRegistered
    );
    let found = adapter.find_servant_locator::<Arc<Finder>>("cat").unwrap();
    assert!(Arc::ptr_eq(&*found.unwrap(), &finder));
    let other = adapter.find_servant_locator::<Finder>("dog").unwrap();
    assert!(other.is_none());
    adapter.remove_servant_locator("cat").unwrap();
    assert_eq!(
        kind(adapter.remove_servant_locator("cat")),
        ErrorKind::NotRegistered
    );
    // The other one takes its place.
    proxy(&adapter, &client, "cat/here-2")
        .ice_ping()
        .await
        .unwrap();
    assert_eq!(of_all.take().len(), 2);
    adapter.destroy().await;
    assert_eq!(of_all.take(), ["deactivate "]);
    assert!(of_category.take().is_empty());
    end(server, client).await;
}

/// Many objects in one servant, which are not all of the same type.
struct Zoo;

impl Object for Zoo {
    async fn ice_ping(&self, current: &Current) -> Result<(), DispatchError> {
        match current.identity().name.as_str() {
            "gone" => Err(Error::object_not_exist().into()),
            "facet" => Err(Error::new(ErrorKind::FacetNotExist, "").into()),
            "refused" => Err(Refused { why: "no".into() }.into()),
            _ => Ok(()),
        }
    }

    async fn ice_ids(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> Result<Vec<String>, DispatchError> {
        tokio::task::yield_now().await;
        Ok(vec![current.identity().name, types.most_derived.to_owned()])
    }
}

#[tokio::test]
async fn a_servant_may_answer_for_itself_what_every_object_answers() {
    let (server, adapter, client) = adapter();
    adapter
        .add_default_servant(servant().with_object(Zoo), "zoo")
        .unwrap();
    proxy(&adapter, &client, "zoo/there")
        .ice_ping()
        .await
        .unwrap();
    for (name, expected) in [
        ("gone", ErrorKind::ObjectNotExist),
        ("facet", ErrorKind::FacetNotExist),
        ("refused", ErrorKind::UnknownUser),
    ] {
        let proxy = proxy(&adapter, &client, &format!("zoo/{name}"));
        let error = proxy.ice_ping().await.unwrap_err();
        assert_eq!(error.kind(), expected);
        assert!(error.to_string().contains(&format!("zoo/{name}")));
    }
    let proxy = proxy(&adapter, &client, "zoo/cat");
    assert_eq!(proxy.ice_ids().await.unwrap(), ["cat", "::Test::Echo"]);
    // What is not overridden is as ever.
    assert_eq!(proxy.ice_id().await.unwrap(), "::Test::Echo");
    assert!(proxy.ice_is_a("::Ice::Object").await.unwrap());
    assert!(!proxy.ice_is_a("::Test::Other").await.unwrap());
    assert_eq!(proxy.echo("miaow").await.unwrap(), "miaow");
    end(server, client).await;
}

/// Lets members in, and writes down how each request ended.
struct Guard {
    waits: bool,
    log: Arc<Log>,
}

impl Interceptor for Guard {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        if self.waits {
            tokio::task::yield_now().await;
        }
        match current.context().get("member").map(String::as_str) {
            Some("yes") => {}
            Some(_) => {
                return Err(Refused {
                    why: "not yet".into(),
                }
                .into());
            }
            None => return Err(Error::unknown("members only").into()),
        }
        let reply = next.run().await;
        let outcome = match reply.outcome() {
            Outcome::Returned => "returned".to_owned(),
            Outcome::Raised(type_id) => type_id,
            Outcome::Failed(error) => format!("{:?}", error.kind()),
            _ => "something else".to_owned(),
        };
        self.log.add(format!("{}: {outcome}", current.operation()));
        Ok(reply)
    }
}

#[tokio::test]
async fn an_interceptor_refuses_forwards_and_sees_how_requests_end() {
    let (server, adapter, client) = adapter();
    for waits in [false, true] {
        let log = Arc::<Log>::default();
        let name = format!("guarded-{waits}");
        let (servant, mut seen) = EchoServant::new();
        let guard = Guard {
            waits,
            log: Arc::clone(&log),
        };
        adapter
            .add(servant.intercepted_by(guard), Identity::new(&name))
            .unwrap();
        let member = |what: &str| proxy(&adapter, &client, &name).with_context([("member", what)]);
        let stranger = proxy(&adapter, &client, &name);
        let error = stranger.echo("let me in").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.reason()),
            (ErrorKind::Unknown, "members only")
        );
        assert_eq!(kind(stranger.ice_ping().await), ErrorKind::Unknown);
        assert!(matches!(
            member("later").refuse("").await.unwrap_err(),
            echo::RefuseError::Refused(refused) if refused.why == "not yet"
        ));
        assert!(
            seen.try_recv().is_err(),
            "the servant hears nothing of them"
        );
        let member = member("yes");
        assert_eq!(member.echo("here").await.unwrap(), "here");
        member.ice_ping().await.unwrap();
        member.refuse("").await.unwrap_err();
        member.fail("").await.unwrap_err();
        member.no_such_operation().await.unwrap_err();
        assert_eq!(member.later("late").await.unwrap(), "late");
        assert!(matches!(seen.try_recv(), Ok(Seen::Operation(..))));
        assert_eq!(
            log.take(),
            [
                "echo: returned",
                "ice_ping: returned",
                "refuse: ::Test::Refused",
                "fail: Unknown",
                "noSuchOperation: OperationNotExist",
                "later: returned"
            ]
        );
    }
    end(server, client).await;
}

/// Passes every request on to an object that it knows by proxy alone.
struct Bridge {
    target: ObjectPrx,
    passed: AtomicUsize,
}

impl Blob for Bridge {
    async fn ice_invoke(
        &self,
        params: Encapsulation,
        current: &Current,
    ) -> Result<Invoked, DispatchError> {
        self.passed.fetch_add(1, Ordering::SeqCst);
        let target = self.target.with_context(&current.context());
        let (operation, mode) = (current.operation(), current.mode());
        Ok(target.ice_invoke(&operation, mode, &params).await?)
    }
}

#[tokio::test]
async fn a_bridge_passes_calls_on_without_knowing_what_is_in_them() {
    let behind = Server::start(&[]);
    let (server, adapter, client) = adapter();
    let bridge = Arc::new(Bridge {
        target: behind.proxy_in(&server).unchecked_cast(),
        passed: AtomicUsize::new(0),
    });
    adapter
        .add(
            BlobServant::from_arc(Arc::clone(&bridge)),
            Identity::new("bridge"),
        )
        .unwrap();
    for encoding in [ice::EncodingVersion::V1_1, ice::EncodingVersion::V1_0] {
        let proxy = proxy(&adapter, &client, "bridge").with_encoding(encoding);
        assert_eq!(proxy.echo("over there").await.unwrap(), "over there");
        assert_eq!(proxy.later("later").await.unwrap(), "later");
        assert!(matches!(
            proxy.refuse("no").await.unwrap_err(),
            echo::RefuseError::Refused(refused) if refused.why == "no"
        ));
        assert_eq!(proxy.ice_id().await.unwrap(), "::Test::Echo");
        let many = proxy.bytes(100_000).await.unwrap();
        assert_eq!(many.len(), 100_000);
        // A failure behind the bridge is one of the bridge's own calls.
        assert_eq!(
            kind(proxy.no_such_operation().await),
            ErrorKind::UnknownLocal
        );
    }
    assert_eq!(bridge.passed.load(Ordering::SeqCst), 12);

    // By hand: a string of four letters, and what it comes back as.
    let proxy = proxy(&adapter, &client, "bridge");
    let params = Encapsulation::of_body(ice::EncodingVersion::V1_1, b"\x04abcd").unwrap();
    let result = proxy
        .ice_invoke("echo", OperationMode::Normal, &params)
        .await
        .unwrap();
    assert_eq!(result, Invoked::Returned(params.clone()));
    let raised = proxy
        .ice_invoke("refuse", OperationMode::Normal, &params)
        .await
        .unwrap();
    assert!(matches!(raised, Invoked::Raised(_)));
    let sent = proxy
        .with_oneway()
        .ice_invoke("swallow", OperationMode::Normal, &params)
        .await
        .unwrap();
    assert_eq!(
        sent,
        Invoked::Returned(Encapsulation::empty(ice::EncodingVersion::V1_1))
    );
    // Bytes that are not what the operation wants are refused there.
    let error = proxy
        .ice_invoke("itself", OperationMode::Normal, &params)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownLocal);
    end(server, client).await;
    behind.communicator.destroy().await;
}
