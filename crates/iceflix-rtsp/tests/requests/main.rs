//! Every request has its answer, however odd it is, and no player can do harm.

mod crowd;
mod login;
mod model;
mod scale;
mod secure;
#[path = "../support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::time::Duration;

use iceflix_rtsp::{Config, Mount, Server};
use support::client::{Arrival, Client};
use support::film::film;
use support::{eventually, server, server_with};

const TCP: &str = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
const MORE_TCP: &str = "Transport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n";

/// A server with one film, and its URL.
async fn cinema(set: impl FnOnce(&mut Config)) -> (Server, Mount, String) {
    let server = server_with(set).await;
    let mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    (server, mount, url)
}

/// A player that has set up both tracks, and its session's header.
fn set_up(server: SocketAddr, url: &str) -> (Client, String) {
    let mut client = Client::connect(server);
    let answer = client.ask("SETUP", &format!("{url}/track1"), TCP);
    assert_eq!(answer.status, 200, "{answer:?}");
    let session = format!("Session: {}\r\n", answer.session());
    let answer = client.ask(
        "SETUP",
        &format!("{url}/track2"),
        &format!("{MORE_TCP}{session}"),
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    (client, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn options_tells_the_methods_to_anybody() {
    let (server, _mount, _) = cinema(|_| {}).await;
    let answer = Client::connect(server.local_addr()).ask("OPTIONS", "*", "");
    assert_eq!(answer.status, 200);
    for method in [
        "DESCRIBE",
        "SETUP",
        "PLAY",
        "PAUSE",
        "TEARDOWN",
        "GET_PARAMETER",
    ] {
        assert!(answer.header("Public").expect("methods").contains(method));
    }
    assert!(
        answer
            .header("Server")
            .expect("a name")
            .starts_with("IceFlix/")
    );
    assert!(answer.header("Date").expect("a date").ends_with("GMT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_secret_path_shows_the_film() {
    let (server, mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let answer = client.ask("DESCRIBE", &url, "Accept: application/sdp\r\n");
    assert_eq!(
        (answer.status, answer.header("Content-Type")),
        (200, Some("application/sdp"))
    );
    assert_eq!(
        answer.header("Content-Base"),
        Some(format!("{url}/").as_str())
    );
    assert!(
        answer.body.contains("m=video 0 RTP/AVP 96\r\n")
            && answer.body.contains("a=control:track2\r\n"),
        "{}",
        answer.body
    );

    let mut guess = url.clone();
    guess.pop();
    for other in [
        guess.as_str(),
        "rtsp://127.0.0.1/",
        "rtsp://127.0.0.1/x/y/z",
    ] {
        assert_eq!(client.ask("DESCRIBE", other, "").status, 404, "{other}");
        assert_eq!(client.ask("SETUP", other, TCP).status, 404, "{other}");
    }
    drop(mount);
    assert_eq!(client.ask("DESCRIBE", &url, "").status, 404, "unmounted");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_nonsense_has_its_status() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    for (method, url, headers, status) in [
        ("PLAY_BACKWARDS", url.as_str(), "", 501),
        ("ANNOUNCE", &url, "", 405),
        ("RECORD", &url, "", 405),
        ("DESCRIBE", &url, "Accept: text/html\r\n", 406),
        ("DESCRIBE", &url, "Require: funky-feature\r\n", 551),
        ("DESCRIBE", "*", "", 400),
        ("SETUP", &url, TCP, 459),
        ("SETUP", &format!("{url}/track3"), TCP, 404),
        ("SETUP", &format!("{url}/track1"), "", 400),
        ("PLAY", &url, "", 454),
        ("PAUSE", &url, "Session: 0123456789abcdef\r\n", 454),
        ("TEARDOWN", &url, "Session: \r\n", 454),
        ("GET_PARAMETER", &url, "Session: x\r\n", 454),
        ("GET_PARAMETER", &url, "", 200),
        ("GET_PARAMETER", &url, "Content-Length: 0\r\n", 200),
        ("SET_PARAMETER", &url, "", 200),
        ("SET_PARAMETER", &url, "Session: x\r\n", 454),
        ("SET_PARAMETER", &url, "Proxy-Require: it\r\n", 551),
        ("REDIRECT", &url, "", 405),
        ("DESCRIBE", "rtsp://h", "", 404),
        ("DESCRIBE", &format!("{url}/track1/more"), "", 404),
        ("SETUP", "*", TCP, 400),
        (
            "SETUP",
            &format!("{url}/track1"),
            "Transport: RTP/AVP/TCP;mode=record\r\n",
            461,
        ),
        (
            "SETUP",
            &format!("{url}/track1"),
            "Transport: RTP/AVP;multicast\r\n",
            461,
        ),
        (
            "SETUP",
            &format!("{url}/track1"),
            &format!("{TCP}Session: x\r\n"),
            454,
        ),
    ] {
        let answer = client.ask(method, url, headers);
        assert_eq!(answer.status, status, "{method} {headers:?}: {answer:?}");
    }
    client.say("DESCRIBE rtsp://h/x RTSP/1.0\r\n\r\n");
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.header("CSeq")),
        (400, None),
        "without a number"
    );
    client.say("OPTIONS * RTSP/2.0\r\nCSeq: 70\r\n\r\n");
    assert_eq!(client.answer().status, 505);
    client.say("EVEN LESS OF A REQUEST\r\nCSeq: 71\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("CSeq")), (400, Some("71")));
    client.say(format!(
        "GET_PARAMETER {url} RTSP/1.0\r\nCSeq: 72\r\nContent-Length: 6\r\n\r\njitter"
    ));
    assert_eq!(client.answer().status, 451);
    assert_eq!(
        client.ask("OPTIONS", "*", "").status,
        200,
        "and the connection goes on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_whose_length_nobody_can_know_ends_the_connection_with_an_answer() {
    let (server, _mount, url) = cinema(|_| {}).await;
    for length in ["x", "-1", "", "1, 2", "18446744073709551616"] {
        let mut client = Client::connect(server.local_addr());
        client.say(format!(
            "SET_PARAMETER {url} RTSP/1.0\r\nCSeq: 1\r\nContent-Length: {length}\r\n\r\n"
        ));
        let answer = client.answer();
        assert!(matches!(answer.status, 400 | 413), "{length:?}: {answer:?}");
        assert_eq!(answer.header("CSeq"), Some("1"));
        assert!(matches!(client.next(), Arrival::Closed), "{length:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_has_room_for_several_sessions() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let other = server.mount(film().open());
    let other = other.url("127.0.0.1");
    let (mut client, first) = set_up(server.local_addr(), &url);
    let answer = client.ask("SETUP", &format!("{other}/track1"), TCP);
    let way = answer.header("Transport").expect("a way");
    assert!(
        way.contains("interleaved=4-5"),
        "channels of its own: {way}"
    );
    let second = format!("Session: {}\r\n", answer.session());
    assert_ne!(first, second);
    assert_eq!(client.ask("PLAY", &url, &first).status, 200);
    assert_eq!(client.ask("PLAY", &other, &second).status, 200);
    let until_frame_on = |client: &mut Client, wanted| while client.frame().0 != wanted {};
    until_frame_on(&mut client, 0);
    until_frame_on(&mut client, 4);
    assert_eq!(client.ask("PLAY", &other, &first).status, 454);
    assert_eq!(client.ask("TEARDOWN", &url, &first).status, 200);
    client.take_passed();
    for _ in 0..20 {
        assert!(client.frame().0 >= 4, "the other one goes on alone");
    }
    assert_eq!(client.ask("TEARDOWN", &other, &second).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rtp_goes_to_nobody_who_did_not_ask_and_to_no_reserved_port() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let track = format!("{url}/track1");
    for transport in [
        "RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.1",
        "RTP/AVP;unicast;client_port=53-54",
        "RTP/AVP;multicast",
        "RTP/SAVP;unicast;client_port=5000-5001",
        "RTP/AVP;unicast;dest_addr=\"",
        "RTP/AVP;unicast;dest_addr=\"\\\"",
        "RTP/AVP;unicast;mode=\"",
        "\"",
    ] {
        assert_eq!(
            client
                .ask("SETUP", &track, &format!("Transport: {transport}\r\n"))
                .status,
            461,
            "{transport}"
        );
    }
    let answer = client.ask(
        "SETUP",
        &track,
        "Transport: RTP/AVP;unicast;client_port=5000-5001;destination=127.0.0.1\r\n",
    );
    let transport = answer.header("Transport").expect("a way");
    assert!(
        transport.starts_with("RTP/AVP;unicast;client_port=5000-5001;server_port="),
        "{transport}"
    );
    assert!(transport.contains(";ssrc="), "{transport}");
    assert!(
        answer
            .header("Session")
            .expect("a session")
            .ends_with(";timeout=60")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_order_is_refused_and_changes_nothing() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let (mut client, session) = set_up(server.local_addr(), &url);
    let track = format!("{url}/track1");
    assert_eq!(client.ask("PLAY", &track, &session).status, 460);
    for (range, status) in [
        ("npt=100-", 457),
        ("smpte=0:0:1-", 457),
        ("npt=x-", 400),
        ("npt=0-", 200),
        ("npt=now-", 200),
        ("npt=now-7", 200),
        ("npt=3-2", 400),
        ("npt=100000000000000000000-", 400),
    ] {
        assert_eq!(
            client
                .ask("PLAY", &url, &format!("{session}Range: {range}\r\n"))
                .status,
            status,
            "{range}"
        );
    }
    assert_eq!(
        client
            .ask("SETUP", &track, &format!("{TCP}{session}"))
            .status,
        455
    );
    assert_eq!(client.ask("PAUSE", &track, &session).status, 460);
    assert_eq!(client.ask("TEARDOWN", &track, &session).status, 460);
    assert_eq!(client.ask("PAUSE", &url, &session).status, 200);
    assert_eq!(
        client.ask("PAUSE", &url, &session).status,
        200,
        "paused twice is paused"
    );
    assert_eq!(client.ask("TEARDOWN", &url, &session).status, 200);
    assert_eq!(client.ask("PLAY", &url, &session).status, 454);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_belongs_to_its_connection_and_its_film() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let other = server.mount(film().open());
    let (mut client, session) = set_up(server.local_addr(), &url);
    let mut stranger = Client::connect(server.local_addr());
    for method in ["PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER"] {
        assert_eq!(stranger.ask(method, &url, &session).status, 454, "{method}");
    }
    assert_eq!(
        client.ask("PLAY", &other.url("127.0.0.1"), &session).status,
        454
    );
    assert_eq!(
        client.ask("PLAY", &url, &session).status,
        200,
        "and it is none the worse"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_given_to_one_track_only() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let session = client.ask("SETUP", &format!("{url}/track1"), TCP).session();
    let answer = client.ask(
        "SETUP",
        &format!("{url}/track2"),
        &format!("{TCP}Session: {session}\r\n"),
    );
    assert!(
        answer
            .header("Transport")
            .expect("a way")
            .contains("interleaved=2-3"),
        "{answer:?}"
    );
    let answer = client.ask(
        "SETUP",
        &format!("{url}/track2"),
        &format!("Transport: RTP/AVP;client_port=5000-5001\r\nSession: {session}\r\n"),
    );
    assert_eq!(answer.status, 461, "one session is not sent in two ways");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_at_once_are_answered_in_turn() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let requests: String = (1..=500)
        .map(|n| format!("\r\nDESCRIBE {url} RTSP/1.0\r\nCSeq: {n}\r\n\r\n"))
        .collect();
    client.say(requests);
    for n in 1..=500 {
        let answer = client.answer();
        assert_eq!(
            (answer.status, answer.header("CSeq")),
            (200, Some(n.to_string().as_str()))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_without_reading_is_not_read_either() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let request = format!("DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n");
    client.socket().set_nonblocking(true).expect("a socket");
    let mut asked = 0;
    // About 600 bytes of answer for each request of 80: without a bound, the server would store
    // them all.
    while asked < 2_000_000
        && std::io::Write::write_all(&mut client.socket(), request.as_bytes()).is_ok()
    {
        asked += 1;
    }
    assert!(asked < 2_000_000, "the server reads without end");
    client.socket().set_nonblocking(false).expect("a socket");
    assert_eq!(client.answer().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_refused_before_it_is_stored() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let mut client = Client::connect(server.local_addr());
    let megabyte = "a".repeat(1 << 20);
    // The server may close while the rest of the megabyte is still on its way.
    let _ = std::io::Write::write_all(
        &mut client.socket(),
        format!("OPTIONS * RTSP/1.0\r\nX: {megabyte}").as_bytes(),
    );
    assert_eq!(client.answer().status, 413);
    assert!(matches!(client.next(), Arrival::Closed));
    let mut client = Client::connect(server.local_addr());
    client.say(format!(
        "SET_PARAMETER {url} RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999\r\n\r\n"
    ));
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("CSeq")), (413, Some("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_too_long_to_ask_is_told_so() {
    let (server, _mount, _) =
        cinema(|config| config.request_timeout = Duration::from_millis(200)).await;
    let mut slow = Client::connect(server.local_addr());
    slow.say("OPTIONS * RTSP/1.0\r\nCS");
    assert_eq!(slow.answer().status, 408);
    assert!(matches!(slow.next(), Arrival::Closed));
    let mut silent = Client::connect(server.local_addr());
    assert!(matches!(silent.next(), Arrival::Closed));
    eventually(|| server.statistics().connections == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_and_sessions_are_bounded() {
    let (server, _mount, url) =
        cinema(|config| (config.max_connections, config.max_sessions) = (3, 2)).await;
    let (_one, _two) = (
        set_up(server.local_addr(), &url),
        set_up(server.local_addr(), &url),
    );
    let mut third = Client::connect(server.local_addr());
    assert_eq!(
        third.ask("SETUP", &format!("{url}/track1"), TCP).status,
        453
    );
    let mut fourth = Client::connect(server.local_addr());
    assert_eq!(fourth.answer().status, 503);
    assert!(matches!(fourth.next(), Arrival::Closed));
    drop(third);
    eventually(|| server.statistics().connections == 2).await;
    assert_eq!(
        Client::connect(server.local_addr())
            .ask("OPTIONS", "*", "")
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_says_nothing_keeps_no_viewer_out() {
    let (server, _mount, url) = cinema(|config| config.max_connections = 20).await;
    let (mut viewer, session) = set_up(server.local_addr(), &url);
    let crowd: Vec<Client> = (0..100)
        .map(|_| Client::connect(server.local_addr()))
        .collect();
    let mut newcomer = Client::connect(server.local_addr());
    assert_eq!(newcomer.ask("DESCRIBE", &url, "").status, 200);
    assert_eq!(
        viewer.ask("PLAY", &url, &session).status,
        200,
        "who watches, stays"
    );
    eventually(|| server.statistics().connections <= 20).await;
    drop(crowd);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_says_what_to_do() {
    let server = server().await;
    let config = Config {
        endpoint: server.local_addr(),
        ..Config::default()
    };
    let error = Server::bind(config)
        .await
        .expect_err("two on one port")
        .to_string();
    assert!(
        error.contains(&server.local_addr().to_string())
            && error.contains("choose another endpoint"),
        "{error}"
    );
}
