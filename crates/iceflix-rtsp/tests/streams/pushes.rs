//! Streams to viewers who do not speak RTSP.

use std::net::UdpSocket;
use std::time::Duration;

use iceflix_rtsp::{End, Event};

use crate::scene::Packet;
use crate::support::film::film;
use crate::support::{PATIENCE, free_ports, server_with, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_nobody_ends_and_one_to_an_impossible_place_does_not_begin() {
    let server = server_with(|config| config.unreachable_grace = Duration::from_millis(300)).await;
    let here = "127.0.0.1".parse().expect("an address");
    let mut push = server
        .push(film().open(), here, free_ports())
        .expect("a way");
    assert_eq!(until(push.next_event()).await, Some(Event::Started));
    assert_eq!(
        until(push.next_event()).await,
        Some(Event::Ended(End::Unreachable))
    );
    assert_eq!(until(push.next_event()).await, None);
    for (to, port, reason) in [
        ("127.0.0.1", 0, "port 0"),
        ("127.0.0.1", 65_533, "65535 is the highest"),
        ("192.0.2.1", 5_000, "set the endpoint"),
    ] {
        let error = server
            .push(film().open(), to.parse().expect("an address"), port)
            .expect_err("impossible");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_another_port_goes_on_from_the_last_keyframe() {
    /// The payload of the first packets of video.
    fn begin(socket: &UdpSocket) -> Vec<Vec<u8>> {
        (0..20).map(|_| packet(socket).payload).collect()
    }
    fn packet(socket: &UdpSocket) -> Packet {
        let mut bytes = [0; 2_048];
        let len = socket.recv(&mut bytes).expect("a packet");
        Packet::read(&bytes[..len])
    }
    let [first, second, third] = [(); 3].map(|()| {
        let socket = UdpSocket::bind(("127.0.0.1", free_ports())).expect("a free port");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        socket
    });
    let port = |socket: &UdpSocket| socket.local_addr().expect("an address").port();
    let server = server_with(|_| {}).await;
    let here = "127.0.0.1".parse().expect("an address");
    let push = server
        .push(film().open(), here, port(&first))
        .expect("a way");
    let from_the_beginning = begin(&first);
    let start = packet(&first).timestamp;
    // Well behind the second keyframe, which is sent a little ahead of its time.
    while packet(&first).timestamp.wrapping_sub(start) < 108_000 {}
    assert!(
        server.redirect(&push, here, 0).is_err(),
        "and it goes on as it is"
    );
    packet(&first);
    let moved = server.redirect(&push, here, port(&second)).expect("a way");
    drop(push);
    let middle = begin(&second);
    assert_eq!(middle[0][0] & 0x1f, 7, "a keyframe");
    assert_ne!(middle, from_the_beginning);
    // Moved again: on from there, not as far from the beginning as the second one has come.
    let _again = server.redirect(&moved, here, port(&third)).expect("a way");
    assert_ne!(begin(&third), from_the_beginning);
}
