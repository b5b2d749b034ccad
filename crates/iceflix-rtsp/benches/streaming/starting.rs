//! From DESCRIBE to the first packet, among two hundred who watch.

use std::time::Instant;

use crate::cpu::{TITLES, start_of};
use crate::film::HD;
use crate::peers::GstRtspServer;
use crate::report;
use crate::server::Ours;
use crate::viewers::{Audience, Viewer, WAYS, Way};

const WATCHING: usize = 200;
const NEWCOMERS: usize = 201;

pub(crate) fn measure() {
    println!("\nDESCRIBE to the first packet, {WATCHING} viewers watching: median, worst");
    let films = HD.titles(TITLES);
    for way in WAYS {
        let server = Ours::start(&films);
        report(
            &format!("iceflix, {}", way.name()),
            times(&server.urls, way, NEWCOMERS),
            "2, 50 ms",
        );
        drop(server);
        if let Some(server) = GstRtspServer::start(&films) {
            report(
                &format!("gst-rtsp-server, {}", way.name()),
                times(&server.urls, way, 31),
                "",
            );
        }
    }
}

fn times(urls: &[String], way: Way, newcomers: usize) -> String {
    let all = urls.iter().cycle().enumerate();
    let watching = all.clone().take(WATCHING);
    let watching = watching.map(|(viewer, url)| Viewer::watch(url, start_of(viewer, HD), way));
    let audience = Audience::gather(watching.collect());
    let mut times: Vec<_> = all
        .take(newcomers)
        .map(|(viewer, url)| {
            let begun = Instant::now();
            Viewer::watch(url, start_of(viewer, HD), way).first_packet();
            begun.elapsed()
        })
        .collect();
    audience.tally();
    times.sort_unstable();
    let milliseconds = |at: usize| times[at].as_secs_f64() * 1_000.0;
    format!(
        "{:.1}, {:.1} ms",
        milliseconds(newcomers / 2),
        milliseconds(newcomers - 1)
    )
}
