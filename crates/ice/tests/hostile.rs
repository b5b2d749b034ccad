//! What a peer may do to a server, and a servant to its process.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::Duration;

use echo::{EchoPrx, Server, communicator};
use ice::{ErrorKind, Prx as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request of the Ice protocol with these names, whatever bytes they are of.
fn request(
    identity: &[u8],
    facet: &[u8],
    operation: &[u8],
    context: &[u8],
    encapsulation: &[u8],
) -> Vec<u8> {
    fn string(bytes: &[u8]) -> Vec<u8> {
        [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }
    let mut body = 1_i32.to_le_bytes().to_vec();
    body.extend(string(identity));
    body.extend(string(b""));
    body.push(1);
    body.extend(string(facet));
    body.extend(string(operation));
    body.push(0);
    body.push(1);
    body.extend(string(context));
    body.extend(string(context));
    body.extend(encapsulation);
    let mut message = b"IceP\x01\x00\x01\x00\x00\x00".to_vec();
    message.extend(i32::try_from(14 + body.len()).unwrap().to_le_bytes());
    message.extend(body);
    message
}

const EMPTY: [u8; 6] = [6, 0, 0, 0, 1, 1];

/// Sends a request from a plain socket: the reply's status byte, `None` where the server hung up.
async fn send(port: u16, message: &[u8]) -> Option<u8> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut validation = [0; 14];
    socket.read_exact(&mut validation).await.unwrap();
    assert_eq!(&validation[..4], b"IceP");
    socket.write_all(message).await.unwrap();
    let mut reply = [0; 19];
    socket.read_exact(&mut reply).await.ok().map(|_| reply[18])
}

// Status bytes of a reply.
const OK: u8 = 0;
const OBJECT_NOT_EXIST: u8 = 2;
const FACET_NOT_EXIST: u8 = 3;
const OPERATION_NOT_EXIST: u8 = 4;
const UNKNOWN_LOCAL: u8 = 5;

#[tokio::test]
async fn names_that_are_not_utf_8_are_answered_and_harm_nobody() {
    let server = Server::start(&[]);
    let port = server.port();
    assert_eq!(
        send(port, &request(b"echo", b"", b"ec\xff\xfeho", b"", &EMPTY)).await,
        Some(OPERATION_NOT_EXIST)
    );
    assert_eq!(
        send(port, &request(b"\xff\xc0", b"", b"echo", b"", &EMPTY)).await,
        Some(OBJECT_NOT_EXIST)
    );
    assert_eq!(
        send(port, &request(b"echo", b"\xed\xa0", b"echo", b"", &EMPTY)).await,
        Some(FACET_NOT_EXIST)
    );
    assert_eq!(
        send(
            port,
            &request(b"echo", b"", b"ice_ping", b"\xff\xff", &EMPTY)
        )
        .await,
        Some(OK)
    );
    let client = communicator(&[]);
    assert_eq!(
        server.proxy_in(&client).echo("alive").await.unwrap(),
        "alive"
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn parameters_that_do_not_decode_are_refused_with_the_reason() {
    let server = Server::start(&[]);
    for params in [
        &[6, 0, 0, 0, 1, 1][..],                       // nothing where a string is
        &[8, 0, 0, 0, 1, 1, 1, 0xff],                  // not UTF-8
        &[11, 0, 0, 0, 1, 1, 255, 255, 255, 255, 127], // two milliards of bytes
        &[9, 0, 0, 0, 1, 1, 1, b'x', 0],               // a byte too many
        &[8, 0, 0, 0, 1, 2, 1, b'x'],                  // encoding 1.2
        &[8, 0, 0, 0, 9, 9, 1, b'x'],                  // encoding 9.9
    ] {
        let status = send(
            server.port(),
            &request(b"echo", b"", b"echo", b"key", params),
        )
        .await;
        assert_eq!(status, Some(UNKNOWN_LOCAL), "{params:?}");
    }
    let client = communicator(&[]);
    assert_eq!(
        server.proxy_in(&client).echo("alive").await.unwrap(),
        "alive"
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_panic_in_a_servant_is_an_unknown_exception_and_the_process_lives() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    for late in [false, true] {
        let error = proxy.panic(late).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.reason()),
            (ErrorKind::Unknown, "the servant panicked"),
            "late: {late}"
        );
    }
    assert_eq!(proxy.echo("alive").await.unwrap(), "alive");
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_servant_says_why_it_failed_or_that_its_object_is_gone() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let error = proxy.fail("the disk is full").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.reason()),
        (ErrorKind::Unknown, "the disk is full")
    );
    assert!(!error.is_transport());
    let error = proxy.no_such_operation().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationNotExist);
    assert!(!error.is_not_exist());
    assert!(
        error.to_string().contains("noSuchOperation on `echo"),
        "{error}"
    );
    let other: EchoPrx = proxy
        .with_identity(&ice::Identity::new("other"))
        .unwrap()
        .unchecked_cast();
    assert_eq!(
        other.echo("").await.unwrap_err().kind(),
        ErrorKind::ObjectNotExist
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn too_large_a_reply_is_told_from_too_large_a_request() {
    let server = Server::start(&["--Ice.MessageSizeMax=100"]);
    let client = communicator(&["--Ice.MessageSizeMax=10"]);
    let proxy = server.proxy_in(&client);
    assert_eq!(
        proxy.bytes(20_000).await.unwrap_err().kind(),
        ErrorKind::MemoryLimit
    );
    let client_without_limit = communicator(&["--Ice.MessageSizeMax=0"]);
    let proxy = server.proxy_in(&client_without_limit);
    let error = proxy.swallow(&vec![0; 200_000]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(proxy.echo("alive").await.unwrap(), "alive");
    client.destroy().await;
    client_without_limit.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_peer_that_says_nothing_or_nonsense_holds_up_nobody() {
    let server = Server::start(&[]);
    let silent = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .unwrap();
    let mut rude = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .unwrap();
    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = rude.read_to_end(&mut rest).await;
    let client = communicator(&[]);
    assert_eq!(
        server.proxy_in(&client).echo("alive").await.unwrap(),
        "alive"
    );
    client.destroy().await;
    tokio::time::timeout(Duration::from_secs(5), server.communicator.destroy())
        .await
        .expect("nobody holds it up");
    drop(silent);
}
