//! Ports that nobody uses.

use std::{
    net::{TcpListener, UdpSocket},
    sync::atomic::{AtomicU16, Ordering},
};

/// A port of the loopback interface that was free, for TCP and UDP alike, a
/// moment ago. The kernel hands out such ports in turn, so that another test
/// is unlikely to be given the same one soon.
///
/// # Panics
///
/// Where the loopback interface has no free port left.
pub fn free() -> u16 {
    for _ in 0..100 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free for TCP and UDP alike");
}

/// A port of the loopback interface that nobody uses, and that the kernel hands out to nobody: for a server that is
/// to find it free again when it is restarted.
///
/// # Panics
///
/// Where all are taken.
pub fn of_its_own() -> u16 {
    // Below the range that Linux hands out, unless told otherwise.
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Tests that run at the same time begin at different places.
    let start = std::process::id() as u16;
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_mul(97).wrapping_add(step) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {FIRST} on is free");
}
