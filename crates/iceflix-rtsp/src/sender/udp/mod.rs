//! The pair of UDP ports of a sender thread.

mod receive;
mod send;

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};

pub(super) use send::Batched;

/// How long a send may wait for the network interface to take more, before the packets are given
/// up.
const SEND_TIMEOUT: Duration = Duration::from_millis(5);

/// Wanted for the socket's own queue. What the system allows may be less.
const SEND_BUFFER: usize = 4 << 20;

/// How often to try before nobody is left but kernels that hand out pairs of ports one at a time.
const BIND_ATTEMPTS: usize = 64;

/// An even port for RTP and the odd one above it for RTCP (RFC 3550, section 11).
#[derive(Debug)]
pub(super) struct Ports {
    rtp: UdpSocket,
    rtcp: UdpSocket,
    rtp_port: u16,
    ipv6: bool,
}

impl Ports {
    /// Takes a free pair on this address.
    pub(super) fn bind(address: IpAddr) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..BIND_ATTEMPTS {
            let one = UdpSocket::bind((address, 0))?;
            let port = one.local_addr()?.port();
            match UdpSocket::bind((address, port ^ 1)) {
                Ok(other) => {
                    let (rtp, rtcp) = if port % 2 == 0 {
                        (one, other)
                    } else {
                        (other, one)
                    };
                    return Self::prepare(rtp, rtcp, port & !1, address.is_ipv6());
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn prepare(rtp: UdpSocket, rtcp: UdpSocket, rtp_port: u16, ipv6: bool) -> io::Result<Self> {
        for socket in [&rtp, &rtcp] {
            socket.set_write_timeout(Some(SEND_TIMEOUT))?;
            // Without it, the shared sockets would never learn that a viewer is gone.
            setsockopt(socket, sockopt::Ipv4RecvErr, &true)?;
            if ipv6 {
                setsockopt(socket, sockopt::Ipv6RecvErr, &true)?;
            }
        }
        socket2::SockRef::from(&rtp).set_send_buffer_size(SEND_BUFFER)?;
        Ok(Self {
            rtp,
            rtcp,
            rtp_port,
            ipv6,
        })
    }

    /// The two ports.
    pub(super) fn numbers(&self) -> (u16, u16) {
        (self.rtp_port, self.rtp_port + 1)
    }

    /// The two descriptors, RTP's first, to wait for.
    pub(super) fn descriptors(&self) -> [RawFd; 2] {
        [self.rtp.as_raw_fd(), self.rtcp.as_raw_fd()]
    }
}

/// An address in its plain form, so that those of a dual-stack socket compare equal to those that
/// sessions have.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
