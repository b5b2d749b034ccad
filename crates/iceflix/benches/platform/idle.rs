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
    let before: Vec<Duration> = services
        .iter()
        .map(|(_, service)| service.process.processor_time())
        .collect();
    thread::sleep(OBSERVED);
    for ((name, service), before) in services.iter().zip(before) {
        let taken = service.process.processor_time() - before;
        let share = taken.as_secs_f64() / OBSERVED.as_secs_f64() * 100.0;
        report(
            &format!("{name}, idle: processor"),
            format!("{share:.2} %"),
            "1 %",
        );
        report(
            &format!("{name}, idle: memory"),
            format!(
                "{:.1} MiB",
                service.process.memory() as f64 / 1024.0 / 1024.0
            ),
            "40 MiB",
        );
    }
}
