//! Many who come to do harm by coming.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::support::client::Client;
use super::support::eventually;
use super::{cinema, set_up};

/// How many come.
const CROWD: usize = 10_000;

/// Descriptors for the crowd, the server's side of those that it keeps, and everybody else.
const DESCRIPTORS: u64 = 16_000;

/// Resident memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("it is Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let words = line.expect("it has memory").split_whitespace();
    words
        .into_iter()
        .nth(1)
        .expect("a number")
        .parse()
        .expect("KiB")
}

/// In a process of its own: memory and descriptors are counted.
#[test]
fn ten_thousand_half_open_connections_neither_keep_viewers_out_nor_cost_memory() {
    let own = std::env::current_exe().expect("a program");
    let output = Command::new(own)
        .args(["--exact", "crowd::a_crowd_comes", "--ignored"])
        .output()
        .expect("it runs again");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above"]
async fn a_crowd_comes() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    if soft < DESCRIPTORS {
        let raised = setrlimit(Resource::RLIMIT_NOFILE, hard.min(DESCRIPTORS), hard);
        raised.expect("it may be raised up to the hard limit");
    }
    let crowd = match hard {
        hard if hard < DESCRIPTORS => (hard / 2) as usize,
        _ => CROWD,
    };
    let (server, _mount, url) = cinema(|_| {}).await;
    let (mut viewer, session) = set_up(server.local_addr(), &url);
    assert_eq!(viewer.ask("PLAY", &url, &session).status, 200);
    let before = resident();
    let half_open: Vec<TcpStream> = (0..crowd)
        .map(|_| {
            let mut socket = TcpStream::connect(server.local_addr()).expect("accepted");
            let half = format!("DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n");
            // It may have been sent away already.
            let _ = socket.write_all(half.as_bytes());
            socket
        })
        .collect();
    let mut newcomer = Client::connect(server.local_addr());
    assert_eq!(newcomer.ask("DESCRIBE", &url, "").status, 200);
    assert_eq!(viewer.ask("GET_PARAMETER", &url, &session).status, 200);
    viewer.frame();
    eventually(|| server.statistics().connections <= 4_096).await;
    let grown = resident().saturating_sub(before);
    println!("{grown} KiB for {crowd} connections");
    assert!(grown < 64 << 10, "{grown} KiB for {crowd} connections");
    drop(half_open);
    eventually(|| server.statistics().connections == 2).await;
}
