//! Many viewers in one thread: each has connections, ports and numbers of its own, and looks at the
//! first bytes of every packet that comes.

use std::io::{ErrorKind, IoSliceMut, Read};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::sys::socket::{MsgFlags, MultiHeaders, recvmmsg};

use crate::arrivals::{Arrivals, Tally};
use crate::rtsp::Connection;

/// How packets come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Udp,
    Tcp,
}

pub(crate) const WAYS: [Way; 2] = [Way::Udp, Way::Tcp];

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}

/// Between two looks at the sockets. What arrived meanwhile is taken at once, so that the client
/// leaves the processors to the server; it is also how exactly arrivals are known.
const TICK: Duration = Duration::from_millis(4);

/// Packets taken from a socket at once.
const AT_ONCE: usize = 64;

/// The bytes that are looked at: an RTP header. The rest is left in the kernel.
const HEADER: usize = 12;

/// A viewer before it is received.
pub(crate) struct Viewer {
    feeds: Vec<Feed>,
    /// Kept open: a session ends with its connection.
    _connection: Option<TcpStream>,
}

/// A socket that packets come from.
enum Feed {
    Datagrams(UdpSocket, Arrivals),
    /// Reports; taken, and that is all.
    Reports(UdpSocket),
    Stream(Box<Stream>),
}

struct Stream {
    socket: TcpStream,
    tracks: Vec<Arrivals>,
    /// What was received and not yet looked at.
    rest: Vec<u8>,
}

/// A thread that receives; when it is asked to, it tells what came since the last time.
pub(crate) struct Audience {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicBool>,
    thread: JoinHandle<Tally>,
}

impl Viewer {
    /// Asks for the film at this URL, from that second on. Packets flow when it returns.
    pub(crate) fn watch(url: &str, from: f64, way: Way) -> Self {
        let mut connection = Connection::open(url);
        let tracks = connection.describe();
        let mut feeds = Vec::new();
        let mut arrivals = Vec::new();
        for (number, track) in tracks.iter().enumerate() {
            let transport = match way {
                Way::Tcp => format!(
                    "RTP/AVP/TCP;unicast;interleaved={}-{}",
                    2 * number,
                    2 * number + 1
                ),
                Way::Udp => {
                    let (rtp, rtcp) = ports();
                    let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
                    let transport =
                        format!("RTP/AVP;unicast;client_port={}-{}", port(&rtp), port(&rtcp));
                    feeds.push(Feed::Datagrams(rtp, Arrivals::new(track.clock_rate)));
                    feeds.push(Feed::Reports(rtcp));
                    transport
                }
            };
            connection.set_up(track, &transport);
            arrivals.push(Arrivals::new(track.clock_rate));
        }
        connection.play(from);
        let (socket, rest) = connection.into_parts();
        if way == Way::Udp {
            return Self {
                feeds,
                _connection: Some(socket),
            };
        }
        Self::of_stream(socket, arrivals, rest)
    }

    /// A viewer of frames on a connection, with tracks of these clock rates.
    pub(crate) fn connected(socket: TcpStream, clock_rates: &[u32]) -> Self {
        let tracks = clock_rates.iter().map(|rate| Arrivals::new(*rate));
        Self::of_stream(socket, tracks.collect(), Vec::new())
    }

    /// A viewer whose tracks come to these sockets.
    pub(crate) fn listening(tracks: Vec<(UdpSocket, u32)>) -> Self {
        let feeds = tracks
            .into_iter()
            .map(|(socket, rate)| Feed::Datagrams(socket, Arrivals::new(rate)));
        Self {
            feeds: feeds.collect(),
            _connection: None,
        }
    }

    fn of_stream(socket: TcpStream, tracks: Vec<Arrivals>, rest: Vec<u8>) -> Self {
        socket.set_nonblocking(true).unwrap();
        Self {
            feeds: vec![Feed::Stream(Box::new(Stream {
                socket,
                tracks,
                rest,
            }))],
            _connection: None,
        }
    }

    /// Waits for the first packet of media.
    pub(crate) fn first_packet(&mut self) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let now = Instant::now();
            self.feeds
                .iter_mut()
                .for_each(|feed| feed.take(now, &mut buffer));
            let mut tally = Tally::default();
            self.feeds
                .iter_mut()
                .for_each(|feed| feed.count(&mut tally));
            if tally.packets > 0 {
                return;
            }
            std::thread::yield_now();
        }
    }
}

impl Audience {
    /// Receives for these viewers.
    pub(crate) fn gather(viewers: Vec<Viewer>) -> Self {
        let (stop, count) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (stopped, counts) = (Arc::clone(&stop), Arc::clone(&count));
        let thread = std::thread::spawn(move || receive(viewers, &stopped, &counts));
        Self {
            stop,
            count,
            thread,
        }
    }

    /// From here on arrivals count; what was before, while everybody came in, does not.
    pub(crate) fn count(&self) {
        self.count.store(true, Ordering::Relaxed);
    }

