//! The least that sending can cost: packets laid out beforehand, sent from memory, with as few calls
//! as the kernel allows. It knows no sessions, no seeks and no files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufRead, IoSlice, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use iceflix_index::{Index, Piece};
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};

use crate::film::Film;
use crate::process::Process;
use crate::viewers::{Viewer, Way, ports};

/// How much of the film goes out with one call: some 40 packets.
const TICK: Duration = Duration::from_millis(145);

/// A process that sends.
pub(crate) struct Floor {
    pub(crate) process: Process,
    address: SocketAddr,
}

impl Floor {
    pub(crate) fn start(film: &Film) -> Self {
        let mut process = Process::ourselves("floor");
        process.tell(&format!(
            "{}\t{}",
            film.path.display(),
            film.index.display()
        ));
        let address = process.hear().parse().unwrap();
        Self { process, address }
    }

    /// Has the film sent from that second on.
    pub(crate) fn watch(&mut self, from: f64, way: Way) -> Viewer {
        let rates = [90_000, 48_000];
        match way {
            Way::Tcp => {
                let mut socket = TcpStream::connect(self.address).unwrap();
                socket.write_all(&from.to_be_bytes()).unwrap();
                Viewer::connected(socket, &rates)
            }
            Way::Udp => {
                let [video, audio] = [ports().0, ports().0];
                let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
                self.process
                    .tell(&format!("{from} {} {}", port(&video), port(&audio)));
                Viewer::listening(vec![(video, rates[0]), (audio, rates[1])])
            }
        }
    }
}

/// A film laid out.
struct Layout {
    bytes: Vec<u8>,
    ticks: Vec<Tick>,
    /// The length of the longest packet.
    full: usize,
}

/// What goes out together: by TCP in one piece, by UDP in runs.
struct Tick {
    runs: Vec<Run>,
    start: usize,
    end: usize,
}

/// Packets that the kernel cuts out of one piece of memory.
struct Run {
    track: u8,
    start: usize,
    end: usize,
}

enum Target {
    Ports(SockaddrIn, SockaddrIn),
    Connection(TcpStream, Vec<u8>),
}

/// What the process does.
pub(crate) fn run() {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    let (film, index) = line.trim_end().split_once('\t').unwrap();
    let index = Index::open(index.as_ref(), film.as_ref()).unwrap();
    let [datagrams, frames] = [false, true].map(|framed| Arc::new(lay_out(&index, framed)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let threads: Vec<_> = (0..std::thread::available_parallelism().unwrap().get())
        .map(|_| {
            let (sender, receiver) = mpsc::channel();
            let (datagrams, frames) = (Arc::clone(&datagrams), Arc::clone(&frames));
            std::thread::spawn(move || send(&receiver, &datagrams, &frames));
            sender
        })
        .collect();
    let mut next = 0;
    let mut admit = move |from: f64, target| {
        next += 1;
        let _ = threads[next % threads.len()].send((from, target));
    };
    let mut admit_too = admit.clone();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut from = [0; 8];
            std::io::Read::read_exact(&mut socket, &mut from).unwrap();
            socket.set_nonblocking(true).unwrap();
            admit_too(
                f64::from_be_bytes(from),
                Target::Connection(socket, Vec::new()),
            );
        }
    });
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let fields: Vec<&str> = line.split(' ').collect();
        let place = |field: &str| SockaddrIn::new(127, 0, 0, 1, field.parse().unwrap());
        let target = Target::Ports(place(fields[1]), place(fields[2]));
        admit(fields[0].parse().unwrap(), target);
    }
}

fn lay_out(index: &Index, framed: bool) -> Layout {
    let mut layout = Layout {
        bytes: Vec::new(),
        ticks: Vec::new(),
        full: 0,
    };
    let mut sequences = [0_u16; 2];
    let mut waiting: Vec<(u8, Vec<u8>)> = Vec::new();
    let mut cursor = index.cursor();
    while let Some(packet) = cursor.next(index).unwrap() {
        if packet.send_at >= TICK * (layout.ticks.len() as u32 + 1) {
            layout.close(&mut waiting, framed);
        }
        let mut made = vec![0x80, u8::from(packet.marker) << 7 | (96 + packet.track)];
        let sequence = &mut sequences[usize::from(packet.track)];
        *sequence = sequence.wrapping_add(1);
        made.extend_from_slice(&sequence.to_be_bytes());
        made.extend_from_slice(&(packet.timestamp as u32).to_be_bytes());
        made.extend_from_slice(&[0, 0, 0, 1]);
        for piece in packet.pieces {
            match *piece {
                Piece::Inline { start, len } => {
                    made.extend_from_slice(&packet.inline[start as usize..][..len as usize]);
                }
                Piece::Source { offset, len } => {
                    let at = made.len();
                    made.resize(at + len as usize, 0);
                    let place = &mut made[at..];
                    index.source().read_exact_at(place, offset).unwrap();
                }
                Piece::Side { .. } => unreachable!("a film of MP4 has none"),
            }
        }
        layout.full = layout.full.max(made.len());
        waiting.push((packet.track, made));
    }
    layout.close(&mut waiting, framed);
    layout.find_runs();
    layout
}

