//! TLS by properties alone: who is who is said by certificates.

#![allow(clippy::unwrap_used)]

mod authority;
mod echo;

use authority::Authority;
use echo::{EchoPrx, EchoServant, Seen, communicator};
use ice::{Adapter, Communicator, ErrorKind, Identity, Prx as _, Transport};
use tokio::sync::mpsc;

/// Milliseconds are enough between two sockets of one machine, but a machine may be slow.
const PLUG_IN: [&str; 2] = [
    "--Ice.Plugin.IceSSL=IceSSL:createIceSSL",
    "--Ice.Override.ConnectTimeout=10000",
];

struct Peer {
    communicator: Communicator,
    _adapter: Adapter,
    proxy: String,
    seen: mpsc::UnboundedReceiver<Seen>,
}

fn with(properties: &[String]) -> Communicator {
    let plug_in = PLUG_IN.iter().map(ToString::to_string);
    let all: Vec<String> = plug_in.chain(properties.iter().cloned()).collect();
    communicator(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

fn serve(endpoints: &str, properties: &[String]) -> Peer {
    let communicator = with(properties);
    let adapter = communicator
        .create_adapter_with_endpoints("Secure", endpoints)
        .unwrap();
    let (servant, seen) = EchoServant::new();
    let proxy = adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate().unwrap();
    Peer {
        communicator,
        _adapter: adapter,
        proxy: proxy.to_string(),
        seen,
    }
}

fn client(peer: &Peer, properties: &[String]) -> (Communicator, EchoPrx) {
    let client = with(properties);
    let proxy = client.string_to_proxy(&peer.proxy).unwrap();
    (client, proxy.unchecked_cast())
}

#[tokio::test]
async fn both_sides_know_each_other_by_their_certificates() {
    let ca = Authority::new();
    let mut server = serve("ssl -h 127.0.0.1 -p 0", &ca.properties("server", "servers"));
    let (client, proxy) = client(&server, &ca.properties("client", "viewers"));
    assert_eq!(proxy.echo("secret").await.unwrap(), "secret");

    let connection = proxy.cached_connection().unwrap();
    assert_eq!(connection.transport(), "ssl");
    assert_eq!(connection.endpoint().info().transport, Transport::Ssl);
    assert!(connection.endpoint().info().secure);
    let info = connection.info().unwrap();
    assert!(info.local_address.is_some() && !info.incoming);
    let tls = info.tls.unwrap();
    assert!(tls.verified && !tls.cipher.is_empty(), "{tls:?}");
    assert!(tls.certificates[0].subject.contains("CN=server"), "{tls:?}");
    assert!(tls.certificates[0].issuer.contains("CN=authority"));
    assert!(
        tls.certificates[0]
            .pem
            .starts_with("-----BEGIN CERTIFICATE-----")
    );

    let Some(Seen::Operation(_, _, _, Some(incoming))) = server.seen.recv().await else {
        panic!("the call came over a connection");
    };
    let info = incoming.info().unwrap();
    assert!(info.incoming);
    assert_eq!(info.adapter_name, "Secure");
    let subject = &info.tls.unwrap().certificates[0].subject;
    assert!(
        subject.contains("CN=client") && subject.contains("OU=viewers"),
        "{subject}"
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_at_both_ends() {
    let (ca, other) = (Authority::new(), Authority::new());
    let server = serve("ssl -h 127.0.0.1 -p 0", &ca.properties("server", "servers"));
    // The client does not know who signed the server's.
    let (stranger, proxy) = client(&server, &other.properties("client", "viewers"));
    let error = proxy.echo("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Security, "{error}");
    assert!(error.is_transport(), "{error}");
    assert!(error.reason().contains("certificate"), "{error}");
    // The server does not know who signed the client's.
    let mut lenient = other.properties("client", "viewers");
    lenient.push("--IceSSL.VerifyPeer=0".to_owned());
    let (forger, proxy) = client(&server, &lenient);
    let error = proxy.echo("x").await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    stranger.destroy().await;
    forger.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn trust_only_lets_in_whom_it_names() {
    let ca = Authority::new();
    let mut properties = ca.properties("server", "servers");
    properties.push("--IceSSL.TrustOnly.Server.Secure=OU=\"viewers\"".to_owned());
    let server = serve("ssl -h 127.0.0.1 -p 0", &properties);
    let (viewer, proxy) = client(&server, &ca.properties("one", "viewers"));
    assert_eq!(proxy.echo("in").await.unwrap(), "in");
    let (other, proxy) = client(&server, &ca.properties("two", "others"));
    let error = proxy.echo("out").await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    viewer.destroy().await;
    other.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_secure_proxy_passes_over_endpoints_that_are_not() {
    let ca = Authority::new();
    let server = serve(
        "tcp -h 127.0.0.1 -p 0:ssl -h 127.0.0.1 -p 0",
        &ca.properties("server", "servers"),
    );
    let (client, proxy) = client(&server, &ca.properties("client", "viewers"));
    for (proxy, transport) in [
        (proxy.with_prefer_secure(true), "ssl"),
        (proxy.with_secure(true), "ssl"),
        (
            proxy.with_prefer_secure(false).with_connection_id("b"),
            "tcp",
        ),
    ] {
        assert_eq!(proxy.echo("x").await.unwrap(), "x");
        let connection = proxy.cached_connection().unwrap();
        assert_eq!(connection.transport(), transport);
    }
    let plain = proxy.with_endpoints("tcp -h 127.0.0.1 -p 1").unwrap();
    let error = plain.with_secure(true).echo("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoEndpoint);
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn secure_websockets_show_certificates_and_headers() {
    let ca = Authority::new();
    let server = serve(
        "wss -h 127.0.0.1 -p 0 -r /echo",
        &ca.properties("server", "servers"),
    );
    let (client, proxy) = client(&server, &ca.properties("client", "viewers"));
    assert_eq!(proxy.echo("x").await.unwrap(), "x");
    let connection = proxy.cached_connection().unwrap();
    assert_eq!(connection.transport(), "wss");
    let info = connection.endpoint();
    assert_eq!(info.info().transport, Transport::Wss);
    assert_eq!(info.info().resource.as_deref(), Some("/echo"));
    let info = connection.info().unwrap();
    assert!(info.headers.unwrap().contains_key("Sec-WebSocket-Accept"));
    assert!(info.tls.unwrap().verified);
    assert!(info.remote_address.is_some());
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_told_when_the_communicator_is_made() {
    let (properties, _) = ice::Properties::from_args([
        "--Ice.Plugin.IceSSL=IceSSL:createIceSSL",
        "--IceSSL.CertFile=/nonexistent/server.pem",
    ])
    .unwrap();
    let error = Communicator::new(properties).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PluginInitialization);
    assert!(error.to_string().contains("server.pem"), "{error}");
}
