//! What endpoints and connections tell of themselves.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::Duration;

use echo::{EchoPrx, EchoServant, Seen, Server, communicator};
use ice::{
    Acm, AcmClose, AcmHeartbeat, Close, EncodingVersion, ErrorKind, Identity, Prx as _, Transport,
};

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what)
        .await
        .expect("it ends soon")
}

#[tokio::test]
async fn an_endpoint_tells_what_stands_in_its_string() {
    let client = communicator(&[]);
    let proxy = client
        .string_to_proxy(
            "p:tcp -h tcphost -p 10000 -t 1200 -z --sourceAddress 10.10.10.10:udp -h udphost -p 10001 \
             --interface eth0 --ttl 5 --sourceAddress 10.10.10.10:ws -h 127.0.0.1 -p 10002 -t infinite -r /foo/bar:\
             opaque -e 1.0 -t 100 -v ABCD",
        )
        .unwrap();
    let endpoints = proxy.endpoints();
    let [tcp, udp, ws, opaque] = &endpoints[..] else {
        panic!("{endpoints:?}");
    };

    let info = tcp.info();
    assert_eq!(info.transport, Transport::Tcp);
    assert_eq!(info.timeout, Some(Duration::from_millis(1200)));
    assert!(info.compress && !info.datagram && !info.secure);
    let address = info.address.as_ref().unwrap();
    assert_eq!((address.host.as_str(), address.port), ("tcphost", 10000));
    assert_eq!(address.source_address, "10.10.10.10");
    assert!(info.multicast.is_none() && info.resource.is_none() && info.opaque.is_none());

    let info = udp.info();
    assert_eq!(info.transport, Transport::Udp);
    assert!(info.datagram && !info.secure && !info.compress);
    assert_eq!(info.timeout, None);
    let multicast = info.multicast.as_ref().unwrap();
    assert_eq!(
        (multicast.interface.as_str(), multicast.ttl),
        ("eth0", Some(5))
    );
    assert_eq!(info.address.as_ref().unwrap().host, "udphost");

    let info = ws.info();
    assert_eq!(info.transport, Transport::Ws);
    assert_eq!(info.resource.as_deref(), Some("/foo/bar"));
    assert_eq!(info.timeout, None);
    assert_eq!(info.address.as_ref().unwrap().port, 10002);

    let info = opaque.info();
    assert_eq!(info.transport, Transport::Other(100));
    let raw = info.opaque.as_ref().unwrap();
    assert_eq!(raw.encoding, Some(EncodingVersion::V1_0));
    assert_eq!(raw.bytes, [0, 16, 131]);

    // The strings of all of them make the proxy again.
    let text: Vec<String> = endpoints.iter().map(ToString::to_string).collect();
    assert_eq!(proxy.with_endpoints(&text.join(":")).unwrap(), proxy);
    client.destroy().await;
}

#[tokio::test]
async fn an_adapter_tells_where_it_listens_and_what_its_proxies_say() {
    let server = communicator(&[]);
    server
        .properties()
        .set("Info.PublishedEndpoints", "tcp -h published -p 4711")
        .unwrap();
    let adapter = server
        .create_adapter_with_endpoints("Info", "tcp -h 127.0.0.1 -p 0:udp -h 127.0.0.1 -p 0")
        .unwrap();
    let endpoints = adapter.endpoints();
    assert_eq!(endpoints.len(), 2);
    for (endpoint, transport) in endpoints.iter().zip([Transport::Tcp, Transport::Udp]) {
        let info = endpoint.info();
        let address = info.address.as_ref().unwrap();
        assert_eq!(info.transport, transport);
        assert_eq!(address.host, "127.0.0.1");
        assert_ne!(address.port, 0);
    }
    let published = adapter.published_endpoints();
    let address = published[0].info().address.as_ref().unwrap();
    assert_eq!((address.host.as_str(), address.port), ("published", 4711));
    server.destroy().await;
}

#[tokio::test]
async fn a_connection_tells_the_same_from_both_ends() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client).with_connection_id("id");
    proxy.echo("x").await.unwrap();
    let connection = proxy.cached_connection().unwrap();
    connection.set_buffer_sizes(16_384, 16_384).unwrap();
    let Some(Seen::Operation(_, _, _, Some(incoming))) = server.seen.recv().await else {
        panic!("the call came over a connection");
    };
    let (here, there) = (connection.info().unwrap(), incoming.info().unwrap());
    assert!(!here.incoming && there.incoming);
    assert_eq!(
        (here.adapter_name.as_str(), here.connection_id.as_str()),
        ("", "id")
    );
    assert_eq!(there.adapter_name, "Echo");
    assert_eq!(here.remote_address.unwrap().port(), server.port());
    assert_eq!(here.local_address, there.remote_address);
    assert_eq!(here.remote_address, there.local_address);
    assert!(here.receive_buffer >= 16_384 && here.send_buffer >= 16_384);
    assert!(here.tls.is_none() && here.headers.is_none() && here.multicast.is_none());

    assert_eq!(connection.transport(), "tcp");
    assert_eq!(connection.timeout(), Some(Duration::from_secs(60)));
    assert_eq!(connection.endpoint(), proxy.endpoints()[0]);
    assert!(connection.error().is_none());
    connection.close(Close::Gracefully);
    soon(connection.closed()).await;
    let error = connection.info().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionManuallyClosed);
    assert_eq!(connection.error().unwrap().kind(), error.kind());
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn websockets_carry_calls_and_tell_their_headers() {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Web", "ws -h 127.0.0.1 -p 0 -r /chat")
        .unwrap();
    let (servant, mut seen) = EchoServant::new();
    let proxy = adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate().unwrap();
    let client = communicator(&[]);
    let proxy: EchoPrx = client
        .string_to_proxy(&proxy.to_string())
        .unwrap()
        .unchecked_cast();
    assert_eq!(proxy.echo("x").await.unwrap(), "x");
    let connection = proxy.cached_connection().unwrap();
    assert_eq!(connection.transport(), "ws");
    assert!(connection.info().unwrap().headers.is_some());
    let Some(Seen::Operation(_, _, _, Some(incoming))) = seen.recv().await else {
        panic!("the call came over a connection");
    };
    let headers = incoming.info().unwrap().headers.unwrap();
    assert_eq!(headers["Upgrade"], "websocket", "{headers:?}");
    assert_eq!(headers["Sec-WebSocket-Protocol"], "ice.zeroc.com");
    client.destroy().await;
    server.destroy().await;
}

