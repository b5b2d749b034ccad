//! What the runtime raises, as typed errors: at each function of the border, and on the way to a peer.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::{Duration, Instant};

use echo::{EchoPrx, Server, communicator};
use ice::{
    Acm, AcmClose, AcmHeartbeat, Close, Communicator, ErrorKind, Identity, Properties, Prx as _,
};

fn kind<T>(result: Result<T, ice::Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.kind(),
    }
}

#[tokio::test]
async fn strings_that_are_no_proxies_are_refused_by_name() {
    let client = communicator(&["--My.Proxy=a b c:", "--Good.Proxy=hello:tcp -h h -p 1"]);
    for (text, expected) in [
        ("", ErrorKind::ProxyParse),
        ("a b", ErrorKind::ProxyParse),
        ("a:tcp -p nonsense", ErrorKind::EndpointParse),
        ("a:nonsense -p 1", ErrorKind::EndpointParse),
        ("a -f", ErrorKind::ProxyParse),
        ("a/b/c:tcp -p 1", ErrorKind::IdentityParse),
        ("\u{0}:tcp -p 1", ErrorKind::IdentityParse),
    ] {
        let error = client.string_to_proxy(text).expect_err(text);
        assert_eq!(error.kind(), expected, "{text:?}");
        assert!(error.to_string().contains(text), "{error}");
    }
    let error = client.string_to_proxy("a:ssl -p 1").unwrap_err();
    assert!(error.to_string().contains("Ice.Plugin.IceSSL="), "{error}");
    let error = client.proxy_from_property("My.Proxy").unwrap_err();
    assert!(error.to_string().contains("My.Proxy=a b c:"), "{error}");
    assert_eq!(
        client
            .proxy_from_property("Good.Proxy")
            .unwrap()
            .unwrap()
            .identity(),
        Identity::new("hello")
    );
    assert!(client.proxy_from_property("No.Proxy").unwrap().is_none());
    client.destroy().await;
}

#[tokio::test]
async fn an_adapter_that_cannot_be_made_says_which_and_why() {
    let server = Server::start(&[]);
    let endpoint = format!("tcp -h 127.0.0.1 -p {}", server.port());
    let other = communicator(&[
        &format!("--Taken.Endpoints={endpoint}"),
        "--Bad.Endpoints=tcp -p x",
    ]);
    let error = other.create_adapter("Taken").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Socket);
    assert!(
        error.to_string().contains("Taken") && error.to_string().contains(&endpoint),
        "{error}"
    );
    assert_eq!(kind(other.create_adapter("Bad")), ErrorKind::EndpointParse);
    let error = other.create_adapter("Unconfigured").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Initialization);
    assert!(
        error.to_string().contains("set Unconfigured.Endpoints"),
        "{error}"
    );
    assert_eq!(
        kind(other.create_adapter_with_endpoints("X", "nonsense")),
        ErrorKind::EndpointParse
    );
    other.destroy().await;
    assert_eq!(
        kind(other.create_adapter("Late")),
        ErrorKind::CommunicatorDestroyed
    );
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_communicator_that_cannot_be_made_says_why() {
    let (properties, _) = Properties::from_args(["--Ice.Plugin.X=nosuchlibrary:create"]).unwrap();
    let error = Communicator::new(properties).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PluginInitialization);
    assert!(error.to_string().contains("nosuchlibrary"), "{error}");
    let properties = Properties::new().unwrap();
    assert_eq!(kind(properties.set("", "x")), ErrorKind::Initialization);
}

#[tokio::test]
async fn a_port_without_a_listener_is_connection_refused() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    let client = communicator(&[]);
    let proxy: EchoPrx = client
        .string_to_proxy(&format!("echo:tcp -h 127.0.0.1 -p {port}"))
        .unwrap()
        .unchecked_cast();
    let error = proxy.echo("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(error.is_transport());
    assert_eq!(error.operation(), Some("echo"));
    assert!(error.to_string().contains(&port.to_string()), "{error}");
    assert_eq!(kind(proxy.connection().await), ErrorKind::ConnectionRefused);
    client.destroy().await;
}

#[tokio::test]
async fn a_target_that_does_not_answer_in_time_is_an_invocation_timeout() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server
        .proxy_in(&client)
        .with_invocation_timeout(Duration::from_millis(50));
    let before = Instant::now();
    let error = proxy.wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvocationTimeout);
    assert!(error.is_transport() && before.elapsed() < Duration::from_secs(5));
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_listener_that_never_speaks_is_a_timeout() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let client = communicator(&["--Ice.RetryIntervals=-1"]);
    let proxy = client
        .string_to_proxy(&format!("echo:tcp -h 127.0.0.1 -p {port} -t 50"))
        .unwrap();
    assert_eq!(kind(proxy.ice_ping().await), ErrorKind::ConnectTimeout);
    client.destroy().await;
}