impl Layout {
    /// Lays out what goes out together; by UDP one track behind the other.
    fn close(&mut self, waiting: &mut Vec<(u8, Vec<u8>)>, framed: bool) {
        let start = self.bytes.len();
        let mut runs = Vec::new();
        if !framed {
            waiting.sort_by_key(|(track, _)| *track);
        }
        for (track, packet) in waiting.drain(..) {
            if framed {
                let [high, low] = (packet.len() as u16).to_be_bytes();
                self.bytes.extend_from_slice(&[b'$', 2 * track, high, low]);
            }
            let at = self.bytes.len();
            self.bytes.extend_from_slice(&packet);
            runs.push(Run {
                track,
                start: at,
                end: self.bytes.len(),
            });
        }
        let end = self.bytes.len();
        self.ticks.push(Tick { runs, start, end });
    }

    /// Joins packets of full length with those behind them, as far as the kernel cuts them again.
    fn find_runs(&mut self) {
        let full = self.full;
        for tick in &mut self.ticks {
            tick.runs.dedup_by(|next, run| {
                let joins = next.track == run.track
                    && (run.end - run.start).is_multiple_of(full)
                    && next.end - run.start < 64_000;
                if joins {
                    run.end = next.end;
                }
                joins
            });
        }
    }
}

fn send(arrivals: &mpsc::Receiver<(f64, Target)>, datagrams: &Layout, frames: &Layout) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket2::SockRef::from(&socket)
        .set_send_buffer_size(4 << 20)
        .unwrap();
    let mut targets = Vec::new();
    let mut turns = BinaryHeap::new();
    let mut headers = MultiHeaders::<SockaddrIn>::preallocate(64, Some(nix::cmsg_space!(u16)));
    loop {
        while let Ok((from, target)) = arrivals.try_recv() {
            turns.push(Reverse((
                Instant::now(),
                targets.len(),
                (from / TICK.as_secs_f64()) as usize,
            )));
            targets.push(target);
        }
        let Some(Reverse((due, number, tick))) = turns.peek().copied() else {
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        let wait = due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            // As an epoll would: whole milliseconds.
            std::thread::sleep(
                wait.min(Duration::from_millis(20))
                    .max(Duration::from_millis(1)),
            );
            continue;
        }
        turns.pop();
        match &mut targets[number] {
            Target::Connection(socket, rest) => {
                let tick = &frames.ticks[tick % frames.ticks.len()];
                let bytes = &frames.bytes[tick.start..tick.end];
                write(socket, rest, bytes);
            }
            Target::Ports(video, audio) => {
                let tick = &datagrams.ticks[tick % datagrams.ticks.len()];
                for runs in tick.runs.chunks(64) {
                    let slices: Vec<_> = runs
                        .iter()
                        .map(|run| [IoSlice::new(&datagrams.bytes[run.start..run.end])])
                        .collect();
                    let places: Vec<_> = runs
                        .iter()
                        .map(|run| Some(if run.track == 0 { *video } else { *audio }))
                        .collect();
                    let segment = [ControlMessage::UdpGsoSegments(&(datagrams.full as u16))];
                    let flags = MsgFlags::empty();
                    sendmmsg(
                        socket.as_raw_fd(),
                        &mut headers,
                        &slices,
                        places,
                        segment,
                        flags,
                    )
                    .unwrap();
                }
            }
        }
        turns.push(Reverse((due + TICK, number, tick + 1)));
    }
}

/// Writes as much as goes, and keeps the rest.
fn write(socket: &mut TcpStream, rest: &mut Vec<u8>, bytes: &[u8]) {
    if !rest.is_empty() {
        rest.extend_from_slice(bytes);
        let sent = socket.write(rest).unwrap_or(0);
        rest.drain(..sent);
        return;
    }
    let sent = socket.write(bytes).unwrap_or(0);
    rest.extend_from_slice(&bytes[sent..]);
}