    /// What came since.
    pub(crate) fn tally(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn receive(mut viewers: Vec<Viewer>, stop: &AtomicBool, count: &AtomicBool) -> Tally {
    let mut poll = Poll::new().unwrap();
    let mut feeds: Vec<&mut Feed> = viewers
        .iter_mut()
        .flat_map(|viewer| &mut viewer.feeds)
        .collect();
    for (number, feed) in feeds.iter().enumerate() {
        let descriptor = feed.descriptor();
        let mut source = SourceFd(&descriptor);
        let readable = Interest::READABLE;
        poll.registry()
            .register(&mut source, Token(number), readable)
            .unwrap();
    }
    let mut events = Events::with_capacity(16_384);
    let mut buffer = vec![0; 256 << 10];
    // What came before they were registered is told of by nobody.
    let now = Instant::now();
    feeds
        .iter_mut()
        .for_each(|feed| feed.take(now, &mut buffer));
    let mut counting = false;
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(TICK);
        if !counting && count.load(Ordering::Relaxed) {
            counting = true;
            feeds.iter_mut().for_each(|feed| feed.begin_anew());
        }
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        for event in &events {
            feeds[event.token().0].take(Instant::now(), &mut buffer);
        }
    }
    let mut tally = Tally::default();
    feeds.iter_mut().for_each(|feed| feed.count(&mut tally));
    tally
}

impl Feed {
    fn descriptor(&self) -> i32 {
        match self {
            Self::Datagrams(socket, _) | Self::Reports(socket) => socket.as_raw_fd(),
            Self::Stream(stream) => stream.socket.as_raw_fd(),
        }
    }

    /// Takes all that there is.
    fn take(&mut self, now: Instant, buffer: &mut [u8]) {
        match self {
            Self::Datagrams(socket, arrivals) => {
                take_datagrams(socket, |header| arrivals.note(now, header));
            }
            Self::Reports(socket) => take_datagrams(socket, |_| {}),
            Self::Stream(stream) => stream.take(now, buffer),
        }
    }

    fn begin_anew(&mut self) {
        match self {
            Self::Datagrams(_, arrivals) => arrivals.begin_anew(),
            Self::Reports(_) => {}
            Self::Stream(stream) => stream.tracks.iter_mut().for_each(Arrivals::begin_anew),
        }
    }

    fn count(&mut self, tally: &mut Tally) {
        match self {
            Self::Datagrams(_, arrivals) => arrivals.count(tally),
            Self::Reports(_) => {}
            Self::Stream(stream) => {
                stream
                    .tracks
                    .iter_mut()
                    .for_each(|track| track.count(tally));
            }
        }
    }
}

fn take_datagrams(socket: &UdpSocket, mut note: impl FnMut(&[u8])) {
    let mut headers = MultiHeaders::<()>::preallocate(AT_ONCE, None);
    loop {
        let mut bytes = [[0; HEADER]; AT_ONCE];
        let mut slices: Vec<_> = bytes
            .iter_mut()
            .map(|bytes| [IoSliceMut::new(bytes)])
            .collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let taken = match recvmmsg(
            socket.as_raw_fd(),
            &mut headers,
            slices.iter_mut(),
            flags,
            None,
        ) {
            Ok(messages) => messages.count(),
            Err(_) => 0,
        };
        bytes[..taken].iter().for_each(|header| note(header));
        if taken < AT_ONCE {
            return;
        }
    }
}

impl Stream {
    fn take(&mut self, now: Instant, buffer: &mut [u8]) {
        loop {
            let kept = self.rest.len();
            buffer[..kept].copy_from_slice(&self.rest);
            let len = match (&self.socket).read(&mut buffer[kept..]) {
                Ok(0) => return,
                Ok(len) => len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
            };
            let mut bytes = &buffer[..kept + len];
            while let [b'$', channel, high, low, frame @ ..] = bytes {
                let len = usize::from(u16::from_be_bytes([*high, *low]));
                let Some((packet, after)) = frame.split_at_checked(len) else {
                    break;
                };
                if channel % 2 == 0 {
                    self.tracks[usize::from(channel / 2)].note(now, packet);
                }
                bytes = after;
            }
            assert!(bytes.is_empty() || bytes[0] == b'$', "no frame");
            self.rest.clear();
            self.rest.extend_from_slice(bytes);
            if kept + len < buffer.len() {
                return;
            }
        }
    }
}

/// An even port and the one above it.
pub(crate) fn ports() -> (UdpSocket, UdpSocket) {
    loop {
        let one = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = one.local_addr().unwrap().port();
        if let Ok(other) = UdpSocket::bind(("127.0.0.1", port ^ 1)) {
            let (rtp, rtcp) = if port.is_multiple_of(2) {
                (one, other)
            } else {
                (other, one)
            };
            socket2::SockRef::from(&rtp)
                .set_recv_buffer_size(1 << 20)
                .unwrap();
            return (rtp, rtcp);
        }
    }
}
