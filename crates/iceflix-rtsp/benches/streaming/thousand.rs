//! A thousand viewers at once, and what each of them has the server keep.

use crate::cpu::{TITLES, start_of, watched_closely};
use crate::film::HD;
use crate::report;
use crate::server::Ours;
use crate::viewers::{Viewer, WAYS, Way};

const VIEWERS: usize = 1_000;

pub(crate) fn measure() {
    println!("\n{VIEWERS} viewers, and their client, on this machine");
    let films = HD.titles(TITLES);
    for way in WAYS {
        let mut server = Ours::start(&films);
        let before = server.process.usage();
        let urls = server.urls.iter().cycle().take(VIEWERS).enumerate();
        let viewers = urls.map(|(viewer, url)| Viewer::watch(url, start_of(viewer, HD), way));
        let viewers = viewers.collect();
        let (cost, tally, after) = watched_closely(&server.process, viewers);
        let [_, late, refused] = server.counts();
        let name = way.name();
        report(&format!("{name}: packets lost"), tally.lost, "0");
        report(
            &format!("{name}: packets late, by the client's account"),
            tally.late,
            "0",
        );
        report(
            &format!("{name}: late, refused by the server's account"),
            format!("{late}, {refused}"),
            "0, 0",
        );
        report(
            &format!("{name}: delay of 999 in 1,000 packets, and the worst"),
            format!("{}, {} ms", tally.delay(0.999), tally.delay(1.0)),
            "",
        );
        report(
            &format!("{name}: ms a viewer-second"),
            format!("{cost:.2}"),
            "1.0",
        );
        let each = |now: f64, then: f64| format!("{:.1}", (now - then) / VIEWERS as f64);
        report(
            &format!("{name}: memory a viewer, KiB"),
            each(
                after.memory as f64 / 1_024.0,
                before.memory as f64 / 1_024.0,
            ),
            "32",
        );
        report(
            &format!("{name}: threads a viewer"),
            each(after.threads as f64, before.threads as f64),
            "0",
        );
        let wanted = if way == Way::Udp { "2" } else { "1" };
        report(
            &format!("{name}: descriptors a viewer"),
            each(after.descriptors as f64, before.descriptors as f64),
            wanted,
        );
    }
}
