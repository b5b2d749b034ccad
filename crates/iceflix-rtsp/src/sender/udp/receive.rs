//! What comes back by UDP: reports of viewers, and of the network about viewers.

use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};

use super::{Ports, canonical};

impl Ports {
    /// The next report, and where it came from; `None` when there is none waiting.
    pub(in crate::sender) fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        receive(&self.rtcp, buffer)
    }

    /// Throws away what came to the port of RTP (some players send a packet to open their
    /// firewall), `most` packets of it. Returns whether that was all.
    pub(in crate::sender) fn discard(&self, buffer: &mut [u8], most: usize) -> bool {
        (0..most).any(|_| receive(&self.rtp, buffer).is_none())
    }

    /// The viewer to whom a packet of RTP could not be delivered; `None` when no such report is
    /// waiting.
    pub(in crate::sender) fn undelivered(&self) -> Option<SocketAddr> {
        // What came back of RTCP says nothing: some receivers do not listen for it.
        while take_error(&self.rtcp).is_some() {}
        loop {
            if let Returned::From(viewer) = take_error(&self.rtp)? {
                return Some(canonical(viewer));
            }
        }
    }
}

/// An entry of a socket's error queue.
enum Returned {
    /// There is no way to this address, or nobody there.
    From(SocketAddr),
    /// Something else, such as a packet that was too long in one piece.
    Otherwise,
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    let mut pieces = [IoSliceMut::new(buffer)];
    loop {
        match recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut pieces,
            None,
            MsgFlags::MSG_DONTWAIT,
        ) {
            Ok(message) => {
                let from = message.address.as_ref().and_then(to_std)?;
                return Some((message.bytes, canonical(from)));
            }
            Err(Errno::EAGAIN) => return None,
            // An ICMP error, told here first; the error queue has the rest of it.
            Err(Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

fn take_error(socket: &UdpSocket) -> Option<Returned> {
    let mut returned = [0; 64];
    let mut pieces = [IoSliceMut::new(&mut returned)];
    let mut control = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let socket = socket.as_raw_fd();
    let message =
        recvmsg::<SockaddrStorage>(socket, &mut pieces, Some(&mut control), flags).ok()?;
    let error = message.cmsgs().ok().and_then(|mut control| {
        control.find_map(|message| match message {
            ControlMessageOwned::Ipv4RecvErr(error, _)
            | ControlMessageOwned::Ipv6RecvErr(error, _) => Some(error.ee_errno),
            _ => None,
        })
    });
    let gone = [Errno::ECONNREFUSED, Errno::EHOSTUNREACH, Errno::ENETUNREACH];
    let is_gone = error.is_some_and(|error| gone.contains(&Errno::from_raw(error as i32)));
    Some(
        match message
            .address
            .as_ref()
            .and_then(to_std)
            .filter(|_| is_gone)
        {
            Some(viewer) => Returned::From(viewer),
            None => Returned::Otherwise,
        },
    )
}

fn to_std(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::from((v4.ip(), v4.port())));
    }
    address
        .as_sockaddr_in6()
        .map(|v6| SocketAddr::from((v6.ip(), v6.port())))
}
