//! What is written comes back, from the beginning and from every point; whatever else is read is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iceflix_index::{Error, Index, Kind, MAX_PAYLOAD, Packet, Piece, Title, Track, Writer, sweep};
use proptest::prelude::*;
use tempfile::TempDir;

const SOURCE_LEN: u64 = 1 << 40;

fn title() -> Title {
    let video = Track {
        kind: Kind::Video,
        encoding: "H264".into(),
        clock_rate: 90_000,
        channels: None,
        payload_type: 96,
        fmtp: vec![
            ("packetization-mode".into(), "1".into()),
            ("profile-level-id".into(), "42c01f".into()),
        ],
        language: None,
        name: None,
        bit_rate: Some(2_000_000),
    };
    let audio = Track {
        kind: Kind::Audio,
        encoding: "MPEG4-GENERIC".into(),
        clock_rate: 48_000,
        channels: Some(2),
        payload_type: 97,
        fmtp: vec![("mode".into(), "AAC-hbr".into())],
        language: Some("es".into()),
        name: Some("Sonido".into()),
        bit_rate: None,
    };
    Title {
        source_len: SOURCE_LEN,
        duration: Duration::from_millis(90_125),
        tracks: vec![video, audio],
    }
}

/// A packet that owns what it refers to.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    track: u8,
    send_at: Duration,
    timestamp: u64,
    marker: bool,
    keyframe: bool,
    inline: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Owned {
    fn borrow(&self) -> Packet<'_> {
        Packet {
            track: self.track,
            send_at: self.send_at,
            timestamp: self.timestamp,
            marker: self.marker,
            keyframe: self.keyframe,
            inline: &self.inline,
            pieces: &self.pieces,
        }
    }
}

impl From<Packet<'_>> for Owned {
    fn from(packet: Packet<'_>) -> Self {
        Self {
            track: packet.track,
            send_at: packet.send_at,
            timestamp: packet.timestamp,
            marker: packet.marker,
            keyframe: packet.keyframe,
            inline: packet.inline.to_vec(),
            pieces: packet.pieces.to_vec(),
        }
    }
}

/// A film of the given number of packets, with a keyframe of video in every tenth; some have payload in the side file.
fn film(packets: u64) -> Vec<Owned> {
    (0..packets)
        .map(|n| {
            let keyframe = n % 10 == 0;
            let pieces = match n % 4 {
                0 | 1 => vec![
                    Piece::Inline { start: 0, len: 2 },
                    Piece::Source {
                        offset: n * 1_398,
                        len: 1_398,
                    },
                ],
                2 => vec![Piece::Source {
                    offset: SOURCE_LEN - 1_000 - n,
                    len: 1_000,
                }],
                _ => vec![
                    Piece::Inline { start: 0, len: 2 },
                    Piece::Side {
                        offset: n % 7,
                        len: 100,
                    },
                ],
            };
            Owned {
                track: if keyframe { 0 } else { (n % 3 == 0).into() },
                send_at: Duration::from_millis(n / 3 * 40),
                timestamp: n * 3_003 + (n * 7 % 5) * 1_000,
                marker: n % 3 == 2,
                keyframe,
                inline: if n % 4 == 2 {
                    vec![]
                } else {
                    vec![0x7c, n as u8]
                },
                pieces,
            }
        })
        .collect()
}

fn write(dir: &Path, packets: &[Owned]) {
    let mut writer = Writer::create(dir, title()).expect("created");
    assert_eq!(writer.side(&[0; 200]).expect("written"), 0);
    for packet in packets {
        writer.push(&packet.borrow()).expect("accepted");
    }
    writer.finish().expect("finished");
}

fn read(index: &Index, mut cursor: iceflix_index::Cursor) -> Result<Vec<Owned>, Error> {
    let mut packets = Vec::new();
    while let Some(packet) = cursor.next(index)? {
        packets.push(packet.into());
    }
    Ok(packets)
}

/// A directory with the index of a film, and the film: a file without content that has the right length.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let root = TempDir::new().expect("a directory");
        let source = fs::File::create(root.path().join("film")).expect("a file");
        source.set_len(SOURCE_LEN).expect("a sparse file");
        Self { root }
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("cache/index/title")
    }

    fn open(&self) -> Result<Index, Error> {
        Index::open(&self.dir(), &self.root.path().join("film"))
    }
}

#[test]
fn what_is_written_comes_back() {
    let place = Place::new();
    let packets = film(5_000);
    write(&place.dir(), &packets);
    let index = place.open().expect("opened");
    assert_eq!(*index.title(), title());
    assert_eq!(read(&index, index.cursor()).expect("read"), packets);
}

