//! The pair of UDP ports of a sender thread.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    ControlMessage, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};

use super::route::Place;
use crate::rtp::{Batch, Span, Stream};
use crate::statistics::Counters;

/// The most packets that the kernel cuts one send into (`UDP_MAX_SEGMENTS` of Linux before 6.9).
const MAX_SEGMENTS: usize = 64;

/// The most bytes of one send: what the length field of UDP can say, less the headers.
const MAX_SEND: usize = 65_000;

/// How long a send may wait for the network interface to take more, before the packets are given up.
const SEND_TIMEOUT: Duration = Duration::from_millis(5);

/// Wanted for the socket's own queue. What the system allows may be less.
const SEND_BUFFER: usize = 4 << 20;

/// How often to try before nobody is left but kernels that hand out pairs of ports one at a time.
const BIND_ATTEMPTS: usize = 64;

/// How sending a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// Nothing that would say anything about the viewer.
    Nothing,
    /// There is no way to the viewer.
    Unreachable,
}

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

    /// Sends a batch: packets of one track and length by one call, as far as the kernel cuts them for us.
    pub(super) fn send(
        &self,
        batch: &Batch,
        place: impl Fn(u8) -> Option<Place>,
        source: Option<IpAddr>,
        segmentation: &mut bool,
        counters: &Counters,
    ) -> Undelivered {
        let pinned = Source::new(source, self.ipv6);
        let mut outcome = Undelivered::Nothing;
        let (mut packets, mut bytes, mut refused) = (0, 0, 0);
        let mut spans = batch.spans();
        while let Some(first) = spans.first() {
            let run = if *segmentation { run_len(spans) } else { 1 };
            let (now, later) = spans.split_at(run);
            let Some(Place::Ports { rtp, rtcp }) = place(first.track) else {
                spans = later;
                continue;
            };
            let (socket, to) = match first.stream {
                Stream::Rtp => (&self.rtp, rtp),
                Stream::Rtcp => (&self.rtcp, rtcp),
            };
            let segment = (run > 1).then_some(first.len() as u16);
            match self.send_one(socket, batch.bytes_of(now), segment, to, &pinned) {
                Ok(()) => {
                    packets += run;
                    bytes += now.iter().map(Span::len).sum::<usize>();
                }
                // The interface cannot compute check sums, or the way is narrower than a packet, so that each must be fragmented.
                Err(Errno::EINVAL | Errno::EIO | Errno::ENOPROTOOPT | Errno::EMSGSIZE)
                    if run > 1 =>
                {
                    tracing::debug!(%to, "segmentation is refused; sending packet by packet");
                    *segmentation = false;
                    continue;
                }
                Err(error) => {
                    refused += run as u64;
                    if matches!(error, Errno::EHOSTUNREACH | Errno::ENETUNREACH)
                        && first.stream == Stream::Rtp
                    {
                        outcome = Undelivered::Unreachable;
                    }
                }
            }
            spans = later;
        }
        counters.sent(packets, bytes);
        counters
            .refused
            .fetch_add(refused, std::sync::atomic::Ordering::Relaxed);
        outcome
    }

    fn send_one(
        &self,
        socket: &UdpSocket,
        bytes: &[u8],
        segment: Option<u16>,
        to: SocketAddr,
        source: &Source,
    ) -> Result<(), Errno> {
        /// An ICMP error on behalf of another viewer is reported by whichever call comes next, and by one only.
        const ATTEMPTS: usize = 4;
        let to = SockaddrStorage::from(self.fitting(to));
        let mut control: [Option<ControlMessage<'_>>; 2] = [source.message(), None];
        if let Some(segment) = &segment {
            control[1] = Some(ControlMessage::UdpGsoSegments(segment));
        }
        let control: Vec<ControlMessage<'_>> = control.into_iter().flatten().collect();
        let mut result = Ok(());
        for _ in 0..ATTEMPTS {
            result = sendmsg(
                socket.as_raw_fd(),
                &[IoSlice::new(bytes)],
                &control,
                MsgFlags::MSG_NOSIGNAL,
                Some(&to),
            )
            .map(|_| ());
            match result {
                Err(
                    Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::EINTR,
                ) => {}
                _ => break,
            }
        }
        result
    }

    /// The next report, and where it came from; `None` when there is none waiting.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        receive(&self.rtcp, buffer)
    }

    /// Throws away what came to the port of RTP (some players send a packet to open their firewall), `most` packets of
    /// it. Returns whether that was all.
    pub(super) fn discard(&self, buffer: &mut [u8], most: usize) -> bool {
        (0..most).any(|_| receive(&self.rtp, buffer).is_none())
    }

    /// The viewer to whom a packet of RTP could not be delivered; `None` when no such report is waiting.
    pub(super) fn undelivered(&self) -> Option<SocketAddr> {
        loop {
            // What came back of RTCP says nothing: some receivers do not listen for it.
            if take_error(&self.rtcp).is_none() {
                break;
            }
        }
        take_error(&self.rtp).map(canonical)
    }

    fn fitting(&self, to: SocketAddr) -> SocketAddr {
        match to.ip() {
            IpAddr::V4(v4) if self.ipv6 => SocketAddr::new(v4.to_ipv6_mapped().into(), to.port()),
            _ => to,
        }
    }
}

