//! A stream from its first packet to its last: numbers, pauses, seeks, and every way to end.

mod support;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use iceflix_rtsp::{Config, End, Event, Mount, Server};
use support::client::{Answer, Arrival, Client};
use support::film::{Film, film};
use support::{PATIENCE, eventually, free_ports, server_with, until};

/// A player with a session of both tracks, and all that it stands on.
struct Cinema {
    server: Server,
    mount: Mount,
    url: String,
    client: Client,
    session: String,
}

impl Cinema {
    async fn open(film: &Film, set: impl FnOnce(&mut Config), ways: [&str; 2]) -> Self {
        let server = server_with(set).await;
        let mount = server.mount(film.open());
        let url = mount.url("127.0.0.1");
        let mut client = Client::connect(server.local_addr());
        let mut session = String::new();
        for (number, way) in ways.iter().enumerate() {
            let answer = client.ask(
                "SETUP",
                &format!("{url}/track{}", number + 1),
                &format!("Transport: {way}\r\n{session}"),
            );
            assert_eq!(answer.status, 200, "{answer:?}");
            session = format!("Session: {}\r\n", answer.session());
        }
        Self {
            server,
            mount,
            url,
            client,
            session,
        }
    }

    async fn over_tcp(set: impl FnOnce(&mut Config)) -> Self {
        Self::open(
            film(),
            set,
            ["RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=2-3"],
        )
        .await
    }