#[test]
fn every_point_leads_to_its_keyframe_and_on_to_the_end() {
    let place = Place::new();
    let packets = film(300);
    write(&place.dir(), &packets);
    let index = place.open().expect("opened");
    assert_eq!(index.points(), 30);
    for number in 0..index.points() {
        let point = index.point(number).expect("read");
        let rest = &packets[number as usize * 10..];
        assert_eq!(point.send_at, rest[0].send_at);
        assert_eq!(
            point.pts.as_micros() as u64,
            rest[0].timestamp * 1_000_000 / 90_000
        );
        assert_eq!(read(&index, index.cursor_at(&point)).expect("read"), rest);
        assert_eq!(index.seek(point.pts).expect("sought"), Some(point));
    }
}

#[test]
fn seeking_finds_the_last_keyframe_before_the_place() {
    let place = Place::new();
    let mut packets = film(100);
    packets
        .iter_mut()
        .for_each(|packet| packet.timestamp += 90_000);
    write(&place.dir(), &packets);
    let index = place.open().expect("opened");
    let second = index.point(1).expect("read");
    let sought = |to| index.seek(to).expect("sought");
    assert_eq!(sought(Duration::ZERO), None);
    assert_eq!(
        sought(second.pts - Duration::from_micros(1)),
        Some(index.point(0).expect("read"))
    );
    assert_eq!(sought(second.pts + Duration::from_micros(1)), Some(second));
    assert_eq!(sought(Duration::MAX), Some(index.point(9).expect("read")));
}

#[test]
fn a_fragment_of_a_picture_takes_six_bytes() {
    let place = Place::new();
    let fragments = 10_000;
    let packets: Vec<_> = (0..fragments)
        .map(|n| Owned {
            track: 0,
            send_at: Duration::ZERO,
            timestamp: 0,
            marker: false,
            keyframe: false,
            inline: vec![0x7c, 0x05],
            pieces: vec![
                Piece::Inline { start: 0, len: 2 },
                Piece::Source {
                    offset: n * 1_386,
                    len: 1_386,
                },
            ],
        })
        .collect();
    write(&place.dir(), &packets);
    let len = fs::metadata(place.dir().join("packets"))
        .expect("there")
        .len();
    assert_eq!(len, 8 + 6 * fragments);
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let place = Place::new();
    let mut writer = Writer::create(&place.dir(), title()).expect("created");
    writer.push(&film(3)[0].borrow()).expect("accepted");
    drop(writer);
    let above = place.dir().parent().expect("it has one").to_owned();
    assert_eq!(fs::read_dir(above).expect("there").count(), 0);
}

#[test]
fn a_growing_index_is_read_as_far_as_it_is_written_and_to_its_end() {
    let place = Place::new();
    let packets = film(5_000);
    let mut writer = Writer::create(&place.dir(), title()).expect("created");
    let index = writer.share(&place.root.path().join("film"));
    let index = index.expect("shared");
    let mut cursor = index.cursor();
    assert!(cursor.next(&index).expect("nothing is wrong").is_none());
    assert!(cursor.is_waiting() && index.is_growing());
    let mut found: Vec<Owned> = Vec::new();
    for (number, packet) in packets.iter().enumerate() {
        if packet
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Side { .. }))
        {
            writer.side(&[0; 50]).expect("written");
        }
        if writer.push(&packet.borrow()).is_err() {
            // The side file is still too short for it.
            writer.side(&[0; 200]).expect("written");
            writer.push(&packet.borrow()).expect("accepted");
        }
        while let Some(packet) = cursor.next(&index).expect("read") {
            found.push(packet.into());
        }
        assert!(cursor.is_waiting());
        assert!(number < 40 || found.len() * 2 > number && found.len() + 1_000 > number);
    }
    let last = index.point(index.points() - 1).expect("read").pts;
    assert!(index.knows(last - Duration::from_micros(1)).expect("known"));
    assert!(!index.knows(last).expect("a later one may come"));
    writer.describe(Duration::from_secs(77), [None, None]);
    writer.finish().expect("finished");
    while let Some(packet) = cursor.next(&index).expect("read") {
        found.push(packet.into());
    }
    assert!(!cursor.is_waiting() && !index.is_growing());
    assert!(index.knows(Duration::MAX).expect("known"));
    assert_eq!(found, packets);
    assert_eq!(index.title().duration, Duration::from_secs(77));
    let opened = place.open().expect("it is on the disk as well");
    assert_eq!(opened.points(), index.points());
    assert_eq!(read(&opened, opened.cursor()).expect("read"), packets);
}

