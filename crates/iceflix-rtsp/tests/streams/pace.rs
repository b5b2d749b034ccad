//! When packets come: the first one, and those of a viewer who reads too slowly.

use std::time::{Duration, Instant};

use crate::scene::Cinema;
use crate::support::client::Client;
use crate::support::film::film;
use crate::support::{server_with, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_packet_comes_at_once() {
    let server = server_with(|_| {}).await;
    let mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let start = Instant::now();
            let mut client = Client::connect(server.local_addr());
            client.ask("DESCRIBE", &url, "");
            let session = client
                .ask(
                    "SETUP",
                    &format!("{url}/track1"),
                    "Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
                )
                .session();
            client.ask("PLAY", &url, &format!("Session: {session}\r\n"));
            while client.frame().0 != 0 {}
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "DESCRIBE to first packet: best {:?}, median {:?}, worst {:?}",
        times[0], times[10], times[20]
    );
    // The best, because the others tell what else this machine has to do.
    assert!(times[0] < Duration::from_millis(20), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_who_reads_too_slowly_skips_to_a_keyframe() {
    let mut cinema = Cinema::over_tcp(|config| config.max_lag = Duration::from_millis(300)).await;
    socket2::SockRef::from(cinema.client.socket())
        .set_recv_buffer_size(4_096)
        .expect("a socket");
    cinema.play("npt=0-");
    let sent = || cinema.server.statistics().packets;
    // Not read: until nothing more is sent, and for longer than the lag that is put up with.
    let (mut before, mut still) = (sent(), 0);
    until(async {
        while still < 20 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            still = if sent() == before { still + 1 } else { 0 };
            before = sent();
        }
    })
    .await;
    let mut last = cinema.packet(0);
    let jump = loop {
        let packet = cinema.packet(0);
        assert_eq!(
            packet.sequence,
            last.sequence.wrapping_add(1),
            "nothing is lost that was numbered"
        );
        if packet.timestamp.wrapping_sub(last.timestamp) > 3_000 {
            break packet;
        }
        last = packet;
    };
    assert!(jump.is_keyframe());
}
