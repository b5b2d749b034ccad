//! The server that is measured, as it runs in its own process.

use std::io::BufRead;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use iceflix_index::Index;
use iceflix_rtsp::{Config, Server};

use crate::film::Film;
use crate::process::Process;

/// A server of ours in a process of its own.
pub(crate) struct Ours {
    pub(crate) process: Process,
    pub(crate) urls: Vec<String>,
}

impl Ours {
    pub(crate) fn start(films: &[Film]) -> Self {
        let mut process = Process::ourselves("server");
        let mut urls = Vec::new();
        for film in films {
            process.tell(&format!(
                "mount {}\t{}",
                film.path.display(),
                film.index.display()
            ));
            urls.push(process.hear());
        }
        Self { process, urls }
    }

    /// Packets sent, late, and refused so far, by its own account.
    pub(crate) fn counts(&mut self) -> [u64; 3] {
        self.process.tell("count");
        let line = self.process.hear();
        let mut numbers = line.split(' ').map(|number| number.parse().unwrap());
        std::array::from_fn(|_| numbers.next().unwrap())
    }
}

/// What the process does.
pub(crate) fn run() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let config = Config {
        endpoint: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        session_timeout: Duration::from_secs(3_600),
        max_sessions: 4_096,
        ..Config::default()
    };
    let server = runtime.block_on(Server::bind(config)).unwrap();
    let mut mounts = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        match line.split_once(' ') {
            Some(("mount", paths)) => {
                let (film, index) = paths.split_once('\t').unwrap();
                let index = Index::open(index.as_ref(), film.as_ref()).unwrap();
                let mount = server.mount(Arc::new(index));
                println!("{}", mount.url("127.0.0.1"));
                mounts.push(mount);
            }
            _ => {
                let counts = server.statistics();
                println!("{} {} {}", counts.packets, counts.late, counts.refused);
            }
        }
    }
}
