//! After streams that ended in every way, descriptors and threads are back where they were. A
//! program of its own: it counts what the whole process has.

mod support;

use std::fs;

use iceflix_rtsp::Server;
use support::client::Client;
use support::film::film;
use support::{eventually, free_ports, server};

fn count(what: &str) -> usize {
    fs::read_dir(format!("/proc/self/{what}"))
        .expect("Linux")
        .count()
}

fn play(server: &Server, url: &str, way: &str) -> (Client, String) {
    let mut client = Client::connect(server.local_addr());
    let session = client
        .ask(
            "SETUP",
            &format!("{url}/track1"),
            &format!("Transport: {way}\r\n"),
        )
        .session();
    let session = format!("Session: {session}\r\n");
    assert_eq!(client.ask("PLAY", url, &session).status, 200);
    (client, session)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_behind() {
    let index = film().open();
    let before_server = (count("fd"), count("task"));
    let server = server().await;
    let before = (count("fd"), count("task"));
    for round in 0..40 {
        let port = free_ports();
        let udp = format!("RTP/AVP;client_port={port}-{}", port + 1);
        let way = if round % 2 == 0 {
            "RTP/AVP/TCP;interleaved=0-1"
        } else {
            &udp
        };
        let mount = server.mount(index.clone());
        let url = mount.url("127.0.0.1");
        let (mut client, session) = play(&server, &url, way);
        let push = (round % 4 == 3).then(|| {
            server
                .push(
                    index.clone(),
                    "127.0.0.1".parse().expect("an address"),
                    port,
                )
                .expect("a way")
        });
        match round % 3 {
            0 => drop((client.ask("TEARDOWN", &url, &session), push, mount)),
            1 => drop((client, mount, push)),
            _ => drop((mount, client, push)),
        }
    }
    eventually(|| server.statistics().streams == 0 && server.statistics().connections == 0).await;
    eventually(|| (count("fd"), count("task")) == before).await;
    server.shutdown().await;
    eventually(|| count("fd") <= before_server.0 && count("task") <= before_server.1 + 1).await;
}
