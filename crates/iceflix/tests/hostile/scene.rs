//! A platform with viewers at work, and a stranger who can reach its broker and its ports.

use iceflix_slice::MainPrx;
use iceflix_testkit::{
    Platform,
    film::Film,
    load::{self, Load},
    peer::Peer,
    platform::{Service, Services},
};
use tokio::runtime::Runtime;

/// How much memory a service may take for all that is done to it here, in bytes.
const GROWTH: u64 = 64 << 20;
/// How many lines it may log for it.
pub(crate) const LINES: usize = 200;

const VIEWERS: usize = 2;

pub(crate) struct Scene {
    pub(crate) services: Services,
    pub(crate) stranger: Peer,
    pub(crate) main: MainPrx,
    pub(crate) platform: Platform,
    runtime: Option<Runtime>,
}

impl Scene {
    pub(crate) fn open() -> Self {
        let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
        Film::mp4("Watched", 2, 430).copies_to(&platform.films(), VIEWERS);
        let films = platform.films();
        let service = |words: &[&str]| {
            // As in earnest: what is logged for strangers counts.
            platform.service(&[words, &["--IceFlix.Log.Level=info"]].concat())
        };
        let services = Services {
            main: service(&["main"]),
            // A token outlives any attack here, however busy the machine is.
            auth: service(&["auth", "--IceFlix.Authentication.TokenLifetime=10min"]),
            catalog: service(&["catalog"]),
            streaming: service(&["streaming", films.to_str().unwrap()]),
        };
        let runtime = Runtime::new().unwrap();
        let stranger = runtime.block_on(async { Peer::join(&platform) });
        let main = stranger.proxy(&services.main.proxy);
        Self {
            services,
            stranger,
            main,
            platform,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn all(&self) -> [(&'static str, &Service); 4] {
        let Services {
            main,
            auth,
            catalog,
            streaming,
        } = &self.services;
        [
            ("main", main),
            ("auth", auth),
            ("catalog", catalog),
            ("streaming", streaming),
        ]
    }

    /// Makes an attack under the eyes of viewers, who may notice nothing.
    pub(crate) fn withstands(mut self, attack: impl AsyncFnOnce(&Self)) {
        let runtime = self.runtime.take().unwrap();
        let config = load::Config {
            viewers: VIEWERS,
            streams: true,
            ..load::Config::default()
        };
        let viewers = Load::start(&self.services.main.proxy, &config);
        let before = self.all().map(|(_, service)| measure(service));

        runtime.block_on(attack(&self));

        viewers.rounds(5);
        let report = viewers.stop();
        println!("{report}");
        for ((name, service), before) in self.all().into_iter().zip(before) {
            let after = measure(service);
            let grown = after.memory.saturating_sub(before.memory);
            let lines = after.lines - before.lines;
            println!("{name}: {} KiB and {lines} lines more", grown >> 10);
            assert!(grown < GROWTH, "{name} has grown by {grown} bytes");
            assert!(
                lines < LINES,
                "{name} has written {lines} lines:\n{}",
                service.process.log()
            );
        }
        report.assert_flawless();
        runtime.block_on(self.stranger.communicator.destroy());
    }
}

struct Measure {
    memory: u64,
    lines: usize,
}

/// What the viewers themselves are good for, and titles that were entered: those have a bound of their own.
fn is_usual(line: &str) -> bool {
    line.contains(" iceflix_streaming::controller") || line.contains(" titles added ")
}

fn measure(service: &Service) -> Measure {
    let log = service.process.log();
    Measure {
        memory: service.process.memory(),
        lines: log.lines().filter(|line| !is_usual(line)).count(),
    }
}