#[test]
fn a_growing_index_that_is_given_up_says_so_behind_its_last_packet() {
    let place = Place::new();
    let mut writer = Writer::create(&place.dir(), title()).expect("created");
    let source = place.root.path().join("film");
    let index = writer.share(&source).expect("shared");
    assert!(matches!(writer.share(&source), Err(Error::Refused { .. })));
    writer.side(&[0; 200]).expect("written");
    for packet in film(1_000) {
        writer.push(&packet.borrow()).expect("accepted");
    }
    drop(writer);
    let mut cursor = index.cursor();
    let mut found = 0;
    let error = loop {
        match cursor.next(&index) {
            Ok(Some(_)) => found += 1,
            Ok(None) => panic!("it never came to its end"),
            Err(error) => break error,
        }
    };
    assert!(
        found > 500 && matches!(error, Error::Abandoned { .. }),
        "{found} {error}"
    );
    assert!(matches!(
        index.knows(Duration::MAX),
        Err(Error::Abandoned { .. })
    ));
}

#[test]
fn a_second_index_replaces_the_first_under_its_readers() {
    let place = Place::new();
    write(&place.dir(), &film(3_000));
    let first = place.open().expect("opened");
    write(&place.dir(), &film(20));
    assert_eq!(read(&first, first.cursor()).expect("read").len(), 3_000);
    let second = place.open().expect("opened");
    assert_eq!(read(&second, second.cursor()).expect("read").len(), 20);
    let above = place.dir().parent().expect("it has one").to_owned();
    assert_eq!(fs::read_dir(above).expect("there").count(), 1);
}

#[test]
fn sweeping_takes_the_leftovers_of_the_dead_and_spares_the_living() {
    let place = Place::new();
    let above = place.dir().parent().expect("it has one").to_owned();
    assert_eq!(sweep(&above).expect("nothing to do"), 0);
    let living = Writer::create(&place.dir(), title()).expect("created");
    let dead = above.join(".partial-dead");
    fs::create_dir(&dead).expect("made");
    fs::write(dead.join("packets"), b"IceFlixP").expect("made");
    assert_eq!(sweep(&above).expect("swept"), 1);
    assert!(!dead.exists());
    living.finish().expect("it was not disturbed");
    assert_eq!(sweep(&above).expect("swept"), 0);
    assert!(place.open().is_ok());
}

#[test]
fn packets_that_break_a_rule_are_refused_and_the_writer_goes_on() {
    let place = Place::new();
    let mut writer = Writer::create(&place.dir(), title()).expect("created");
    let good = film(10)[9].clone();
    let spoilers: [fn(&mut Owned); 9] = [
        |packet| packet.track = 2,
        |packet| packet.send_at = Duration::MAX,
        |packet| packet.send_at = Duration::ZERO,
        |packet| packet.pieces.clear(),
        |packet| packet.pieces = vec![Piece::Inline { start: 1, len: 2 }],
        |packet| {
            packet.pieces = vec![Piece::Inline {
                start: u32::MAX,
                len: 2,
            }]
        },
        |packet| {
            packet.pieces = vec![Piece::Source {
                offset: SOURCE_LEN - 1,
                len: 2,
            }]
        },
        |packet| packet.pieces = vec![Piece::Side { offset: 0, len: 1 }],
        |packet| {
            packet.pieces = vec![
                Piece::Source {
                    offset: 0,
                    len: 701
                };
                2
            ]
        },
    ];
    writer
        .push(
            &Owned {
                pieces: vec![Piece::Source { offset: 0, len: 1 }],
                ..good.clone()
            }
            .borrow(),
        )
        .expect("fine");
    for spoil in spoilers {
        let mut bad = Owned {
            pieces: vec![Piece::Source { offset: 0, len: 1 }],
            ..good.clone()
        };
        spoil(&mut bad);
        assert!(
            matches!(writer.push(&bad.borrow()), Err(Error::Refused { .. })),
            "{bad:?}"
        );
    }
    writer.finish().expect("finished");
    let index = place.open().expect("opened");
    assert_eq!(read(&index, index.cursor()).expect("read").len(), 1);
}

#[test]
fn a_film_that_changed_its_length_is_told_from_a_damaged_index() {
    let place = Place::new();
    write(&place.dir(), &film(10));
    let film = fs::File::options()
        .write(true)
        .open(place.root.path().join("film"))
        .expect("there");
    film.set_len(SOURCE_LEN - 1).expect("cut");
    let error = place.open().expect_err("it is another film");
    assert!(
        matches!(&error, Error::SourceChanged { found, .. } if *found == SOURCE_LEN - 1),
        "{error}"
    );
}

