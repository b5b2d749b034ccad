//! Streams that end in every way leave nothing behind in the process that
//! served them, nor at the broker.

use std::{
    fs,
    net::UdpSocket,
    time::{Duration, Instant},
};

use ice::Prx as _;
use iceflix_slice::{
    AuthenticatorPrx, MainPrx, RtspStreamControllerPrx, StreamControllerPrx, StreamProviderPrx,
};
use iceflix_testkit::{
    Platform, Process,
    film::Film,
    peer::Peer,
    platform::{PASSWORD, USER},
    process::PATIENCE,
};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const FILM: Film = Film::mp4("Solaris", 30, 392);
const CUT: Film = Film::mp4("Stalker", 30, 494);

/// How many streams end in each way.
const EACH: usize = 8;

async fn token(authenticator: &AuthenticatorPrx, user: &str) -> String {
    let hash: String = Sha256::digest(PASSWORD)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    authenticator
        .refresh_authorization(user, &hash)
        .await
        .unwrap()
}

async fn streams(
    provider: &StreamProviderPrx,
    id: &str,
    token: &str,
) -> Vec<RtspStreamControllerPrx> {
    let mut streams = Vec::new();
    for _ in 0..EACH {
        let stream: StreamControllerPrx = provider.get_stream(id, token).await.unwrap().unwrap();
        let stream: RtspStreamControllerPrx = stream.unchecked_cast();
        // Made, so that it has to be destroyed.
        stream.get_sync_topic().await.unwrap();
        streams.push(stream);
    }
    streams
}

/// Has each pushed to a port, where nobody listens where `deaf` says so. The
/// sockets are handed out so that they live.
async fn push(streams: &[RtspStreamControllerPrx], token: &str, deaf: bool) -> Vec<UdpSocket> {
    let mut sockets = Vec::new();
    for stream in streams {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = i32::from(socket.local_addr().unwrap().port());
        if !deaf {
            sockets.push(socket);
        }
        stream.get_sdp(token, port).await.unwrap();
    }
    sockets
}

/// Sets each up over RTSP, and cuts the connection in the middle of it.
async fn look_in_and_vanish(streams: &[RtspStreamControllerPrx], token: &str) {
    for stream in streams {
        let url = stream.get_url(token).await.unwrap();
        let place = url
            .strip_prefix("rtsp://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let mut connection = TcpStream::connect(place).await.unwrap();
        let setup = format!(
            "SETUP {url}/track1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
        );
        connection.write_all(setup.as_bytes()).await.unwrap();
        let mut answer = [0; 16];
        connection.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"RTSP/1.0 200"));
    }
}

/// Open files and threads of a process.
fn holds(process: &Process) -> (usize, usize) {
    let count = |what| {
        fs::read_dir(format!("/proc/{}/{what}", process.id()))
            .unwrap()
            .count()
    };
    (count("fd"), count("task"))
}

async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_ended_in_every_way_leave_nothing_behind() {
    let grace = "--IceFlix.Streaming.Grace=1s".to_owned();
    let platform = Platform::start_with(env!("CARGO_BIN_EXE_iceflix"), &[grace]);
    platform.add_user("bea", PASSWORD);
    let films = [FILM, CUT].map(|film| film.copy_to(&platform.films()));
    let ids = films.each_ref().map(|film| -> String {
        let bytes = fs::read(film).unwrap();
        Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    });
    let services = platform.services();
    let process = &services.streaming.process;
    let peer = Peer::join(&platform);
    let main: MainPrx = peer.proxy(&services.main.proxy);
    let provider: StreamProviderPrx = peer.proxy(&services.streaming.proxy);
    let authenticator = peer.authenticator(&main).await;
    until("the films are ready", async || {
        let list = platform.run(&["media", "list"]).stdout;
        String::from_utf8(list).unwrap().matches(" ready ").count() == 2
    })
    .await;

    // What is made once, for the first stream, is not left behind by it.
    let (ana, bea) = (
        token(&authenticator, USER).await,
        token(&authenticator, "bea").await,
    );
    let first = streams(&provider, &ids[0], &ana).await;
    push(&first, &ana, false).await;
    for stream in first {
        stream.stop().await.unwrap();
    }
    let before = holds(process);

    let stopped = streams(&provider, &ids[0], &ana).await;
    let kicked = streams(&provider, &ids[0], &ana).await;
    let deaf = streams(&provider, &ids[0], &ana).await;
    let vanished = streams(&provider, &ids[0], &ana).await;
    let cut = streams(&provider, &ids[1], &ana).await;
    let not_renewed = streams(&provider, &ids[0], &bea).await;
    let mut sockets = Vec::new();
    for streams in [&stopped, &kicked, &cut] {
        sockets.extend(push(streams, &ana, false).await);
    }
    sockets.extend(push(&not_renewed, &bea, false).await);
    push(&deaf, &ana, true).await;
    look_in_and_vanish(&vanished, &ana).await;

    let list = platform.run(&["stream", "list", "--json"]).stdout;
    let list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 6 * EACH);
    let of_bea: Vec<_> = list.iter().filter(|one| one["user"] == "bea").collect();
    assert_eq!(of_bea.len(), EACH, "{list:#?}");
    // They are numbered in the order in which they were made.
    let names: Vec<_> = list[EACH..2 * EACH]
        .iter()
        .map(|one| one["stream"].as_str().unwrap())
        .collect();
    let kick = platform.run(&[&["stream", "kick"][..], &names].concat());
    assert!(kick.status.success(), "{kick:?}");
    for stream in stopped {
        stream.stop().await.unwrap();
    }
    assert!(platform.run(&["user", "remove", "bea"]).status.success());
    fs::File::options()
        .write(true)
        .open(&films[1])
        .unwrap()
        .set_len(100_000)
        .unwrap();
    // The tokens of those that went without a word end at the latest with their user.
    assert!(platform.run(&["user", "remove", USER]).status.success());

    until("all streams are over", async || {
        platform.run(&["stream", "list", "--json"]).stdout == b"[]\n"
    })
    .await;
    until("all topics are gone", async || {
        let topics = peer.manager.topics().await.unwrap();
        !topics.keys().any(|name| name.starts_with("StreamerSync-"))
    })
    .await;
    until("descriptors and threads are what they were", async || {
        let now = holds(process);
        now.0 <= before.0 && now.1 <= before.1
    })
    .await;
}
