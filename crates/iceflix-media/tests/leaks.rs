//! Nothing stays behind in the process, however a film's way ends. Alone in its binary: it counts
//! what the process holds.

use std::fs;
use std::path::Path;
use std::process::Command;

use iceflix_media::{Cancel, compile, probe};

fn held(what: &str) -> usize {
    fs::read_dir(Path::new("/proc/self").join(what))
        .expect("there")
        .count()
}

#[test]
fn no_descriptor_thread_or_file_stays_behind() {
    let dir = tempfile::tempdir().expect("a directory");
    let film = dir.path().join("film.mp4");
    let arguments = "-nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=2 -f lavfi -i sine=d=2 -c:v libx264 -c:a aac";
    let made = Command::new("ffmpeg")
        .args(arguments.split(' '))
        .arg(&film)
        .status()
        .expect("it is installed");
    assert!(made.success());
    let damaged = dir.path().join("damaged.mp4");
    let mut content = fs::read(&film).expect("there");
    let at = content
        .windows(4)
        .position(|part| part == b"stsz")
        .expect("it is in there");
    content[at..at + 4].copy_from_slice(b"free");
    fs::write(&damaged, content).expect("written");

    let round = || {
        probe(&film).expect("a film");
        compile(
            &film,
            &dir.path().join("index"),
            &mut |_| (),
            &Cancel::new(),
        )
        .expect("a film");
        let cancel = Cancel::new();
        let _ = compile(
            &film,
            &dir.path().join("cancelled"),
            &mut |_| cancel.cancel(),
            &cancel,
        );
        let _ = compile(
            &damaged,
            &dir.path().join("damaged"),
            &mut |_| (),
            &Cancel::new(),
        );
    };
    // GStreamer keeps a few threads and descriptors for the next time.
    (0..10).for_each(|_| round());
    let before = (held("fd"), held("task"));
    (0..50).for_each(|_| round());
    assert!(
        held("fd") <= before.0 + 2,
        "{} descriptors in place of {}",
        held("fd"),
        before.0
    );
    assert!(
        held("task") <= before.1 + 4,
        "{} threads in place of {}",
        held("task"),
        before.1
    );
    let names: Vec<_> = fs::read_dir(dir.path())
        .expect("there")
        .map(|entry| entry.expect("one").file_name())
        .collect();
    let stray: Vec<_> = names
        .iter()
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}
