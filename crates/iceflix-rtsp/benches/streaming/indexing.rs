//! From a file to its index and its id.

use std::fs;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use iceflix_media::Cancel;
use iceflix_rtsp::{Config, Server};

use crate::film::{compile, long};
use crate::report;
use crate::viewers::{Viewer, Way};

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
    let before = cpu();
    iceflix_media::hash(&film, &mut |_| {}, &Cancel::default()).unwrap();
    let used = cpu() - before;
    let figure = "SHA-256 of a film, MB a second of CPU; wanted: openssl's";
    report(figure, rate(used), &openssl());
    first_packet();
}

/// How soon a film is seen that has no index yet.
fn first_packet() {
    let film = long(4 << 30);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let endpoint = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    let config = Config {
        endpoint,
        ..Config::default()
    };
    let server = runtime.block_on(Server::bind(config)).unwrap();
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            let (growing, index) = mpsc::channel();
            let cancel = Cancel::default();
            let compiling = std::thread::spawn({
                let (film, cancel) = (film.clone(), cancel.clone());
                move || {
                    let into = film.with_extension("index");
                    let growing = Box::new(move |index| drop(growing.send(index)));
                    iceflix_media::compile_growing(&film, &into, &mut |_| {}, &cancel, growing)
                }
            });
            let mount = server.mount(index.recv().unwrap());
            Viewer::watch(&mount.url("127.0.0.1"), 0.0, Way::Tcp).first_packet();
            let time = begun.elapsed();
            cancel.cancel();
            let _cancelled = compiling.join().unwrap();
            time
        })
        .collect();
    times.sort_unstable();
    let milliseconds = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1_000.0);
    let figure = "first packet of a film of 4 GB without an index";
    report(figure, milliseconds(times[2]), "300 ms");
    report("the slowest of five", milliseconds(times[4]), "");
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
