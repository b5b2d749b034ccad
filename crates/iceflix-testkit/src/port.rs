//! Ports that nobody uses.

use std::net::{TcpListener, UdpSocket};

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
