//! From a file to its index and its id.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use iceflix_media::Cancel;

use crate::film::{compile, long};
use crate::report;

pub(crate) fn measure() {
    println!("\na film becomes an index");
    let film = long(1 << 30);
    let len = fs::metadata(&film).unwrap().len();
    let index = film.with_extension("index");
    // Once to have it in memory: the disk is not what is measured.
    fs::read(&film).unwrap();
    let (before, begun) = (cpu(), Instant::now());
    compile(&film, &index);
    let (used, passed) = (cpu() - before, begun.elapsed());
    let rate = |time: Duration| format!("{:.0} MB/s", len as f64 / 1e6 / time.as_secs_f64());
    report(
        "index of a film, MB of film a second of CPU",
        rate(used),
        "400 MB/s",
    );
    report("the same by the clock", rate(passed), "");
    let size: u64 = fs::read_dir(&index)
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    report(
        "size of the index, of the film's",
        format!("{:.2} %", size as f64 * 100.0 / len as f64),
        "2.5 %",
    );
    let begun = Instant::now();
    iceflix_media::hash(&film, &mut |_| {}, &Cancel::default()).unwrap();
    report(
        "SHA-256 of a film, on one core",
        rate(begun.elapsed()),
        &openssl(),
    );
}

/// How fast openssl is at it, on one core.
fn openssl() -> String {
    let output = Command::new("openssl")
        .args([
            "speed", "-seconds", "2", "-bytes", "1048576", "-evp", "sha256",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.split_whitespace().last().unwrap_or("");
    let thousands: f64 = last.trim_end_matches('k').parse().unwrap_or(0.0);
    format!("{:.0} MB/s", thousands / 1_000.0)
}

fn cpu() -> Duration {
    let stat = procfs::process::Process::myself().unwrap().stat().unwrap();
    let ticks = (stat.utime + stat.stime) as f64;
    Duration::from_secs_f64(ticks / procfs::ticks_per_second() as f64)
}
