//! Films that are very long or very large, and damaged files of every kind.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use iceflix_index::Piece;
use tempfile::TempDir;

use crate::bad_files::survives;
use crate::film::{compiled, made};
use crate::wire::packets;

const INPUTS: &str = "-f lavfi -i testsrc2=s=192x144:r=25:d=2 -f lavfi -i sine=r=48000:d=2 -g 25";
const USUAL: &str = "-c:v libx264 -preset veryfast -bf 2 -c:a aac";

/// How much larger a film is made, in bytes, without taking any disk.
const HOLE: u64 = 100 << 30;
const PART: u64 = 1 << 30;

/// A copy of `film` with a hole of so many bytes at `at`, which is in parts of a gigabyte that have
/// this header.
fn with_hole(film: &Path, dir: &TempDir, at: usize, header: &[u8]) -> PathBuf {
    let content = fs::read(film).expect("there");
    let path = dir.path().join("film");
    let file = File::create(&path).expect("made");
    let (before, after) = content.split_at(at);
    file.write_all_at(before, 0).expect("written");
    for start in (0..HOLE).step_by(PART as usize) {
        let start = start + at as u64;
        file.write_all_at(header, start).expect("written");
    }
    file.write_all_at(after, at as u64 + HOLE).expect("written");
    path
}

/// Checks that what lies behind the hole is found there.
fn assert_same_film(small: &Path, large: &Path) {
    let (small, large) = (compiled(small), compiled(large));
    assert_eq!(small.title.duration, large.title.duration);
    for track in [0, 1] {
        let [small, large] = [&small.index, &large.index].map(|index| packets(index, track));
        assert!(small == large, "the tracks differ");
    }
    let mut cursor = large.index.cursor();
    let mut furthest = 0;
    while let Some(packet) = cursor.next(&large.index).expect("sound") {
        for piece in packet.pieces {
            if let Piece::Source { offset, .. } = piece {
                furthest = furthest.max(*offset);
            }
        }
    }
    assert!(furthest > HOLE);
}

#[test]
fn an_mp4_file_of_a_hundred_gigabytes() {
    let dir = TempDir::new().expect("a directory");
    let flags = "-movflags frag_keyframe+empty_moov+default_base_moof";
    let small = made("pieces.mp4", &format!("{INPUTS} {USUAL} {flags}"));
    let content = fs::read(&small).expect("there");
    let fragment = content
        .windows(4)
        .position(|part| part == b"moof")
        .expect("it has fragments")
        - 4;
    let header = [&(PART as u32).to_be_bytes()[..], b"free"].concat();
    let large = with_hole(&small, &dir, fragment, &header);
    assert_same_film(&small, &large);
}

#[test]
fn a_matroska_file_of_a_hundred_gigabytes() {
    let dir = TempDir::new().expect("a directory");
    let small = made("live.mkv", &format!("{INPUTS} {USUAL} -live 1"));
    let content = fs::read(&small).expect("there");
    let cluster = content
        .windows(4)
        .position(|part| part == [0x1f, 0x43, 0xb6, 0x75])
        .expect("it has clusters");
    // The element Void, and how long it is.
    let len = (PART - 9) | 1 << 56;
    let header = [&[0xec][..], &len.to_be_bytes()].concat();
    let large = with_hole(&small, &dir, cluster, &header);
    assert_same_film(&small, &large);
}

#[test]
fn a_film_of_ten_hours() {
    let arguments =
        "-f lavfi -i testsrc2=s=64x48:r=1/5:d=36000 -c:v libx264 -preset ultrafast -g 12";
    let film = compiled(&made("long.mp4", arguments));
    assert_eq!(film.title.duration, Duration::from_secs(36_000));
    let sent = packets(&film.index, 0);
    let last = sent.iter().map(|packet| packet.timestamp).max();
    assert_eq!(last, Some((36_000 - 5) * 90_000));
    let point = film.index.seek(Duration::from_secs(35_000)).expect("read");
    let point = point.expect("found");
    assert!(point.pts > Duration::from_secs(34_900), "{:?}", point.pts);
}

#[test]
fn files_of_every_kind_that_are_cut_or_damaged_end_soon() {
    let kinds = [
        ("cut.ts", USUAL),
        ("cut.flv", USUAL),
        ("cut.mpg", "-f vob -c:v mpeg2video -c:a ac3"),
        ("cut.avi", "-c:v mpeg4 -c:a libmp3lame"),
        ("cut.ogg", "-c:v libtheora -c:a libvorbis"),
        ("cut.webm", "-c:v libvpx -deadline realtime -c:a libopus"),
        ("cut.mkv", "-c:v wmv2 -c:a flac"),
    ];
    thread::scope(|scope| {
        for (name, arguments) in kinds {
            scope.spawn(move || {
                let whole = fs::read(made(name, &format!("{INPUTS} {arguments}"))).expect("there");
                let mut random = Random(whole.len() as u64);
                for _ in 0..3 {
                    survives(name.as_bytes(), &whole[..random.below(whole.len())]);
                    let mut damaged = whole.clone();
                    for _ in 0..whole.len() / 200 {
                        let at = random.below(whole.len());
                        damaged[at] = random.below(256) as u8;
                    }
                    survives(name.as_bytes(), &damaged);
                    let mut damaged = whole.clone();
                    let head = whole.len().min(2_000);
                    for _ in 0..20 {
                        damaged[random.below(head)] = random.below(256) as u8;
                    }
                    survives(name.as_bytes(), &damaged);
                }
            });
        }
    });
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }
}
