//! A platform with two of each kind, on one database of each kind.

use std::time::SystemTime;

use crate::{Platform, film::Film, load, platform::Service, port};
use nix::sys::signal::Signal;

/// The kinds of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The door for clients.
    Main,
    /// Users and tokens.
    Auth,
    /// Titles.
    Catalog,
    /// Films.
    Streaming,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Main, Self::Auth, Self::Catalog, Self::Streaming];

    /// The command that starts one.
    pub fn name(self) -> &'static str {
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

/// One of the two, and how it was started, so that it can be started again.
#[derive(Debug)]
pub struct Twin {
    /// What it is.
    pub kind: Kind,
    /// The running service.
    pub service: Service,
    name: String,
    command: Vec<String>,
}

impl Twin {
    fn start(platform: &Platform, kind: Kind, number: usize) -> Self {
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
        let service = launch(platform, &name, &command);
        Self {
            kind,
            service,
            name,
            command,
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.service.process.signal(signal);
    }
}

fn launch(platform: &Platform, name: &str, command: &[String]) -> Service {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    platform.service_named(name, &command)
}

/// Two of each.
#[derive(Debug)]
pub struct Twins {
    /// All eight, two of a kind beside each other, in the order of [`Kind::ALL`].
    pub services: Vec<Twin>,
    /// What they are part of.
    pub platform: Platform,
}

impl Twins {
    /// Starts them, each with these properties, and waits until all know each other.
    ///
    /// # Panics
    ///
    /// Where they do not.
    pub fn start(program: &str, properties: &[String]) -> Self {
        let platform = Platform::start_with(program, properties);
        let mut services = Vec::new();
        for kind in Kind::ALL {
            for number in 1..=2 {
                services.push(Twin::start(&platform, kind, number));
            }
        }
        let twins = Self { services, platform };
        for found in &twins.services {
            twins.wait_until_known(found);
        }
        twins
    }

    /// Where the first of a kind stands in [`Twins::services`]; the second stands behind it.
    ///
    /// # Panics
    ///
    /// Never: there are two of each.
    pub fn position(&self, kind: Kind) -> usize {
        let mut services = self.services.iter();
        services.position(|twin| twin.kind == kind).unwrap()
    }

    /// One proxy for both Mains.
    ///
    /// # Panics
    ///
    /// Where a Main printed something else than a proxy.
    pub fn door(&self) -> String {
        let [one, other] = [&self.services[0], &self.services[1]].map(|main| &main.service.proxy);
        let (_, endpoints) = other.split_once(':').unwrap();
        format!("{one}:{endpoints}")
    }

    /// Viewers who go in by that door, and use all kinds of service.
    ///
    /// # Panics
    ///
    /// Where they are not let in.
    pub fn load(&self) -> load::Load {
        let config = load::Config {
            viewers: TITLES,
            streams: true,
            ..load::Config::default()
        };
        load::Load::start(&self.door(), &config)
    }

    /// Everybody else who keeps a table.
    pub fn others(&self, twin: &Twin) -> impl Iterator<Item = &Twin> {
        let id = twin.service.process.id();
        self.services
            .iter()
            .filter(move |other| other.service.process.id() != id)
    }

    /// Waits until the service is in everybody else's table. Main is in nobody's.
    ///
    /// # Panics
    ///
    /// Where it does not get there.
    pub fn wait_until_known(&self, twin: &Twin) {
        if twin.kind != Kind::Main {
            self.wait_for("service found", twin);
        }
    }

    /// Waits until it is out of everybody's table.
    ///
    /// # Panics
    ///
    /// Where it stays.
    pub fn wait_until_lost(&self, twin: &Twin) {
        if twin.kind != Kind::Main {
            self.wait_for("service lost", twin);
        }
    }

    /// Waits until it is back in every table that it had been struck off from.
    ///
    /// # Panics
    ///
    /// Where it stays away.
    pub fn wait_until_known_again(&self, twin: &Twin) {
        let id = twin.service.id();
        for other in self.others(twin).filter(|_| twin.kind != Kind::Main) {
            other.service.process.log_until("service found", |log| {
                let mut lines = log.lines().filter(|line| line.contains(&id));
                lines
                    .rfind(|line| line.contains("service "))
                    .is_some_and(|line| line.contains("service found"))
            });
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
    pub fn said(&self, what: &str, id: &str) -> Vec<SystemTime> {
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

    /// Starts a service again, which has ended, and waits until everybody knows it and it knows everybody.
    ///
    /// # Panics
    ///
    /// Where that does not come to pass.
    pub fn start_again(&mut self, position: usize) {
        let Twin { name, command, .. } = &mut self.services[position];
        // Another log than the one that is full of its former life.
        name.push('+');
        self.services[position].service = launch(&self.platform, name, command);
        let twin = &self.services[position];
        self.wait_until_known(twin);
        for other in self.others(twin).filter(|other| other.kind != Kind::Main) {
            twin.service.process.log_with(&[&other.service.id()]);
        }
    }
}
