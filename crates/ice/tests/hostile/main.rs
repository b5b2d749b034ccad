//! What a peer may do to a process, on either side of a connection, and a servant to its own.
//!
//! Peers that break the protocol are plain sockets here: see `wire`.

#![allow(clippy::unwrap_used)]

#[path = "../echo/mod.rs"]
mod echo;
mod messages;
mod names;
mod replies;
mod servants;
mod wire;

use std::time::Duration;

/// Far beyond what any of these takes, and well before a test runner gives up.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what)
        .await
        .expect("it ends soon")
}