#[test]
fn an_index_of_another_version_is_told_from_a_damaged_one() {
    let place = Place::new();
    write(&place.dir(), &film(10));
    let path = place.dir().join("title.json");
    fs::write(&path, r#"{ "version": 7, "what": "nobody knows yet" }"#).expect("written");
    assert!(matches!(place.open(), Err(Error::Version { found: 7, .. })));
}

#[test]
fn each_damaged_file_is_reported_by_name() {
    for name in ["title.json", "packets", "seek", "side"] {
        let place = Place::new();
        write(&place.dir(), &film(100));
        let path = place.dir().join(name);
        let whole = fs::read(&path).expect("there");
        fs::write(&path, &whole[..whole.len() - 1]).expect("cut");
        let error = place.open().expect_err("it is cut short");
        assert!(
            matches!(&error, Error::Damaged { path: told, .. } if *told == path),
            "{name}: {error}"
        );
        fs::remove_file(&path).expect("removed");
        assert!(
            matches!(place.open(), Err(Error::Io { path: told, .. }) if told == path),
            "{name}"
        );
    }
}

/// A packet that some writer could hand in after one that is sent at `after`.
fn any_packet(after: Duration) -> impl Strategy<Value = Owned> {
    let piece = (0_u8..3, 0..SOURCE_LEN - MAX_PAYLOAD as u64, 1_u32..=175);
    let pieces = proptest::collection::vec(piece, 1..=8);
    let (marker, keyframe) = (any::<bool>(), any::<bool>());
    (
        0_u8..2,
        0_u64..1 << 40,
        0_u64..1 << 62,
        marker,
        keyframe,
        pieces,
    )
        .prop_map(move |(track, step, timestamp, marker, keyframe, wanted)| {
            let mut inline = Vec::new();
            let mut pieces = Vec::new();
            for (place, offset, len) in wanted {
                pieces.push(match place {
                    0 => {
                        let start = inline.len() as u32;
                        inline.extend((0..len).map(|n| n as u8));
                        Piece::Inline { start, len }
                    }
                    1 => Piece::Source { offset, len },
                    _ => Piece::Side {
                        offset: offset % 25,
                        len,
                    },
                });
            }
            let send_at = after + Duration::from_micros(step);
            Owned {
                track,
                send_at,
                timestamp,
                marker,
                keyframe,
                inline,
                pieces,
            }
        })
}

fn any_film() -> impl Strategy<Value = Vec<Owned>> {
    proptest::collection::vec(any_packet(Duration::ZERO), 1..40).prop_map(|mut packets| {
        packets.sort_by_key(|packet| packet.send_at);
        packets
    })
}

proptest! {
    #[test]
    fn any_film_comes_back(packets in any_film()) {
        let place = Place::new();
        write(&place.dir(), &packets);
        let index = place.open().expect("opened");
        prop_assert_eq!(read(&index, index.cursor()).expect("read"), packets);
        for number in 0..index.points() {
            let point = index.point(number).expect("read");
            prop_assert!(read(&index, index.cursor_at(&point)).is_ok());
        }
    }

    #[test]
    fn damage_anywhere_gives_valid_packets_or_an_error(at in 0_usize..100_000, bits in 1_u8..) {
        let place = Place::new();
        write(&place.dir(), &film(200));
        for name in ["packets", "seek", "title.json"] {
            let path = place.dir().join(name);
            let whole = fs::read(&path).expect("there");
            let mut damaged = whole.clone();
            damaged[at % whole.len()] ^= bits;
            fs::write(&path, &damaged).expect("written");
            if let Ok(index) = place.open() {
                let cursors = (0..index.points()).filter_map(|n| index.point(n).ok()).map(|p| index.cursor_at(&p));
                for cursor in cursors.chain([index.cursor()]) {
                    check(&index, cursor);
                }
            }
            fs::write(&path, &whole).expect("written");
        }
    }

    #[test]
    fn any_bytes_as_packets_give_valid_packets_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 192)) {
        let place = Place::new();
        write(&place.dir(), &film(32));
        let path = place.dir().join("packets");
        let mut file = fs::read(&path).expect("there");
        let len = file.len().min(bytes.len()) - 8;
        file[8..][..len].copy_from_slice(&bytes[..len]);
        fs::write(&path, file).expect("written");
        let index = place.open().expect("its lengths are right");
        check(&index, index.cursor());
    }
}

/// Walks along until the end or an error; all that comes keeps the promises of a packet.
fn check(index: &Index, mut cursor: iceflix_index::Cursor) {
    let mut last = Duration::ZERO;
    while let Ok(Some(packet)) = cursor.next(index) {
        assert!(usize::from(packet.track) < index.title().tracks.len());
        assert!((1..=MAX_PAYLOAD).contains(&packet.payload_len()));
        assert!(packet.send_at >= last);
        last = packet.send_at;
        for piece in packet.pieces {
            match *piece {
                Piece::Inline { start, len } => {
                    assert!((start + len) as usize <= packet.inline.len())
                }
                Piece::Source { offset, len } => assert!(offset + u64::from(len) <= SOURCE_LEN),
                Piece::Side { offset, len } => assert!(offset + u64::from(len) <= 200),
            }
        }
    }
}
