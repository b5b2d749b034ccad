//! Every way in which a session ends, and what is counted and told of it.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use iceflix_rtsp::{End, Event};

use crate::scene::Cinema;
use crate::support::client::{Arrival, Client};
use crate::support::film::film;
use crate::support::{free_ports, server_with, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_viewer_is_gone_after_the_time_out_and_a_lively_one_is_not() {
    let port = free_ports();
    let ways = [
        format!("RTP/AVP;client_port={port}-{}", port + 1),
        format!("RTP/AVP;client_port={}-{}", port + 2, port + 3),
    ];
    let sockets =
        [0, 1, 2, 3].map(|n| UdpSocket::bind(("127.0.0.1", port + n)).expect("a free port"));
    let mut cinema = Cinema::open(
        film(),
        |config| config.session_timeout = Duration::from_millis(1_500),
        [&ways[0], &ways[1]],
    )
    .await;
    let started = Instant::now();
    cinema.play("npt=0-");
    assert_eq!(cinema.event().await, Event::Started);
    let mut packet = [0; 2_048];
    let (_, server_rtcp) = sockets[1].recv_from(&mut packet).expect("a sender report");
    // Reports alone keep it, then requests alone.
    while started.elapsed() < Duration::from_millis(4_400) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if started.elapsed() < Duration::from_millis(2_200) {
            sockets[1]
                .send_to(&[0x80, 201, 0, 1, 1, 2, 3, 4], server_rtcp)
                .expect("sent");
        } else {
            cinema.ask("GET_PARAMETER", "");
        }
    }
    let silent = Instant::now();
    assert_eq!(cinema.event().await, Event::Ended(End::Silent));
    assert!(
        silent.elapsed() > Duration::from_millis(1_400),
        "{:?}",
        silent.elapsed()
    );
    assert!(
        matches!(cinema.client.next(), Arrival::Closed),
        "and the connection goes with it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_whose_ports_are_closed_is_gone() {
    let port = free_ports();
    let ways = [
        format!("RTP/AVP;client_port={port}-{}", port + 1),
        format!("RTP/AVP;client_port={}-{}", port + 2, port + 3),
    ];
    let mut cinema = Cinema::open(
        film(),
        |config| config.unreachable_grace = Duration::from_millis(300),
        [&ways[0], &ways[1]],
    )
    .await;
    cinema.play("npt=0-");
    assert_eq!(cinema.event().await, Event::Started);
    assert_eq!(cinema.event().await, Event::Ended(End::Unreachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_counts_its_sessions_from_set_up_to_end_whatever_they_do() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    assert_eq!(cinema.mount.viewers(), 1, "set up");
    let mut other = Client::connect(cinema.server.local_addr());
    let other_session = other
        .ask(
            "SETUP",
            &format!("{}/track1", cinema.url),
            "Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
        )
        .session();
    assert_eq!(cinema.mount.viewers(), 2, "another one, that never plays");
    for _ in 0..3 {
        cinema.play("");
        cinema.ask("PAUSE", "");
    }
    assert_eq!(cinema.mount.viewers(), 2, "pauses are no viewers");
    let refused = other.ask(
        "SETUP",
        &format!("{}/track9", cinema.url),
        "Transport: RTP/AVP/TCP;interleaved=2-3\r\n",
    );
    assert_eq!((refused.status, cinema.mount.viewers()), (404, 2));
    drop(other);
    while cinema.event().await != Event::Ended(End::Closed) {}
    assert_eq!(cinema.mount.viewers(), 1, "session {other_session} is gone");
    cinema.ask("TEARDOWN", "");
    while cinema.event().await != Event::Ended(End::TornDown) {}
    assert_eq!(cinema.mount.viewers(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_path_nor_the_url_is_in_what_is_written_for_debugging() {
    let server = server_with(|_| {}).await;
    let mount = server.mount(film().open());
    let written = format!("{mount:?} {server:?}");
    assert!(!written.contains(&mount.path()[1..]), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_is_dropped_takes_its_viewers_leave() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let mut events = cinema.mount.events();
    cinema.play("npt=0-");
    cinema.packet(0);
    let Cinema {
        mount,
        mut client,
        server,
        ..
    } = cinema;
    drop(mount);
    let mut last = Vec::new();
    while let Arrival::Frame(_, bytes) = client.next() {
        last = bytes;
    }
    assert_eq!(
        last[last.len() - 8..][..2],
        [0x81, 203],
        "a goodbye, then the connection is closed"
    );
    assert_eq!(until(events.next()).await, Some(Event::Started));
    assert_eq!(
        until(events.next()).await,
        Some(Event::Ended(End::Withdrawn))
    );
    assert_eq!(server.statistics().streams, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_takes_everybodys_leave() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    cinema.play("npt=0-");
    cinema.packet(0);
    let Cinema {
        mount: _mount,
        mut client,
        server,
        ..
    } = cinema;
    let shutdown = tokio::spawn(server.shutdown());
    let mut last = Vec::new();
    while let Arrival::Frame(_, bytes) = client.next() {
        last = bytes;
    }
    assert_eq!(last[last.len() - 8..][..2], [0x81, 203]);
    drop(client);
    until(shutdown).await.expect("no panic");
}
