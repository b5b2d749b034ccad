//! What ffmpeg receives is the film, bit for bit.

mod support;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};

use iceflix_rtsp::{End, Event};
use support::film::{LENGTH, RATE, film};
use support::player::{arg, picture_sums, sound_sums, sums_in};
use support::{free_ports, listens_on, server, server_with, until};

/// Plays 120 pictures by way of `host` and compares them with the film's.
async fn pictures_are_exact(endpoint: IpAddr, host: &str, transport: &str) {
    let server = server_with(|config| config.endpoint = SocketAddr::new(endpoint, 0)).await;
    let mount = server.mount(film().open());
    let url = mount.url(host);
    let received = picture_sums(&["-rtsp_transport", transport, "-i", &url], Some(120)).await;
    assert_eq!(received.len(), 120);
    assert_eq!(
        received,
        picture_sums(&["-i", arg(&film().video)], Some(120)).await
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_tcp() {
    pictures_are_exact(Ipv4Addr::LOCALHOST.into(), "127.0.0.1", "tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_udp() {
    pictures_are_exact(Ipv4Addr::LOCALHOST.into(), "127.0.0.1", "udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_udp_of_ipv6() {
    pictures_are_exact(Ipv6Addr::LOCALHOST.into(), "[::1]", "udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_from_the_address_that_the_player_spoke_to() {
    // ffmpeg takes packets from the address of the URL only; the way back would have another one.
    pictures_are_exact(Ipv4Addr::UNSPECIFIED.into(), "127.0.0.2", "udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_ipv4_from_a_server_of_both_families() {
    pictures_are_exact(Ipv6Addr::UNSPECIFIED.into(), "127.0.0.3", "udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_over_tcp() {
    let server = server().await;
    let mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    let received = sound_sums(&["-rtsp_transport", "tcp", "-i", &url], Some(100)).await;
    assert_eq!(
        received,
        sound_sums(&["-i", arg(&film().audio)], Some(100)).await
    );
}

/// Plays to the goodbye, which must not cut off a picture.
async fn the_whole_film_arrives(transport: &str) {
    let server = server().await;
    let mut mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    let received = picture_sums(&["-rtsp_transport", transport, "-i", &url], None).await;
    assert_eq!(
        received,
        picture_sums(&["-i", arg(&film().video)], None).await
    );
    for wanted in [Event::Started, Event::Finished, Event::Ended(End::TornDown)] {
        assert_eq!(until(mount.next_event()).await, Some(wanted));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_film_over_tcp() {
    the_whole_film_arrives("tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_film_over_udp() {
    the_whole_film_arrives("udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_seek_the_film_goes_on_from_the_keyframe_before() {
    let server = server().await;
    let mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    let input = [
        "-rtsp_transport",
        "tcp",
        "-noaccurate_seek",
        "-ss",
        "4.5",
        "-i",
        &url,
    ];
    let received = picture_sums(&input, Some(60)).await;
    let whole = picture_sums(&["-i", arg(&film().video)], None).await;
    let skipped = 4 * RATE as usize;
    assert_eq!(received, whole[skipped..skipped + 60]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_film_is_exact_from_the_first_picture_to_the_last() {
    let server = server().await;
    let to = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let port = free_ports();
    let document = {
        let push = server
            .push(film().open(), to, port)
            .expect("a way to this machine");
        push.sdp().to_owned()
    };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("film.sdp");
    std::fs::write(&path, document).expect("a file");
    let receiver = Command::new("timeout")
        .args([
            "40",
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-protocol_whitelist",
            "file,udp,rtp",
            "-i",
            arg(&path),
        ])
        .args([
            "-map",
            "0:v",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .expect("ffmpeg is installed");
    for port in [port, port + 1, port + 2, port + 3] {
        listens_on(port).await;
    }
    let mut push = server
        .push(film().open(), to, port)
        .expect("a way to this machine");
    let output = tokio::task::spawn_blocking(|| receiver.wait_with_output())
        .await
        .expect("no panic")
        .expect("output");
    assert_eq!(
        sums_in(&output),
        picture_sums(&["-i", arg(&film().video)], None).await
    );
    assert_eq!(sums_in(&output).len() as u64, LENGTH.as_secs() * RATE);
    for wanted in [Event::Started, Event::Finished] {
        assert_eq!(until(push.next_event()).await, Some(wanted));
    }
}
