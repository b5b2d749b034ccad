//! From ready to announced, for a hundred new small films.

use std::{
    sync::mpsc::{Sender, channel},
    time::{Duration, Instant},
};

use ice::{Communicator, Current, Properties};
use iceflix_slice::{StreamAnnounces, StreamAnnouncesServant};
use iceflix_testkit::{Platform, film::Film};
use icestorm::{Manager, Qos, Subscription};

use crate::{milliseconds, report};

const FILMS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(120);

struct Announced(Sender<Instant>);

impl StreamAnnounces for Announced {
    async fn new_media(
        &self,
        _: String,
        _: String,
        _: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        // The measurement may be over.
        let _ = self.0.send(Instant::now());
        Ok(())
    }
}

pub(crate) fn measure() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    let film = Film::mp4("Small", 2, 450).copy_to(&platform.films());
    let bytes = std::fs::read(&film).unwrap();
    std::fs::remove_file(film).unwrap();
    for number in 0..FILMS {
        // A byte behind the end makes it another film.
        let different = [bytes.as_slice(), &number.to_le_bytes()].concat();
        std::fs::write(
            platform.films().join(format!("small-{number}.mp4")),
            different,
        )
        .unwrap();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (sender, announced) = channel();
    let (_communicator, _subscription) = runtime.block_on(async {
        let communicator = Communicator::new(Properties::new().unwrap()).unwrap();
        let adapter = communicator
            .create_adapter_with_endpoints("Bench", "tcp -h 127.0.0.1")
            .unwrap();
        let subscriber = adapter
            .add_with_uuid(StreamAnnouncesServant::new(Announced(sender)))
            .unwrap();
        adapter.activate().unwrap();
        let manager = Manager::new(
            communicator
                .string_to_proxy(&platform.broker.manager())
                .unwrap(),
        );
        let subscription =
            Subscription::start(&manager, "MediaAnnouncements", subscriber, Qos::default());
        subscription
            .state()
            .wait_for(|state| state.subscribed)
            .await
            .unwrap();
        (communicator, subscription)
    });
    let films = platform.films();
    let _streaming = platform.service(&["streaming", films.to_str().unwrap()]);
    let ready = Instant::now();
    let times: Vec<Instant> = (0..FILMS)
        .map(|_| announced.recv_timeout(PATIENCE).unwrap())
        .collect();
    let since = |time: &Instant| milliseconds(time.saturating_duration_since(ready));
    report(
        "ready until the first of 100 new small films is announced",
        since(&times[0]),
        "1000 ms",
    );
    report(
        "ready until the last of them is",
        since(times.last().unwrap()),
        "",
    );
}