#[tokio::test]
async fn a_group_receives_datagrams_and_its_connection_tells_which() {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Group", "udp -h 239.255.1.1 -p 0 --interface 127.0.0.1")
        .unwrap();
    let (servant, mut seen) = EchoServant::new();
    adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate().unwrap();
    let endpoint = adapter.endpoints().remove(0);
    let port = endpoint.info().address.as_ref().unwrap().port;
    let client = communicator(&[]);
    let proxy: EchoPrx = client
        .string_to_proxy(&format!(
            "echo -d:udp -h 239.255.1.1 -p {port} --interface 127.0.0.1 --ttl 0"
        ))
        .unwrap()
        .unchecked_cast();
    proxy.note(5).await.unwrap();
    assert!(matches!(soon(seen.recv()).await, Some(Seen::Note(5))));
    let info = proxy.cached_connection().unwrap().info().unwrap();
    assert_eq!(
        info.remote_address.unwrap().to_string(),
        format!("239.255.1.1:{port}")
    );
    client.destroy().await;
    server.destroy().await;
}

#[tokio::test]
async fn heartbeats_are_heard_at_the_other_end() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    proxy.echo("x").await.unwrap();
    let Some(Seen::Operation(_, _, _, Some(incoming))) = server.seen.recv().await else {
        panic!("the call came over a connection");
    };
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    incoming.on_heartbeat(move || {
        let _ = sender.send(());
    });
    let connection = proxy.cached_connection().unwrap();
    for _ in 0..3 {
        connection.heartbeat().await.unwrap();
        soon(heard.recv()).await.unwrap();
    }
    // What is ignored is dropped, and a panic of a listener stays with it.
    incoming.ignore_heartbeats();
    assert!(soon(heard.recv()).await.is_none());
    incoming.on_heartbeat(|| panic!("as asked"));
    connection.heartbeat().await.unwrap();
    assert_eq!(proxy.echo("alive").await.unwrap(), "alive");
    connection.close(Close::Forcefully);
    soon(connection.closed()).await;
    let error = connection.heartbeat().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionManuallyClosed);
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn how_a_connection_is_watched_is_told_as_it_was_set() {
    let server = Server::start(&[]);
    let client = communicator(&[
        "--Ice.ACM.Client.Timeout=15",
        "--Ice.ACM.Client.Heartbeat=0",
    ]);
    let connection = server.proxy_in(&client).connection().await.unwrap();
    let connection = connection.unwrap();
    let acm = connection.acm();
    assert_eq!(acm.timeout, Some(Duration::from_secs(15)));
    assert_eq!(acm.close, Some(AcmClose::OnInvocationAndIdle));
    assert_eq!(acm.heartbeat, Some(AcmHeartbeat::Off));
    let changed = Acm::new(
        Duration::from_secs(20),
        AcmClose::OnInvocation,
        AcmHeartbeat::Always,
    );
    connection.set_acm(changed).unwrap();
    assert_eq!(connection.acm(), changed);
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_close_may_wait_for_the_answers_of_calls_under_way() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let connection = proxy.connection().await.unwrap().unwrap();
    let call = tokio::spawn({
        let proxy = proxy.clone();
        async move { proxy.later("in time").await }
    });
    while server.calls.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    soon(connection.close_with_wait()).await.unwrap();
    assert_eq!(soon(call).await.unwrap().unwrap(), "in time");
    let reason = soon(connection.closed()).await;
    assert_eq!(reason.kind(), ErrorKind::ConnectionManuallyClosed);
    // Over a new one.
    assert_eq!(proxy.echo("again").await.unwrap(), "again");
    assert!(server.seen.try_recv().is_ok());
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_connection_that_serves_no_adapter_any_more_answers_that_nobody_is_there() {
    let mut server = Server::start(&[]);
    let client = communicator(&[]);
    let adapter = client.create_adapter("").unwrap();
    let (servant, _called_back) = EchoServant::new();
    let identity = Identity::new("callback");
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
    connection.set_adapter(None).unwrap();
    let error = soon(callback.echo("back")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ObjectNotExist);
    client.destroy().await;
    server.communicator.destroy().await;
}
