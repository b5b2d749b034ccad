//! No bytes in the files of an index make its reader panic, walk for ever, or give out a packet past its bounds.
//!
//! An input is `title.json`, `seek` and `packets`, with [`SEPARATOR`] between them. The first two bytes of the files
//! and the lengths in the description are what chance never meets, so they are put right; where the input begins with
//! [`AS_IT_IS`], they are not.
#![no_main]

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use iceflix_index::{Cursor, Index, MAX_PAYLOAD, MAX_PIECES, MAX_TRACKS, Piece};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const SEPARATOR: &[u8] = b"====";
const AS_IT_IS: u8 = b'!';

/// A film or side file of any length costs nothing, as long as the file system can express it.
const MAX_SPARSE: u64 = 1 << 40;

/// How many entries of `seek` are followed; each costs the whole walk.
const MAX_POINTS: u64 = 4;

fuzz_target!(|bytes: &[u8]| {
    let (bytes, as_it_is) = match bytes.split_first() {
        Some((&AS_IT_IS, rest)) => (rest, true),
        _ => (bytes, false),
    };
    let (title, rest) = split(bytes);
    let (seek, packets) = split(rest);
    let Some(title) = description(title, seek, packets, as_it_is) else {
        return;
    };
    let dir = directory();
    let film = dir.path().join("film");
    sparse(&film, title.source_len);
    if title.side_len > 0 {
        sparse(&dir.path().join("side"), title.side_len);
    }
    write(dir.path(), "title.json", &title.text);
    write(dir.path(), "seek", seek);
    write(dir.path(), "packets", packets);
    let Ok(index) = Index::open(dir.path(), &film) else {
        return;
    };
    read(&index, &title, packets.len());
});

struct Description {
    text: Vec<u8>,
    source_len: u64,
    side_len: u64,
}

fn description(text: &[u8], seek: &[u8], packets: &[u8], as_it_is: bool) -> Option<Description> {
    let mut value: Value = serde_json::from_slice(text).unwrap_or(Value::Null);
    let length = |name| value.get(name).and_then(Value::as_u64).unwrap_or(0) % MAX_SPARSE;
    let (source_len, side_len) = (length("source_len"), length("side_len"));
    if as_it_is {
        return Some(Description {
            text: text.to_vec(),
            source_len,
            side_len,
        });
    }
    let members = value.as_object_mut()?;
    members.insert("version".into(), 1.into());
    members.insert("complete".into(), true.into());
    members.insert("seek_len".into(), seek.len().into());
    members.insert("packets_len".into(), packets.len().into());
    members.insert("source_len".into(), source_len.into());
    members.insert("side_len".into(), side_len.into());
    Some(Description {
        text: serde_json::to_vec(&value).expect("it was JSON before"),
        source_len,
        side_len,
    })
}

fn read(index: &Index, description: &Description, packets_len: usize) {
    index
        .title()
        .check()
        .expect("an index with a wrong title was opened");
    assert!((1..=MAX_TRACKS).contains(&index.title().tracks.len()));
    walk(index, index.cursor(), description, packets_len);
    for number in 0..index.points().min(MAX_POINTS) {
        let Ok(point) = index.point(number) else {
            continue;
        };
        walk(index, index.cursor_at(&point), description, packets_len);
        if let Ok(Some(found)) = index.seek(point.pts) {
            assert!(found.pts <= point.pts, "a point behind the wanted one");
        }
    }
    assert!(index.point(index.points()).is_err());
    let _ = index.seek(Duration::ZERO);
    let _ = index.seek(Duration::MAX);
}

fn walk(index: &Index, mut cursor: Cursor, description: &Description, packets_len: usize) {
    let mut before = None;
    // No record is shorter than two bytes.
    for _ in 0..=packets_len / 2 {
        let packet = match cursor.next(index) {
            Ok(Some(packet)) => packet,
            Ok(None) => return,
            Err(_) => {
                let _ = cursor.next(index);
                return;
            }
        };
        assert!(usize::from(packet.track) < index.title().tracks.len());
        assert!((1..=MAX_PAYLOAD).contains(&packet.payload_len()));
        assert!((1..=MAX_PIECES).contains(&packet.pieces.len()));
        for piece in packet.pieces {
            let (start, len, bound) = match *piece {
                Piece::Inline { start, len } => (start.into(), len, packet.inline.len() as u64),
                Piece::Source { offset, len } => (offset, len, description.source_len),
                Piece::Side { offset, len } => (offset, len, description.side_len),
            };
            let end = start.checked_add(len.into());
            assert!(len > 0 && end.is_some_and(|end| end <= bound), "{piece:?}");
        }
        assert!(before <= Some(packet.send_at), "time runs backwards");
        before = Some(packet.send_at);
    }
    panic!("more packets than {packets_len} bytes can hold");
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes
        .windows(SEPARATOR.len())
        .position(|window| window == SEPARATOR)
        .map_or((bytes, &[]), |at| {
            (&bytes[..at], &bytes[at + SEPARATOR.len()..])
        })
}

/// In memory where there is such a place: the files live for a few microseconds.
fn directory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .expect("a place for the files")
}

fn write(dir: &Path, name: &str, bytes: &[u8]) {
    fs::write(dir.join(name), bytes).expect("a file that can be written");
}

fn sparse(path: &Path, len: u64) {
    File::create(path)
        .and_then(|file| file.set_len(len))
        .expect("a file that holds nothing");
}
