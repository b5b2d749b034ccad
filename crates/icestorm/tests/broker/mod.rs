//! A real IceStorm, in an icebox of its own on free ports.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test program uses a part of it"
)]

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// An icebox, which ends with this value or with the thread that made it.
pub struct Broker {
    child: Option<Child>,
    directory: TempDir,
    manager_port: u16,
    publish_port: u16,
}

impl Broker {
    /// A broker that is not started yet.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("lmdb")).unwrap();
        Self {
            child: None,
            directory,
            manager_port: free_port(),
            publish_port: free_port(),
        }
    }

    pub async fn started() -> Self {
        let mut broker = Self::new();
        broker.start().await;
        broker
    }

    pub async fn start(&mut self) {
        let mut child = command(self.directory.path(), self.manager_port, self.publish_port)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap();
        assert_eq!(line.as_deref(), Some("storm ready"));
        self.child = Some(child);
    }

    /// kill -9.
    pub async fn kill(&mut self) {
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Forgets topics and subscriptions; for a broker that is not running.
    pub fn forget(&mut self) {
        assert!(self.child.is_none());
        let database = self.directory.path().join("lmdb");
        std::fs::remove_dir_all(&database).unwrap();
        std::fs::create_dir(database).unwrap();
    }

    /// SIGSTOP or SIGCONT.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().and_then(Child::id).unwrap();
        kill(Pid::from_raw(i32::try_from(id).unwrap()), signal).unwrap();
    }

    /// The proxy of the topic manager.
    pub fn manager(&self) -> String {
        format!(
            "IceStorm/TopicManager:tcp -h 127.0.0.1 -p {}",
            self.manager_port
        )
    }
}

fn command(directory: &Path, manager_port: u16, publish_port: u16) -> Command {
    // So that no broker outlives a test that is killed.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "icebox"]).args([
        "--IceBox.Service.IceStorm=IceStormService,37:createIceStorm",
        "--IceBox.InheritProperties=1",
        "--IceBox.PrintServicesReady=storm",
        "--IceStorm.InstanceName=IceStorm",
        &format!("--IceStorm.LMDB.Path={}", directory.join("lmdb").display()),
        &format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {manager_port}"),
        &format!("--IceStorm.Publish.Endpoints=tcp -h 127.0.0.1 -p {publish_port}"),
    ]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