#[tokio::test]
async fn a_host_without_an_address_and_a_proxy_without_endpoints_are_told_apart() {
    let client = communicator(&[]);
    let nowhere = client
        .string_to_proxy("echo:tcp -h no-such-host.invalid -p 1")
        .unwrap();
    assert_eq!(kind(nowhere.ice_ping().await), ErrorKind::Dns);
    let indirect = client.string_to_proxy("echo").unwrap();
    assert_eq!(kind(indirect.ice_ping().await), ErrorKind::NoEndpoint);
    client.destroy().await;
}

#[tokio::test]
async fn a_connection_tells_everybody_who_asked_when_it_closes() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let connection = proxy.connection().await.unwrap().unwrap();
    assert_eq!(connection.remote_address().unwrap().port(), server.port());
    assert_eq!(proxy.cached_connection(), Some(connection.clone()));
    connection
        .set_acm(Acm::new(
            Duration::from_secs(30),
            AcmClose::OnIdleForceful,
            AcmHeartbeat::OnIdle,
        ))
        .unwrap();

    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..2 {
        let sender = sender.clone();
        connection.on_close(move |error| sender.send(error.kind()).unwrap());
    }
    drop(Box::pin(connection.closed()));
    let closed = tokio::spawn(connection.closed());
    server.communicator.destroy().await;
    assert_eq!(receiver.recv().await, Some(ErrorKind::CloseConnection));
    assert_eq!(receiver.recv().await, Some(ErrorKind::CloseConnection));
    assert_eq!(closed.await.unwrap().kind(), ErrorKind::CloseConnection);

    // Also where it is closed already.
    assert_eq!(connection.closed().await.kind(), ErrorKind::CloseConnection);
    assert_eq!(connection.remote_address(), None);
    assert!(connection.set_acm(Acm::default()).is_ok());
    client.destroy().await;
}

#[tokio::test]
async fn a_connection_that_is_closed_here_fails_its_calls_and_is_made_anew_by_the_next() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let connection = proxy.connection().await.unwrap().unwrap();
    let call = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.wait().await }
    });
    assert!(matches!(
        server.seen.recv().await,
        Some(echo::Seen::Waiting)
    ));
    connection.close(Close::Forcefully);
    assert_eq!(
        call.await.unwrap().unwrap_err().kind(),
        ErrorKind::ConnectionManuallyClosed
    );
    assert_eq!(proxy.echo("again").await.unwrap(), "again");
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn what_is_gone_is_a_typed_error_at_every_function_and_ends_no_process() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = client
        .string_to_proxy(&format!("echo:tcp -h 127.0.0.1 -p {}", server.port()))
        .unwrap();
    let connection = proxy.connection().await.unwrap().unwrap();
    let adapter = client
        .create_adapter_with_endpoints("Gone", "tcp -h 127.0.0.1")
        .unwrap();
    assert_eq!(
        kind(adapter.remove(Identity::new("never added"))),
        ErrorKind::NotRegistered
    );
    assert_eq!(
        kind(adapter.remove_facet(Identity::new("never added"), "facet")),
        ErrorKind::NotRegistered
    );
    assert_eq!(
        kind(adapter.create_proxy(Identity::new(""))),
        ErrorKind::IllegalIdentity
    );
    client.destroy().await;

    let gone = [
        ErrorKind::ObjectAdapterDeactivated,
        ErrorKind::CommunicatorDestroyed,
    ];
    for failed in [
        kind(adapter.activate()),
        kind(adapter.create_proxy(Identity::new("a"))),
        kind(adapter.remove(Identity::new("a"))),
        kind(client.string_to_proxy("a:tcp -p 1")),
        kind(proxy.connection().await),
        kind(proxy.ice_ping().await),
    ] {
        assert!(gone.contains(&failed), "{failed:?}");
    }
    // These have no error to give: they answer what can still be told.
    assert_eq!(proxy.identity(), Identity::new("echo"));
    assert!(proxy.to_string().contains("echo"));
    assert_eq!(proxy.facet(), "");
    assert!(proxy.context().is_empty() && proxy.is_twoway());
    assert_eq!(proxy.endpoints().len(), 1);
    let _told = (proxy.invocation_timeout(), proxy.cached_connection());
    let _changed = [
        proxy.with_oneway(),
        proxy.with_secure(true),
        proxy.with_facet("f"),
        proxy.with_connection_id("c"),
        proxy.with_connection_cached(false),
        proxy.with_collocation_optimized(false),
        proxy.with_invocation_timeout(Duration::from_secs(1)),
    ];
    let _listening = (
        adapter.endpoints(),
        adapter.published_endpoints(),
        adapter.name(),
    );
    let _closed = (connection.remote_address(), connection.to_string());
    let acm = Acm::new(Duration::from_secs(1), AcmClose::Off, AcmHeartbeat::Off);
    let _set = connection.set_acm(acm);
    let _adapted = connection.set_adapter(&adapter);
    let _back = connection.create_proxy(Identity::new("back"));
    connection.close(Close::Forcefully);
    server.communicator.destroy().await;
}
