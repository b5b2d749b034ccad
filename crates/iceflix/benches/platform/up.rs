//! From `iceflix up` to ready, on a directory whose files it knows.

use std::{path::Path, time::Instant};

use iceflix_testkit::{Process, film::Film, port};

use crate::{median, milliseconds, report};

const STARTS: usize = 7;

pub(crate) fn measure() {
    let directory = tempfile::tempdir().unwrap();
    let films = directory.path().join("films");
    std::fs::create_dir(&films).unwrap();
    for (name, tone) in [("One", 400), ("Two", 500), ("Three", 600)] {
        Film::mp4(name, 10, tone).copy_to(&films);
    }
    let (manager, publisher, main) = (port::free(), port::free(), port::free());
    let home = directory.path().display();
    let arguments = [
        "up".to_owned(),
        films.display().to_string(),
        format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {manager}"),
        format!("--IceStorm.Publish.Endpoints=tcp -h 127.0.0.1 -p {publisher}"),
        format!(
            "--IceStorm.TopicManager.Proxy=IceStorm/TopicManager:tcp -h 127.0.0.1 -p {manager}"
        ),
        format!("--MainAdapter.Endpoints=tcp -h 127.0.0.1 -p {main}"),
        "--AuthenticationAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
        "--CatalogAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
        "--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
        "--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned(),
        format!("--IceFlix.DataDir={home}/data"),
        format!("--IceFlix.CacheDir={home}/cache"),
    ];
    let start = || {
        let begun = Instant::now();
        let mut up = Process::start(
            "up",
            Path::new(env!("CARGO_BIN_EXE_iceflix")),
            &arguments,
            directory.path(),
        );
        up.line_with("Ctrl-C stops all of it");
        let ready = begun.elapsed();
        up.stop();
        ready
    };
    // The first start makes what the others know.
    start();
    let mut times: Vec<_> = (0..STARTS).map(|_| start()).collect();
    report(
        "iceflix up until ready, files known (median of 7)",
        milliseconds(median(&mut times)),
        "2000 ms",
    );
}
