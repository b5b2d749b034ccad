//! A platform with two of each kind, on one database of each kind.

use std::time::SystemTime;

use iceflix_testkit::{Platform, film::Film, load, platform::Service, port};
use nix::sys::signal::Signal;

/// The kinds of which there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Main,
    Auth,
    Catalog,
    Streaming,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Main, Self::Auth, Self::Catalog, Self::Streaming];

    fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Auth => "auth",
            Self::Catalog => "catalog",
            Self::Streaming => "streaming",
        }
    }
}

/// How many titles there are; each streaming server has all of them.
const TITLES: usize = 3;

/// One of the two, and how it was started: so it can be started again.
pub(crate) struct Twin {
    pub(crate) kind: Kind,
    pub(crate) service: Service,
    name: String,
    command: Vec<String>,
}

impl Twin {
    fn start(platform: &Platform, kind: Kind, number: usize, properties: &[String]) -> Self {
        let name = format!("{}-{number}", kind.name());
        let mut command = vec![kind.name().to_owned()];
        if kind == Kind::Streaming {
            // The same films on two machines: neither directory nor cache is shared.
            let machine = platform.directory().join(&name);
            Film::mp4("Twin", 2, 410).copies_to(&machine.join("films"), TITLES);
            command.push(machine.join("films").display().to_string());
            command.push(format!("--IceFlix.CacheDir={}/cache", machine.display()));
        }
        if kind == Kind::Main {
            // The proxy of a Main outlives its process.
            let port = port::free();
            command.push(format!(
                "--MainAdapter.Endpoints=tcp -h 127.0.0.1 -p {port}"
            ));
        }
        command.extend_from_slice(properties);
        let service = launch(platform, &name, &command);
        Self {
            kind,
            service,
            name,
            command,
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.service.process.signal(signal);
    }
}

fn launch(platform: &Platform, name: &str, command: &[String]) -> Service {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    platform.service_named(name, &command)
}

/// Two of each.
pub(crate) struct Twins {
    /// All eight, two of a kind beside each other, in the order of [`Kind::ALL`].
    pub(crate) services: Vec<Twin>,
    pub(crate) platform: Platform,
}

impl Twins {
    /// Starts them, each with these properties, and waits until all know each other.
    pub(crate) fn start(properties: &[String]) -> Self {
        let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
        let mut services = Vec::new();
        for kind in Kind::ALL {
            for number in 1..=2 {
                services.push(Twin::start(&platform, kind, number, properties));
            }
        }
        let twins = Self { services, platform };
        for found in &twins.services {
            twins.wait_until_known(found);
        }
        twins
    }

    /// One of a kind.
    pub(crate) fn first(&self, kind: Kind) -> &Twin {
        self.services.iter().find(|twin| twin.kind == kind).unwrap()
    }

    pub(crate) fn first_mut(&mut self, kind: Kind) -> &mut Twin {
        let first = self.services.iter_mut().find(|twin| twin.kind == kind);
        first.unwrap()
    }

    /// One proxy for both Mains.
    pub(crate) fn door(&self) -> String {
        let [one, other] = [&self.services[0], &self.services[1]].map(|main| &main.service.proxy);
        let (_, endpoints) = other.split_once(':').unwrap();
        format!("{one}:{endpoints}")
    }

    /// Viewers who go in by that door. The first Main is the one that they are at, as long as it is there.
    pub(crate) fn load(&self) -> load::Load {
        let config = load::Config {
            viewers: TITLES,
            streams: true,
            ..load::Config::default()
        };
        load::Load::start(&self.door(), &config)
    }

    /// Everybody else who keeps a table.
    pub(crate) fn others(&self, twin: &Twin) -> impl Iterator<Item = &Twin> {
        let id = twin.service.process.id();
        self.services
            .iter()
            .filter(move |other| other.service.process.id() != id)
    }

    /// Waits until the service is in everybody else's table. Main is in nobody's.
    pub(crate) fn wait_until_known(&self, twin: &Twin) {
        if twin.kind != Kind::Main {
            self.wait_for("service found", twin);
        }
    }

    /// Waits until it is out of everybody's table.
    pub(crate) fn wait_until_lost(&self, twin: &Twin) {
        if twin.kind != Kind::Main {
            self.wait_for("service lost", twin);
        }
    }

    fn wait_for(&self, what: &str, twin: &Twin) {
        let id = twin.service.id();
        for other in self.others(twin) {
            other.service.process.log_until(what, |log| {
                log.lines()
                    .any(|line| line.contains(what) && line.contains(&id))
            });
        }
    }

    /// When, in everybody else's log, this was last said of the service.
    pub(crate) fn said(&self, what: &str, id: &str) -> Vec<SystemTime> {
        let logs = self.services.iter().map(|twin| twin.service.process.log());
        logs.filter_map(|log| {
            let line = log
                .lines()
                .rfind(|line| line.contains(what) && line.contains(id))?;
            let time = line.split_whitespace().next()?;
            humantime::parse_rfc3339(time).ok()
        })
        .collect()
    }

    /// Starts a service again, which has ended.
    pub(crate) fn start_again(&mut self, kind: Kind) {
        let first = self
            .services
            .iter()
            .position(|twin| twin.kind == kind)
            .unwrap();
        let Twin { name, command, .. } = &self.services[first];
        let service = launch(&self.platform, name, command);
        self.services[first].service = service;
        self.wait_until_known(&self.services[first]);
    }
}