/// An address in its plain form, so that those of a dual-stack socket compare equal to those that sessions have.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// How many of the packets, from the first on, one call can send: all of one length but the last, which may be shorter.
fn run_len(spans: &[Span]) -> usize {
    let first = spans[0];
    if first.stream == Stream::Rtcp {
        return 1;
    }
    let most = MAX_SEGMENTS.min(MAX_SEND / first.len().max(1)).max(1);
    let same = |span: &&Span| (span.track, span.stream) == (first.track, first.stream);
    let equal = spans
        .iter()
        .take(most)
        .take_while(same)
        .take_while(|span| span.len() == first.len())
        .count();
    let shorter = spans
        .get(equal)
        .filter(|span| equal < most && same(span) && span.len() < first.len());
    equal + usize::from(shorter.is_some())
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

fn take_error(socket: &UdpSocket) -> Option<SocketAddr> {
    let mut returned = [0; 64];
    let mut pieces = [IoSliceMut::new(&mut returned)];
    let mut control = cmsg_space!(libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut pieces, Some(&mut control), flags)
            .ok()?;
    message.address.as_ref().and_then(to_std)
}

fn to_std(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::from((v4.ip(), v4.port())));
    }
    address
        .as_sockaddr_in6()
        .map(|v6| SocketAddr::from((v6.ip(), v6.port())))
}

/// The address that packets are to come from, in the words of the kernel.
enum Source {
    Any,
    V4(libc::in_pktinfo),
    V6(libc::in6_pktinfo),
}

impl Source {
    fn new(address: Option<IpAddr>, ipv6: bool) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self::Any,
            Some(IpAddr::V4(v4)) if !ipv6 => {
                let source = libc::in_addr {
                    s_addr: u32::from_ne_bytes(v4.octets()),
                };
                let any = libc::in_addr {
                    s_addr: Ipv4Addr::UNSPECIFIED.into(),
                };
                Self::V4(libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: source,
                    ipi_addr: any,
                })
            }
            Some(address) => {
                let octets = match address {
                    IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
                    IpAddr::V6(v6) => v6.octets(),
                };
                Self::V6(libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr { s6_addr: octets },
                    ipi6_ifindex: 0,
                })
            }
        }
    }

    fn message(&self) -> Option<ControlMessage<'_>> {
        match self {
            Self::Any => None,
            Self::V4(source) => Some(ControlMessage::Ipv4PacketInfo(source)),
            Self::V6(source) => Some(ControlMessage::Ipv6PacketInfo(source)),
        }
    }
}
