//! Requests that are well formed, with names and parameters that are not.

use crate::echo::{Server, communicator};
use crate::wire::{EMPTY, Peer, request};

/// Sends a request from a plain socket: the reply's status byte, `None` where the server hung up.
async fn send(port: u16, message: &[u8]) -> Option<u8> {
    let mut peer = Peer::connect(port).await;
    peer.send(message).await;
    peer.receive().await.map(|reply| reply[18])
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
