//! A server of clients that break the protocol.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::echo::{Server, communicator};
use crate::soon;
use crate::wire::{
    BATCH, CLOSE, EMPTY, HEAD, Peer, REPLY, REQUEST, VALIDATE, call, encapsulation, message,
    message_of_size, numbered, size, string,
};

/// A call of `echo` that is right in every way.
fn honest() -> Vec<u8> {
    numbered(
        1,
        &call(b"echo", b"", b"echo", &[0], &encapsulation(b"\x01x")),
    )
}

/// Whether the server still answers, those who ask and those who asked before.
async fn assert_alive(server: &Server) {
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    assert_eq!(soon(proxy.echo("alive")).await.unwrap(), "alive");
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_message_that_makes_no_sense_is_refused_or_ends_its_connection_and_no_other() {
    let server = Server::start(&[]);
    let noted = call(b"echo", b"", b"note", &[0], &encapsulation(&[1, 0, 0, 0]));
    let batch = |count: i32, calls: &[u8]| message(BATCH, &[&count.to_le_bytes(), calls].concat());
    let entries = |count: &[u8]| numbered(1, &call(b"echo", b"", b"echo", count, &EMPTY));
    let messages: &[(&str, Vec<u8>)] = &[
        ("no Ice", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a message of unknown kind", message(9, b"what")),
        ("a message of no size", message_of_size(REQUEST, 0, 0, &[])),
        (
            "a message of less than its head",
            message_of_size(REQUEST, 0, HEAD - 1, &[]),
        ),
        (
            "a message of 2 GiB",
            message_of_size(REQUEST, 0, 0x7fff_ffff, &[]),
        ),
        (
            "a message of negative size",
            message_of_size(REQUEST, 0, 0xffff_ffff, &[]),
        ),
        (
            "a message just over the limit",
            message_of_size(REQUEST, 0, 1024 * 1024 + 1, &[]),
        ),
        ("a request that ends after its head", message(REQUEST, &[])),
        (
            "a request that ends in its number",
            message(REQUEST, &[1, 0]),
        ),
        (
            "a request that ends in its identity",
            numbered(1, b"\x09ech"),
        ),
        (
            "a request with two facets",
            numbered(1, b"\x04echo\x00\x02\x01a\x01b\x04echo\x00\x00"),
        ),
        (
            "a request with 2 milliards of facets",
            numbered(1, b"\x04echo\x00\xff\xff\xff\xff\x7f"),
        ),
        (
            "a context of 2 milliards of entries",
            entries(&[255, 255, 255, 255, 127]),
        ),
        (
            "a context of negative size",
            entries(&[255, 255, 255, 255, 255]),
        ),
        (
            "a context that is cut short",
            entries(&[3, 1, b'a', 1, b'b']),
        ),
        (
            "an encapsulation that claims more",
            numbered(1, &call(b"echo", b"", b"echo", &[0], &[99, 0, 0, 0, 1, 1])),
        ),
        (
            "an encapsulation of negative size",
            numbered(
                1,
                &call(b"echo", b"", b"echo", &[0], &[255, 255, 255, 255, 1, 1]),
            ),
        ),
        ("a batch that ends after its head", message(BATCH, &[])),
        ("a batch of a negative number of calls", batch(-1, &noted)),
        ("a batch of more calls than there are", batch(3, &noted)),
        ("a batch of 2 milliards of calls", batch(i32::MAX, &noted)),
        (
            "a compressed message without a size",
            message_of_size(REQUEST, 2, HEAD, &[]),
        ),
        (
            "a compressed message that is none",
            message_of_size(REQUEST, 2, HEAD + 12, b"\x64\0\0\0nonsense"),
        ),
        (
            "a compressed message of 2 GiB",
            message_of_size(REQUEST, 2, HEAD + 12, b"\xff\xff\xff\x7fnonsense"),
        ),
        (
            "a compressed message of negative size",
            message_of_size(REQUEST, 2, HEAD + 12, b"\xff\xff\xff\xffnonsense"),
        ),
    ];
    for (what, message) in messages {
        eprintln!("{what}");
        let mut peer = Peer::connect(server.port()).await;
        peer.send(message).await;
        // Where it can be told whom to refuse what, that is the answer; else the connection ends.
        while let Some(answer) = soon(peer.receive()).await {
            if answer[8] == REPLY {
                assert!(answer[18] >= 2, "{what}: {answer:?}");
                break;
            }
            assert_eq!(answer[8], CLOSE, "{what}: {answer:?}");
        }
        assert_alive(&server).await;
    }
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn messages_that_say_nothing_are_passed_over() {
    let server = Server::start(&[]);
    let nothing = [
        message(VALIDATE, &[]).repeat(1000),
        message(REPLY, &[&77_i32.to_le_bytes()[..], &[0], &EMPTY].concat()),
        message(BATCH, &0_i32.to_le_bytes()),
        numbered(0, &call(b"nobody", b"", b"echo", &[0], &EMPTY)),
    ];
    let mut peer = Peer::connect(server.port()).await;
    for nothing in nothing {
        peer.send(&nothing).await;
        peer.send(&honest()).await;
        let answer = soon(peer.receive()).await.expect("the connection is whole");
        assert_eq!((answer[8], answer[18]), (REPLY, 0));
    }
    peer.send(&message(CLOSE, &[])).await;
    assert_eq!(soon(peer.receive()).await, None);
    assert_alive(&server).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn the_calls_of_a_batch_that_lies_are_made_as_far_as_they_go() {
    let server = Server::start(&[]);
    let noted = call(b"echo", b"", b"note", &[0], &encapsulation(&[1, 0, 0, 0]));
    let garbled = call(b"echo", b"", b"note", &[0], &encapsulation(b"\x01"));
    let mut peer = Peer::connect(server.port()).await;
    // Two calls where one is announced: the second is nobody's.
    peer.send(&message(
        BATCH,
        &[&1_i32.to_le_bytes()[..], &noted, &noted].concat(),
    ))
    .await;
    // One that does not decode, amid others that do.
    peer.send(&message(
        BATCH,
        &[&3_i32.to_le_bytes()[..], &noted, &garbled, &noted].concat(),
    ))
    .await;
    peer.send(&honest()).await;
    let answer = soon(peer.receive()).await.expect("the connection is whole");
    assert_eq!((answer[8], answer[18]), (REPLY, 0));
    assert_eq!(server.calls.load(Ordering::SeqCst), 5);
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn a_context_of_100_000_entries_is_read_and_one_over_the_limit_is_not() {
    let server = Server::start(&[]);
    let context = |entries: usize| {
        let mut context = size(entries);
        for number in 0..entries {
            context.extend(string(format!("{number:x}").as_bytes()));
            context.extend(string(b""));
        }
        numbered(
            1,
            &call(b"echo", b"", b"echo", &context, &encapsulation(b"\x01x")),
        )
    };
    let mut peer = Peer::connect(server.port()).await;
    peer.send(&context(100_000)).await;
    let answer = soon(peer.receive()).await.expect("it is within the limit");
    assert_eq!((answer[8], answer[18]), (REPLY, 0));
    peer.send(&context(200_000)).await;
    while soon(peer.receive()).await.is_some() {}
    assert_alive(&server).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn a_peer_that_says_nothing_or_half_a_word_holds_up_nobody() {
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
    let mut halves = Vec::new();
    for end in [3, HEAD, HEAD + 5] {
        let mut peer = Peer::connect(server.port()).await;
        peer.send(&honest()[..end]).await;
        halves.push(peer);
    }
    assert_alive(&server).await;
    tokio::time::timeout(Duration::from_secs(5), server.communicator.destroy())
        .await
        .expect("nobody holds it up");
    drop((silent, halves));
}

#[tokio::test]
async fn garbage_in_datagrams_and_in_place_of_a_websocket_harms_nobody() {
    let server = Server::start(&["--Ice.Warn.Datagrams=0"]);
    let endpoints = "udp -h 127.0.0.1 -p 0:ws -h 127.0.0.1 -p 0";
    let adapter = server
        .communicator
        .create_adapter_with_endpoints("Garbage", endpoints)
        .unwrap();
    adapter.activate().unwrap();
    let port = |at: usize| -> u16 {
        let endpoint = adapter.endpoints()[at].to_string();
        let rest = endpoint.split(" -p ").nth(1).unwrap();
        rest.split(' ').next().unwrap().parse().unwrap()
    };
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let whole = numbered(0, &call(b"x", b"", b"x", &[0], &EMPTY));
    for end in 0..=whole.len() {
        socket
            .send_to(&whole[..end], ("127.0.0.1", port(0)))
            .await
            .unwrap();
    }
    for datagram in [
        vec![0xff; 60_000],
        message_of_size(REQUEST, 0, 0x7fff_ffff, &[]),
        message_of_size(BATCH, 0, HEAD + 4, &i32::MAX.to_le_bytes()),
        message_of_size(REQUEST, 2, HEAD + 4, &i32::MAX.to_le_bytes()),
        message(VALIDATE, &[]),
        message(CLOSE, &[]),
    ] {
        socket
            .send_to(&datagram, ("127.0.0.1", port(0)))
            .await
            .unwrap();
    }
    for upgrade in [
        &b"\x00\x01\x02\xff"[..],
        b"IceP",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        &b"GET / HTTP/1.1\r\nX: ".repeat(100_000),
    ] {
        let mut peer = TcpStream::connect(("127.0.0.1", port(1))).await.unwrap();
        let _ = peer.write_all(upgrade).await;
        let _ = peer.shutdown().await;
        let mut rest = Vec::new();
        let _ = soon(peer.read_to_end(&mut rest)).await;
    }
    assert_alive(&server).await;
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn ten_thousand_bad_messages_leave_no_memory_behind() {
    let server = Server::start(&[]);
    let bad = numbered(
        1,
        &call(
            b"echo",
            b"",
            b"echo",
            &[0],
            &encapsulation(b"\xff\xff\xff\xff\x7f"),
        ),
    );
    let worse = message_of_size(REQUEST, 0, 1024 * 1024 + 1, &[]);
    let round = async || {
        for _ in 0..20 {
            let mut peer = Peer::connect(server.port()).await;
            for _ in 0..50 {
                peer.send(&bad).await;
                let answer = soon(peer.receive()).await.expect("a refusal");
                assert!(answer[18] >= 5);
            }
            peer.send(&worse).await;
            while soon(peer.receive()).await.is_some() {}
        }
    };
    // Buffers and pools grow to their size first.
    round().await;
    let before = resident_pages();
    for _ in 0..10 {
        round().await;
    }
    let grown = resident_pages().saturating_sub(before) * 4096;
    assert!(grown < 4 * 1024 * 1024, "{grown} bytes");
    soon(server.communicator.destroy()).await;
}

/// Pages of memory that this process has in use.
fn resident_pages() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse().unwrap()
}