    fn ask(&mut self, method: &str, headers: &str) -> Answer {
        let answer = self
            .client
            .ask(method, &self.url, &format!("{}{headers}", self.session));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    fn play(&mut self, range: &str) -> Answer {
        let range = if range.is_empty() {
            String::new()
        } else {
            format!("Range: {range}\r\n")
        };
        self.ask("PLAY", &range)
    }

    /// The next packet of a track's media.
    fn packet(&mut self, track: u8) -> Packet {
        loop {
            let (channel, bytes) = self.client.frame();
            if channel == track * 2 {
                return Packet::read(&bytes);
            }
        }
    }

    async fn event(&mut self) -> Event {
        until(self.mount.next_event()).await.expect("an event")
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Packet {
    marker: bool,
    kind: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    payload: Vec<u8>,
}

impl Packet {
    fn read(bytes: &[u8]) -> Self {
        assert_eq!(bytes[0], 0x80, "version 2 and nothing unusual");
        let word =
            |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self {
            marker: bytes[1] & 0x80 != 0,
            kind: bytes[1] & 0x7f,
            sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
            timestamp: word(4),
            ssrc: word(8),
            payload: bytes[12..].to_vec(),
        }
    }

    /// Whether a picture that needs no other begins here: with its parameter sets.
    fn is_keyframe(&self) -> bool {
        self.payload[0] & 0x1f == 7
    }
}

/// Sequence number and RTP time of a track, as RTP-Info tells them.
fn told(answer: &Answer, track: usize) -> (u16, u32) {
    let info = answer
        .header("RTP-Info")
        .expect("numbers")
        .split(',')
        .nth(track)
        .expect("both tracks")
        .to_owned();
    assert!(
        info.starts_with("url=rtsp://") && info.contains(&format!("/track{};", track + 1)),
        "{info}"
    );
    let number = |name: &str| {
        info.split(name)
            .nth(1)
            .expect("a number")
            .split(';')
            .next()
            .expect("digits")
            .to_owned()
    };
    (
        number("seq=").parse().expect("16 bits"),
        number("rtptime=").parse().expect("32 bits"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn rtp_info_tells_the_very_first_packets() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=0-");
    assert_eq!(answer.header("Range"), Some("npt=0.000-8.000"));
    for track in 0..2 {
        let packet = cinema.packet(track);
        assert_eq!(
            (packet.sequence, packet.timestamp),
            told(&answer, track.into())
        );
        assert_eq!(packet.kind, 96 + track);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_go_on_across_seeks_in_both_directions() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    cinema.play("");
    let mut last = cinema.packet(0);
    cinema.client.take_passed();
    for (range, from) in [
        ("npt=4.2-", "npt=4.000-8.000"),
        ("npt=1-", "npt=1.000-8.000"),
        ("npt=0-", "npt=0.000-8.000"),
        ("npt=8-", "npt=7.000-8.000"),
    ] {
        let answer = cinema.play(range);
        assert_eq!(answer.header("Range"), Some(from));
        let (sequence, timestamp) = told(&answer, 0);
        for (channel, bytes) in cinema.client.take_passed() {
            if channel == 0 {
                let packet = Packet::read(&bytes);
                assert_eq!(
                    packet.sequence,
                    last.sequence.wrapping_add(1),
                    "no gap, and none twice"
                );
                last = packet;
            }
        }
        let first = cinema.packet(0);
        assert_eq!(
            (first.sequence, sequence),
            (last.sequence.wrapping_add(1), first.sequence)
        );
        last = first.clone();
        assert!(first.is_keyframe());
        assert_eq!(first.timestamp, timestamp);
        for _ in 0..20 {
            let packet = cinema.packet(0);
            assert_eq!(packet.sequence, last.sequence.wrapping_add(1));
            let step = packet.timestamp.wrapping_sub(last.timestamp);
            assert!(step < 90_000, "time goes forward, by {step}");
            last = packet;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_in_a_row_never_take_rtp_time_back() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let (mut last_sequence, mut last_time) = told(&cinema.play("npt=0-"), 0);
    let play = format!(
        "PLAY {} RTSP/1.0\r\nCSeq: 50\r\n{}",
        cinema.url, cinema.session
    );
    let targets = [7, 1, 5, 0, 3, 2];
    cinema.client.say(
        targets
            .map(|from| format!("{play}Range: npt={from}-\r\n\r\n"))
            .concat(),
    );
    for _ in targets {
        let (sequence, time) = told(&cinema.client.answer(), 0);
        let (packets, ticks) = (
            sequence.wrapping_sub(last_sequence),
            time.wrapping_sub(last_time),
        );
        assert!(
            packets < 1_000 && ticks < 900_000,
            "{packets} packets, {ticks} ticks"
        );
        (last_sequence, last_time) = (sequence, time);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_quiet_and_ends_where_it_began() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    cinema.play("npt=0-");
    let before = (0..30).map(|_| cinema.packet(0)).last().expect("a packet");
    cinema.client.say(format!(
        "PAUSE {} RTSP/1.0\r\nCSeq: 90\r\n{}\r\n",
        cinema.url, cinema.session
    ));
    let mut last = before;
    loop {
        match cinema.client.next() {
            Arrival::Answer(answer) => break assert_eq!(answer.status, 200),
            Arrival::Frame(0, bytes) => last = Packet::read(&bytes),
            Arrival::Frame(..) => {}
            Arrival::Closed => panic!("closed"),
        }
    }
    assert!(cinema.client.is_quiet_for(Duration::from_millis(300)));
    let answer = cinema.play("");
    let next = cinema.packet(0);
    assert_eq!(next.sequence, last.sequence.wrapping_add(1));
    assert_eq!(next.sequence, told(&answer, 0).0);
    assert!(
        next.timestamp.wrapping_sub(last.timestamp) <= 3_000,
        "the next picture at most"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_with_an_end_ends_there() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=2-2.5");
    assert_eq!(answer.header("Range"), Some("npt=2.000-2.500"));
    let (_, start) = told(&answer, 0);
    let (mut latest, mut goodbyes) = (0, 0);
    while goodbyes < 2 {
        match cinema.client.frame() {
            (0, bytes) => latest = Packet::read(&bytes).timestamp.wrapping_sub(start),
            (1 | 3, bytes) if bytes.len() > 8 && bytes[bytes.len() - 8..][..2] == [0x81, 203] => {
                goodbyes += 1
            }
            _ => {}
        }
    }
    assert_eq!(latest, 14 * 3_000, "fifteen pictures");
    assert_eq!(cinema.event().await, Event::Started);
    assert_eq!(cinema.event().await, Event::Finished);
    cinema.play("");
    assert!(
        cinema.packet(0).is_keyframe(),
        "played again from the beginning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sender_reports_lay_the_tracks_on_one_clock() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=3-");
    let mut seconds = [None; 2];
    while seconds.contains(&None) {
        let (channel, bytes) = cinema.client.frame();
        let Some(track @ (0 | 1)) = [1, 3].iter().position(|rtcp| *rtcp == channel) else {
            continue;
        };
        assert_eq!(bytes[1], 200);
        let number =
            |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let wall = f64::from(number(8)) + f64::from(number(12)) / 2f64.powi(32);
        let film = f64::from(number(16).wrapping_sub(told(&answer, track).1))
            / [90_000.0, 48_000.0][track];
        seconds[track] = Some(wall - film);
        let name = String::from_utf8_lossy(&bytes[38..38 + usize::from(bytes[37])]).into_owned();
        assert!(name.starts_with("iceflix-"), "{name}");
    }
    let apart = seconds[0].expect("video") - seconds[1].expect("audio");
    assert!(apart.abs() < 0.001, "{apart} s");
}

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
    while packet(&first).timestamp.wrapping_sub(start) < 90_000 {}
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

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_cut_short_ends_its_own_streams_only() {
    let broken = Film::make();
    let mut cinema = Cinema::open(
        &broken,
        |_| {},
        ["RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=2-3"],
    )
    .await;
    let whole = cinema.server.mount(film().open());
    let whole_url = whole.url("127.0.0.1");
    let mut other = Client::connect(cinema.server.local_addr());
    let session = other
        .ask(
            "SETUP",
            &format!("{whole_url}/track1"),
            "Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
        )
        .session();
    other.ask("PLAY", &whole_url, &format!("Session: {session}\r\n"));
    cinema.play("npt=0-");
    cinema.packet(0);
    std::fs::OpenOptions::new()
        .write(true)
        .open(&broken.source)
        .and_then(|file| file.set_len(1_000))
        .expect("cut");
    assert_eq!(cinema.event().await, Event::Started);
    match cinema.event().await {
        Event::Ended(End::Failed(reason)) => assert!(reason.contains("cut short"), "{reason}"),
        event => panic!("{event:?}"),
    }
    let before = other.frame();
    assert_ne!(before, other.frame(), "the other film goes on");
    eventually(|| cinema.server.statistics().streams == 1).await;
}
