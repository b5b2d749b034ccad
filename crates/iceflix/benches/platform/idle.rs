//! What a platform costs that nobody uses.

use std::{thread, time::Duration};

use iceflix_testkit::{Platform, film::Film};

use crate::report;

const OBSERVED: Duration = Duration::from_secs(20);

pub(crate) fn measure() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    Film::mp4("Idle", 5, 470).copy_to(&platform.films());
    let films = platform.films();
    // Once to learn the film; what is measured is a service that knows its films, at the usual interval.
    let usual = "--IceFlix.Announce.Interval=2s";
    let mut first = platform.service(&["streaming", films.to_str().unwrap(), usual]);
    first.process.log_with(&["Idle"]);
    first.process.stop();
    let services = [
        ("main", platform.service(&["main", usual])),
        ("auth", platform.service(&["auth", usual])),
        ("catalog", platform.service(&["catalog", usual])),
        (
            "streaming",
            platform.service(&["streaming", films.to_str().unwrap(), usual]),
        ),
    ];
    thread::sleep(Duration::from_secs(3));
    let before: Vec<f64> = services
        .iter()
        .map(|(_, service)| processor_seconds(service.process.id()))
        .collect();
    thread::sleep(OBSERVED);
    for ((name, service), before) in services.iter().zip(before) {
        let share =
            (processor_seconds(service.process.id()) - before) / OBSERVED.as_secs_f64() * 100.0;
        report(
            &format!("{name}, idle: processor"),
            format!("{share:.2} %"),
            "1 %",
        );
        report(
            &format!("{name}, idle: memory"),
            format!("{:.1} MiB", memory(service.process.id())),
            "40 MiB",
        );
    }
}

fn processor_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    // Fields 14 and 15 of proc(5), in clock ticks; there are a hundred a second on Linux.
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}
