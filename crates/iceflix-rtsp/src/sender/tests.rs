//! A disk that hangs, under streams that share a thread.

use std::fs::{self, File};
use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use iceflix_index::{Index, Kind, Packet, Piece, Title, Track, Writer};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use rustix::io::{Errno, ReadWriteFlags, preadv2};

use super::*;
use crate::Error;
use crate::event::End;
use crate::pulse::Pulse;
use crate::rtp::Outgoing;
use crate::statistics::Counters;

const PATIENCE: Duration = Duration::from_secs(30);
const PACKETS: u64 = 300;

/// Three seconds of packets, a hundred a second, with their number in front.
fn film(dir: &Path) -> (PathBuf, Arc<Index>) {
    fs::create_dir(dir).expect("made");
    let source = dir.join("film");
    let bytes: Vec<u8> = (0..PACKETS).flat_map(|n| [n as u8; 1_000]).collect();
    fs::write(&source, &bytes).expect("written");
    let track = Track {
        kind: Kind::Video,
        encoding: "H264".into(),
        clock_rate: 90_000,
        channels: None,
        payload_type: 96,
        fmtp: Vec::new(),
        language: None,
        name: None,
        bit_rate: None,
    };
    let title = Title {
        source_len: bytes.len() as u64,
        duration: Duration::from_secs(3),
        tracks: vec![track],
    };
    let mut writer = Writer::create(&dir.join("index"), title).expect("a new index");
    for n in 0..PACKETS {
        let pieces = [Piece::Source {
            offset: n * 1_000,
            len: 1_000,
        }];
        let packet = Packet {
            track: 0,
            send_at: Duration::from_millis(n * 10),
            timestamp: n * 900,
            marker: true,
            keyframe: n % 100 == 0,
            inline: &[],
            pieces: &pieces,
        };
        writer.push(&packet).expect("a proper packet");
    }
    writer.finish().expect("a whole index");
    let index = Index::open(&dir.join("index"), &source).expect("opened");
    (source, Arc::new(index))
}

/// Has the system forget a file's content; whether it does such things.
fn forget(path: &Path) -> bool {
    let file = File::open(path).expect("a film");
    file.sync_all().expect("written");
    let forget = || posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    let mut byte = [0];
    forget().expect("advice");
    let asked = preadv2(
        &file,
        &mut [IoSliceMut::new(&mut byte)],
        0,
        ReadWriteFlags::NOWAIT,
    );
    // Asking has the system read it again: once that is over, it is forgotten for good.
    file.read_exact_at(&mut byte, 0).expect("read");
    forget().expect("advice");
    asked == Err(Errno::AGAIN)
}

fn opening(index: &Arc<Index>, to: &UdpSocket) -> Opening {
    let to = to.local_addr().expect("an address");
    let place = Place::Ports { rtp: to, rtcp: to };
    let now = Instant::now();
    Opening {
        index: Arc::clone(index),
        legs: vec![Some(Leg {
            outgoing: Outgoing::random(96, 90_000),
            place,
        })],
        route: Route::Datagram(None),
        name: "test".into(),
        pulse: Arc::new(Pulse::new(now)),
        silence: None,
        unreachable_grace: PATIENCE,
        unreachable_from: None,
        max_lag: PATIENCE,
        notify: Box::new(|_| {}),
    }
}

/// The sequence number and the first byte of payload of the next packet of media.
fn packet(viewer: &UdpSocket) -> (u16, u8) {
    let mut bytes = [0; 2_048];
    loop {
        let len = viewer.recv(&mut bytes).expect("a packet");
        if len > 1_000 {
            return (u16::from_be_bytes([bytes[2], bytes[3]]), bytes[12]);
        }
    }
}

/// Watches until shortly before the film's end. Whatever a busy machine loses, every packet has the
/// number that it must have.
fn watch_on(viewer: &UdpSocket, first: (u16, u8)) {
    let mut passed = 0;
    while passed < PACKETS as u16 - 50 {
        let (sequence, byte) = packet(viewer);
        passed = sequence.wrapping_sub(first.0);
        assert_eq!(passed as u8, byte.wrapping_sub(first.1));
    }
}

#[tokio::test]
async fn a_disk_that_hangs_delays_nobody_whose_film_is_in_memory() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (cold_source, cold) = film(&dir.path().join("cold"));
    let (_, warm) = film(&dir.path().join("warm"));
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let counters = Arc::<Counters>::default();
    let pool = Pool::start(1, address, &counters).expect("a thread");
    let lane = pool.lightest();
    // Everybody who may wait for this disk does.
    let (release, hangs) = mpsc::channel::<()>();
    let hangs = Arc::new(Mutex::new(hangs));
    for _ in 0..64 {
        let hangs = Arc::clone(&hangs);
        lane.disk(&cold).run(move || {
            let hangs = hangs.lock().expect("no panic");
            let _until_it_is_dropped = hangs.recv();
        });
    }
    if !forget(&cold_source) {
        println!(
            "left out: the file system of {} forgets nothing",
            dir.path().display()
        );
        return;
    }
    let [waits, goes_on] = [(); 2].map(|()| {
        let socket = UdpSocket::bind((address, 0)).expect("a port");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        socket
    });
    let tickets = [(&cold, &waits), (&warm, &goes_on)]
        .map(|(index, to)| lane.open(pool.next_key(), opening(index, to)));
    tickets.iter().for_each(Ticket::roll);
    // The film that is in memory is sent to its end, all in time.
    watch_on(&goes_on, packet(&goes_on));
    waits.set_nonblocking(true).expect("a socket");
    assert!(
        waits.recv(&mut [0; 2_048]).is_err(),
        "nothing was sent of the other"
    );
    // What waits can be paused, and the numbers that it had are not lost.
    tickets[0].halt().await;
    let cue = || tickets[0].cue(From::Here, None, NORMAL);
    assert!(matches!(cue().await, Err(Error::Disk)));
    drop(release);
    let cued = cue().await.expect("the disk answers again");
    waits.set_nonblocking(false).expect("a socket");
    tickets[0].roll();
    let (first, byte) = packet(&waits);
    assert_eq!((first, byte), (cued.tracks[0].1, 0));
    watch_on(&waits, (first, byte));
    pool.stop();
}

#[tokio::test]
async fn a_stream_that_panics_ends_alone_and_its_thread_goes_on() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (_, index) = film(&dir.path().join("title"));
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let pool = Pool::start(1, address, &Arc::<Counters>::default()).expect("a thread");
    let viewer = UdpSocket::bind((address, 0)).expect("a port");
    viewer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let (notices, told) = mpsc::channel();
    let faulty = Opening {
        notify: Box::new(move |notice| match notice {
            Notice::Finished => panic!("this is what is tested"),
            Notice::Gone(end) => drop(notices.send(end)),
        }),
        ..opening(&index, &viewer)
    };
    let lane = pool.lightest();
    let faulty = lane.open(pool.next_key(), faulty);
    let end = Some(Duration::from_millis(100));
    let cued = faulty.cue(From::At(Duration::ZERO), end, NORMAL).await;
    cued.expect("it is there");
    faulty.roll();
    match told.recv_timeout(PATIENCE).expect("its end") {
        End::Failed(reason) => assert!(reason.contains("panicked"), "{reason}"),
        end => panic!("{end:?}"),
    }
    let other = UdpSocket::bind((address, 0)).expect("a port");
    other.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let ticket = lane.open(pool.next_key(), opening(&index, &other));
    ticket.roll();
    watch_on(&other, packet(&other));
    pool.stop();
}
