//! What becomes of streams whose film fails.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use iceflix_index::{Index, Packet, Piece, Title, Writer};
use iceflix_rtsp::{End, Event, Mount};

use crate::scene::{Cinema, INTERLEAVED};
use crate::support::client::Client;
use crate::support::film::{Film, film};
use crate::support::{eventually, server_with, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_cut_short_ends_its_own_streams_only() {
    let broken = Film::make();
    let mut cinema = Cinema::open(&broken, |_| {}, INTERLEAVED).await;
    let whole = cinema.server.mount(film().open());
    let whole_url = whole.url("127.0.0.1");
    let mut other = watch(cinema.server.local_addr(), &whole_url);
    cinema.play("npt=0-");
    cinema.packet(0);
    cut(&broken.source, 1_000);
    assert_eq!(cinema.event().await, Event::Started);
    match cinema.event().await {
        Event::Ended(End::Failed(reason)) => {
            // Whichever is seen first: that there is nothing to read, or that it has another length.
            let told = ["cut short", "another file"];
            assert!(told.iter().any(|told| reason.contains(told)), "{reason}");
        }
        event => panic!("{event:?}"),
    }
    eventually(|| cinema.server.statistics().streams == 1).await;
    let before = cinema.server.statistics().packets;
    while cinema.server.statistics().packets < before + 20 {
        other.frame();
    }
}

/// A hundred viewers of films to which something different happens each.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_streams_those_end_whose_film_fails_and_the_others_go_on() {
    type Fault = fn(&Path);
    /// Writes as many bytes to the same file.
    fn write_over(film: &Path) {
        let len = fs::metadata(film).expect("a film").len();
        fs::write(film, vec![0; len as usize]).expect("written");
    }
    let faults: [(Fault, &str); 4] = [
        (|film| cut(film, 1_000), "cut short"),
        (
            |film| fs::remove_file(film).expect("removed"),
            "was deleted",
        ),
        (
            |film| {
                fs::copy(film, film.with_extension("new")).expect("copied");
                fs::rename(film.with_extension("new"), film).expect("replaced");
            },
            "was deleted or replaced",
        ),
        (write_over, "was written to"),
    ];
    const EACH: usize = 20;
    let server = server_with(|config| config.max_sessions = EACH).await;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let index = long(&dir.path().join("index"));
    let films = faults.iter().enumerate().map(|(number, _)| {
        let source = dir.path().join(number.to_string());
        fs::copy(&film().source, &source).expect("copied");
        source
    });
    let films: Vec<_> = films.collect();
    let mut mounts: Vec<Mount> = films
        .iter()
        .map(|source| Index::open(&index, source).expect("the same film"))
        .map(|index| server.mount(Arc::new(index)))
        .collect();
    let unharmed = Index::open(&index, &film().source).expect("the same film");
    mounts.push(server.mount(Arc::new(unharmed)));
    let mut viewers: Vec<Vec<Client>> = Vec::new();
    for mount in &mounts {
        let watch = |_| watch(server.local_addr(), &mount.url("127.0.0.1"));
        viewers.push((0..EACH).map(watch).collect());
    }
    assert_eq!(server.statistics().streams, 5 * EACH);
    for (source, (fault, _)) in films.iter().zip(faults) {
        fault(source);
    }
    let unharmed = mounts.pop().expect("the last one");
    for (mount, (_, wanted)) in mounts.iter_mut().zip(faults) {
        let mut ended = 0;
        while ended < EACH {
            match until(mount.next_event()).await.expect("an event") {
                Event::Started => {}
                Event::Ended(End::Failed(reason)) => {
                    // A file that is written over is empty for a moment.
                    let is_fine = reason.contains(wanted) || reason.contains("cut short");
                    assert!(is_fine || reason.contains("another file"), "{reason}");
                    ended += 1;
                }
                event => panic!("{event:?}"),
            }
        }
    }
    assert_eq!(unharmed.viewers(), EACH);
    // More than what lies in their sockets still.
    let before = server.statistics().packets;
    while server.statistics().packets < before + 20 * EACH as u64 {
        let unharmed = viewers.last_mut().expect("the last ones");
        unharmed.iter_mut().for_each(|viewer| drop(viewer.frame()));
    }
    assert_eq!(server.statistics().streams, EACH);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_refuses_to_read_ends_the_stream_with_its_own_words() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    // A directory can be opened and has a length, and the system refuses to read from it.
    let source = dir.path().join("film");
    fs::create_dir(&source).expect("made");
    let len = fs::metadata(&source).expect("there").len();
    let title = Title {
        source_len: len,
        ..film().open().title().clone()
    };
    let index = dir.path().join("index");
    let mut writer = Writer::create(&index, title).expect("a new index");
    let packet = Packet {
        track: 0,
        send_at: Duration::ZERO,
        timestamp: 0,
        marker: true,
        keyframe: true,
        inline: &[],
        pieces: &[Piece::Source { offset: 0, len: 16 }],
    };
    writer.push(&packet).expect("a proper packet");
    writer.finish().expect("a whole index");
    let index = Index::open(&index, &source).expect("opened");
    let mut cinema = Cinema::of(Arc::new(index), |_| {}, INTERLEAVED).await;
    cinema.play("npt=0-");
    assert_eq!(cinema.event().await, Event::Started);
    match cinema.event().await {
        Event::Ended(End::Failed(reason)) => {
            assert!(reason.contains("cannot be read at byte 0"), "{reason}");
        }
        event => panic!("{event:?}"),
    }
}

/// Makes an index of a minute: the film that all know, again and again.
fn long(dir: &Path) -> PathBuf {
    let whole = film().open();
    let length = whole.title().duration;
    let title = Title {
        duration: 8 * length,
        ..whole.title().clone()
    };
    let mut writer = Writer::create(dir, title).expect("a new index");
    for round in 0..8 {
        let mut cursor = whole.cursor();
        while let Some(packet) = cursor.next(&whole).expect("a whole index") {
            let packet = Packet {
                send_at: packet.send_at + round * length,
                timestamp: packet.timestamp + u64::from(round) * length.as_secs() * 90_000,
                ..packet
            };
            writer.push(&packet).expect("a proper packet");
        }
    }
    writer.finish().expect("a whole index");
    dir.to_owned()
}

/// A viewer of the first track, on a connection of its own.
fn watch(server: SocketAddr, url: &str) -> Client {
    let mut client = Client::connect(server);
    let transport = "Transport: RTP/AVP/TCP;interleaved=0-1\r\n";
    let answer = client.ask("SETUP", &format!("{url}/track1"), transport);
    let session = format!("Session: {}\r\n", answer.session());
    assert_eq!(client.ask("PLAY", url, &session).status, 200);
    client
}

fn cut(film: &Path, len: u64) {
    let film = fs::OpenOptions::new().write(true).open(film);
    film.and_then(|film| film.set_len(len)).expect("cut");
}
