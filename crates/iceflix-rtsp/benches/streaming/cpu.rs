//! Processor time of a viewer-second.

use std::net::UdpSocket;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arrivals::Tally;
use crate::film::{FULL_HD, Film, HD, Kind};
use crate::floor::Floor;
use crate::peers::{self, GstRtspServer};
use crate::process::{Process, Usage};
use crate::report;
use crate::server::Ours;
use crate::viewers::{Audience, Viewer, WAYS, Way};

/// How long viewers watch until it counts, and then.
const SETTLE: Duration = Duration::from_secs(2);
const WATCH: Duration = Duration::from_secs(10);

/// How many titles viewers are spread over.
pub(crate) const TITLES: u32 = 4;

pub(crate) fn measure() {
    transcoding();
    table(HD, &[1, 50, 200], true);
}

/// The same with films of twice the rate, and with a title for each viewer that no memory holds.
pub(crate) fn measure_heavy() {
    table(FULL_HD, &[1, 50, 200], false);
    cold();
}

fn table(kind: Kind, numbers: &[usize], beside_others: bool) {
    println!(
        "\n{}: CPU in ms a viewer-second; wanted at 200: 1.0, and 1.3 times the floor",
        kind.name
    );
    println!(
        "{:<5} {:>8} {:>16} {:>16} {:>6} {:>18}   (packets a viewer-second)",
        "", "viewers", "iceflix", "floor", "ratio", "gst-rtsp-server"
    );
    let films = kind.titles(TITLES);
    for way in WAYS {
        for &number in numbers {
            let ours = ours(&films, kind, number, way);
            let floor = floor(&films[0], kind, number, way);
            let other = match beside_others {
                true => gst_rtsp_server(&films, kind, number, way),
                false => None,
            };
            let ratio = ours.0 / floor.0;
            let text = |(cost, tally): (f64, Tally)| {
                let packets = tally.packets as f64 / number as f64 / WATCH.as_secs_f64();
                format!("{cost:.2} ({packets:.0})")
            };
            let (ours, floor) = (text(ours), text(floor));
            let other = other.map_or("-".to_owned(), text);
            let name = way.name();
            println!("{name:<5} {number:>8} {ours:>16} {floor:>16} {ratio:>6.2} {other:>18}");
        }
    }
}

/// Where this one of several viewers begins, in seconds.
pub(crate) fn start_of(viewer: usize, kind: Kind) -> f64 {
    // The golden section spreads any number of them evenly.
    let place = (viewer as f64 * 0.618_034).fract();
    place * f64::from(kind.length() - 30)
}

/// Lets these watch, and tells what they cost and got.
fn watched(process: &Process, viewers: Vec<Viewer>) -> (f64, Tally) {
    let (cost, tally, _) = watched_closely(process, viewers);
    (cost, tally)
}

/// The same, and what the process has while they watch.
pub(crate) fn watched_closely(process: &Process, viewers: Vec<Viewer>) -> (f64, Tally, Usage) {
    let number = viewers.len() as f64;
    let audience = Audience::gather(viewers);
    sleep(SETTLE);
    audience.count();
    let (before, begun) = (process.usage().cpu, Instant::now());
    sleep(WATCH);
    let (after, passed) = (process.usage(), begun.elapsed());
    let cost = (after.cpu - before).as_secs_f64() * 1_000.0 / number / passed.as_secs_f64();
    (cost, audience.tally(), after)
}

/// Our server with so many viewers: what one costs a second, in ms, and what came.
pub(crate) fn ours(films: &[Film], kind: Kind, number: usize, way: Way) -> (f64, Tally) {
    let server = Ours::start(films);
    let urls = server.urls.iter().cycle();
    let viewers = urls.take(number).enumerate();
    let viewers = viewers.map(|(viewer, url)| Viewer::watch(url, start_of(viewer, kind), way));
    let viewers = viewers.collect();
    watched(&server.process, viewers)
}

fn floor(film: &Film, kind: Kind, number: usize, way: Way) -> (f64, Tally) {
    let mut floor = Floor::start(film);
    let viewers = (0..number).map(|viewer| floor.watch(start_of(viewer, kind), way));
    let viewers = viewers.collect();
    watched(&floor.process, viewers)
}

fn gst_rtsp_server(films: &[Film], kind: Kind, number: usize, way: Way) -> Option<(f64, Tally)> {
    let server = GstRtspServer::start(films)?;
    let urls = server.urls.iter().cycle();
    let viewers = urls.take(number).enumerate();
    let viewers = viewers.map(|(viewer, url)| Viewer::watch(url, start_of(viewer, kind), way));
    let viewers = viewers.collect();
    Some(watched(&server.process, viewers))
}

fn transcoding() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let film = &HD.titles(1)[0];
    let pipeline = peers::transcoder(film, socket.local_addr().unwrap().port());
    let (cost, _) = watched(&pipeline, vec![Viewer::listening(vec![(socket, 90_000)])]);
    report(
        "a pipeline that transcodes, 1 viewer: ms a viewer-second",
        format!("{cost:.0}"),
        "",
    );
}

/// Every viewer another title, none of which is in memory.
fn cold() {
    const VIEWERS: usize = 100;
    let films = HD.titles(VIEWERS as u32);
    println!("\nevery viewer another title, and none in the page cache: {VIEWERS} viewers");
    for way in WAYS {
        for film in &films {
            forget(film);
        }
        let (cost, tally) = ours(&films, HD, VIEWERS, way);
        report(
            &format!("{}: ms a viewer-second", way.name()),
            format!("{cost:.2}"),
            "",
        );
        report(
            "lost, late packets",
            format!("{}, {}", tally.lost, tally.late),
            "0, 0",
        );
        report(
            "delay of 999 in 1,000, and the worst",
            format!("{}, {} ms", tally.delay(0.999), tally.delay(1.0)),
            "",
        );
    }
}

/// Has the system drop what it keeps of a film and its index in memory.
fn forget(film: &Film) {
    for path in [
        film.path.clone(),
        film.index.join("packets"),
        film.index.join("seek"),
    ] {
        let file = std::fs::File::open(path).unwrap();
        file.sync_all().unwrap();
        let advice = nix::fcntl::PosixFadviseAdvice::POSIX_FADV_DONTNEED;
        nix::fcntl::posix_fadvise(&file, 0, 0, advice).unwrap();
    }
}
