//! What the tests stand on: a film with its index, a server on a free port, and clients.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod client;
pub(crate) mod film;
pub(crate) mod player;

use std::net::{Ipv4Addr, SocketAddr};
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
