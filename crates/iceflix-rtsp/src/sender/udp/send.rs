//! Sending batches by UDP, as many packets with one call as the kernel takes.

use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg};

use super::Ports;
use crate::rtp::{Batch, Span, Stream};
use crate::sender::route::Place;

/// The most packets that the kernel cuts one send into (`UDP_MAX_SEGMENTS` of Linux before 6.9).
const MAX_SEGMENTS: usize = 64;

/// The most bytes of one send: what the length field of UDP can say, less the headers.
const MAX_SEND: usize = 65_000;

/// A batch, and where it goes.
pub(in crate::sender) struct Batched<'a> {
    /// The packets.
    pub(in crate::sender) batch: &'a Batch,
    /// Where those of a track go.
    pub(in crate::sender) place: &'a dyn Fn(u8) -> Option<Place>,
    /// The address that they are to come from, where the ports are bound to all.
    pub(in crate::sender) from: Option<IpAddr>,
}

/// How sending a batch went.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sender) struct Outcome {
    /// Packets that the system took.
    pub(in crate::sender) packets: usize,
    /// Their bytes.
    pub(in crate::sender) bytes: usize,
    /// Packets that it did not take.
    pub(in crate::sender) refused: usize,
    /// Some of those because it knows no way to the viewer.
    pub(in crate::sender) no_way: bool,
}

impl Ports {
    /// Sends a batch: packets of one track and length by one call, as far as the kernel cuts them
    /// for us.
    ///
    /// `segmentation` is cleared where the kernel does not; the rest goes packet by packet then.
    pub(in crate::sender) fn send(&self, what: &Batched<'_>, segmentation: &mut bool) -> Outcome {
        let Batched { batch, place, from } = what;
        let source = Source::new(*from, self.ipv6);
        let mut outcome = Outcome::default();
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
            match self.send_one(socket, batch.bytes_of(now), segment, to, &source) {
                Ok(()) => {
                    outcome.packets += run;
                    outcome.bytes += now.iter().map(Span::len).sum::<usize>();
                }
                // The interface cannot compute check sums, or the way is narrower than a packet, so
                // that each must be fragmented.
                Err(Errno::EINVAL | Errno::EIO | Errno::ENOPROTOOPT | Errno::EMSGSIZE)
                    if run > 1 =>
                {
                    tracing::debug!(%to, "segmentation is refused; sending packet by packet");
                    *segmentation = false;
                    continue;
                }
                Err(error) => {
                    outcome.refused += run;
                    outcome.no_way |= matches!(error, Errno::EHOSTUNREACH | Errno::ENETUNREACH);
                }
            }
            spans = later;
        }
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
        /// An ICMP error on behalf of another viewer is reported by whichever call comes next, and
        /// by one only.
        const ATTEMPTS: usize = 4;
        let to = SockaddrStorage::from(self.fitting(to));
        let segment = segment.as_ref().map(ControlMessage::UdpGsoSegments);
        let mut control = [ControlMessage::UdpGsoSegments(&0); 2];
        let mut controls = 0;
        for message in [source.message(), segment].into_iter().flatten() {
            control[controls] = message;
            controls += 1;
        }
        let (pieces, flags) = ([IoSlice::new(bytes)], MsgFlags::MSG_NOSIGNAL);
        let mut result = Ok(());
        for _ in 0..ATTEMPTS {
            result = sendmsg(
                socket.as_raw_fd(),
                &pieces,
                &control[..controls],
                flags,
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

    fn fitting(&self, to: SocketAddr) -> SocketAddr {
        match to.ip() {
            IpAddr::V4(v4) if self.ipv6 => SocketAddr::new(v4.to_ipv6_mapped().into(), to.port()),
            _ => to,
        }
    }
}

/// How many of the packets, from the first on, one call can send: all of one length but the last,
/// which may be shorter.
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
