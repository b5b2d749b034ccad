//! What the tests stand on: a film with its index, a server on a free port, and clients.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod client;
pub(crate) mod film;
pub(crate) mod player;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use iceflix_rtsp::{Config, Server};

/// Longer than any step of a test takes, shorter than anybody's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a free port of the loopback interface.
pub(crate) async fn server() -> Server {
    server_with(|_| {}).await
}

/// The same, with something set differently.
pub(crate) async fn server_with(set: impl FnOnce(&mut Config)) -> Server {
    let mut config = Config {
        endpoint: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        sender_threads: 2,
        ..Config::default()
    };
    set(&mut config);
    Server::bind(config).await.expect("a free port")
}

/// What a future comes to, unless it takes too long.
pub(crate) async fn until<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

/// The first of four UDP ports that are free, an even one. They lie below those that the system
/// hands out, and no two calls begin to look in the same place, so that they stay free until they
/// are used.
pub(crate) fn free_ports() -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    let is_free = |port| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    loop {
        let place = std::process::id() * 16 + CALLS.fetch_add(1, Ordering::Relaxed);
        let port = (PORTS.start + place * 4 % (PORTS.end - PORTS.start)) as u16;
        if (port..port + 4).all(is_free) {
            return port;
        }
    }
}

/// Waits until somebody has a UDP port open.
pub(crate) async fn listens_on(port: u16) {
    let wanted = format!(":{port:04X} ");
    let is_open = || {
        ["/proc/net/udp", "/proc/net/udp6"].iter().any(|path| {
            std::fs::read_to_string(path).is_ok_and(|table| {
                table.lines().any(|line| {
                    line.split_whitespace()
                        .nth(1)
                        .is_some_and(|local| format!("{local} ").ends_with(&wanted))
                })
            })
        })
    };
    eventually(is_open).await;
}

/// Waits for something that nobody announces.
pub(crate) async fn eventually(mut is_so: impl FnMut() -> bool) {
    until(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
