//! Every local exception of Ice is a kind of error, with what it carries.

#![allow(clippy::unwrap_used)]

mod echo;

use std::collections::BTreeSet;
use std::path::Path;

use echo::{EchoPrx, EchoServant, Server, communicator};
use ice::{Details, ErrorKind, Identity, Properties, Prx as _};

/// Where the packages of Ice put its Slice files.
const SLICE: &str = "/usr/share/ice/slice/Ice/LocalException.ice";

#[test]
fn every_local_exception_of_ice_is_a_kind_of_error() {
    assert!(
        Path::new(SLICE).exists(),
        "zeroc-ice-slice is not installed"
    );
    let text = std::fs::read_to_string(SLICE).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let defined: BTreeSet<String> = words
        .windows(3)
        .filter(|window| window[0] == "local" && window[1] == "exception")
        .map(|window| format!("::Ice::{}", window[2]))
        .collect();
    assert!(defined.len() > 50, "{defined:?}");
    let known: BTreeSet<String> = ErrorKind::ALL
        .iter()
        .map(|kind| kind.type_id().to_owned())
        .collect();
    assert_eq!(known, defined);
}

#[tokio::test]
async fn what_an_exception_carries_comes_along() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);

    let missing = proxy.no_such_operation().await.unwrap_err();
    let request = |name: &str, facet: &str, operation: &str| Details::Request {
        identity: Identity::new(name),
        facet: facet.to_owned(),
        operation: operation.to_owned(),
    };
    assert_eq!(*missing.details(), request("echo", "", "noSuchOperation"));
    let facet: EchoPrx = proxy.unchecked_cast_facet("side");
    let missing = facet.echo("").await.unwrap_err();
    assert_eq!(*missing.details(), request("echo", "side", "echo"));

    let oneway = proxy.with_oneway().echo("").await.unwrap_err();
    assert_eq!(*oneway.details(), Details::Operation("echo".to_owned()));

    let (servant, _seen) = EchoServant::new();
    let taken = server
        .adapter
        .add(servant, Identity::new("echo"))
        .unwrap_err();
    assert_eq!(
        *taken.details(),
        Details::Registration {
            kind_of_object: "servant".to_owned(),
            id: "echo".to_owned()
        }
    );
    let illegal = server.adapter.create_proxy(Identity::new("")).unwrap_err();
    assert_eq!(*illegal.details(), Details::Identity(Identity::default()));

    let nowhere = client
        .string_to_proxy("echo:tcp -h no-such-host.invalid -p 1")
        .unwrap();
    let unknown = nowhere.ice_ping().await.unwrap_err();
    assert!(
        matches!(unknown.details(), Details::Host { host, error } if host == "no-such-host.invalid" && *error != 0),
        "{:?}",
        unknown.details()
    );
    let endpoint = server.adapter.endpoints()[0].to_string();
    let used = client
        .create_adapter_with_endpoints("Used", &endpoint)
        .unwrap_err();
    let Details::System(number) = *used.details() else {
        panic!("{used:?}");
    };
    let system = std::io::Error::from_raw_os_error(number);
    assert_eq!(system.kind(), std::io::ErrorKind::AddrInUse);

    let connection = proxy.connection().await.unwrap().unwrap();
    connection.close(ice::Close::Forcefully);
    let closed = connection.closed().await;
    assert_eq!(*closed.details(), Details::Closed { graceful: false });

    let file = Properties::from_args(["--Ice.Config=/nonexistent/ice.conf"]).unwrap_err();
    assert!(
        matches!(file.details(), Details::File { path, error } if path == "/nonexistent/ice.conf" && *error != 0),
        "{file:?}"
    );
    server.adapter.destroy().await;
    let ended = server
        .adapter
        .create_proxy(Identity::new("late"))
        .unwrap_err();
    assert_eq!(*ended.details(), Details::Adapter("Echo".to_owned()));
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn the_caller_reads_of_a_servants_own_failed_call_no_more_than_its_type() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    let inner = client
        .string_to_proxy(&format!("hidden:tcp -h 127.0.0.1 -p {port}"))
        .unwrap();
    let proxy = server.proxy_in(&client);
    let error = proxy.forward(&inner.unchecked_cast()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownLocal);
    assert_eq!(error.reason(), ErrorKind::ConnectionRefused.type_id());
    client.destroy().await;
    server.communicator.destroy().await;
}

#[test]
fn a_configuration_file_that_cannot_be_read_is_named() {
    let directory = std::env::temp_dir().join(format!("ice-exceptions-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let error = Properties::from_args([format!("--Ice.Config={}", directory.display())]);
    let directory_read = error.err().map(|error| error.to_string());
    let file = directory.join("bytes.conf");
    std::fs::write(&file, b"A.B=\xff\xfe\nno equals sign\n=empty\nA.C=\\").unwrap();
    let read = Properties::from_args([format!("--Ice.Config={}", file.display())]);
    std::fs::remove_dir_all(&directory).unwrap();
    if let Some(told) = directory_read {
        assert!(told.contains("ice-exceptions"), "{told}");
    }
    match read {
        // Bytes that are no UTF-8 do no harm, and lines that are none are passed over with a warning.
        Ok((properties, _)) => assert!(properties.get("A.B").is_some()),
        Err(error) => assert!(error.to_string().contains("bytes.conf"), "{error}"),
    }
}

#[test]
fn names_and_values_of_any_kind_are_kept_or_refused() {
    let properties = Properties::new().unwrap();
    let long = "x".repeat(1_000_000);
    for (name, value) in [
        ("My.Empty", ""),
        ("My.Long", long.as_str()),
        (long.as_str(), "long name"),
        ("My.Line\nFeed", "a\nb\0c"),
        ("Möbel.\u{1f600}", "\u{1f600}"),
        ("no dot", "="),
        ("Ice.NoSuch", "1"),
        ("..", ".."),
    ] {
        if properties.set(name, value).is_ok() {
            assert_eq!(properties.get_or(name, ""), value, "{name:.20}");
        }
    }
    assert!(properties.for_prefix("\u{0}").is_empty());
    assert!(properties.list("My.Line\nFeed").len() <= 2);
}
