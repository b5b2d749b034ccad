//! A real IceStorm, in an icebox of its own on free ports.

use std::net::TcpListener;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::peer::soon;

/// An icebox, which ends with this value or with the thread that made it.
pub(crate) struct Broker {
    child: Option<Child>,
    directory: TempDir,
    manager_port: u16,
    publish_port: u16,
    properties: Vec<String>,
}

impl Broker {
    /// A broker that is not started yet.
    pub(crate) fn new() -> Self {
        let [manager_port, publish_port] = free_ports();
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("lmdb")).unwrap();
        Self {
            child: None,
            manager_port,
            publish_port,
            properties: vec![
                format!(
                    "IceStorm.LMDB.Path={}",
                    directory.path().join("lmdb").display()
                ),
                format!("IceStorm.TopicManager.Endpoints={}", tcp(manager_port)),
                format!(
                    "IceStorm.Publish.Endpoints={}:udp -h 127.0.0.1 -p {publish_port}",
                    tcp(publish_port)
                ),
            ],
            directory,
        }
    }

    pub(crate) async fn started() -> Self {
        Self::started_with(&[]).await
    }

    /// A broker with these properties of its own.
    pub(crate) async fn started_with(properties: &[&str]) -> Self {
        let mut broker = Self::new();
        let more = properties.iter().map(ToString::to_string);
        broker.properties.extend(more);
        broker.start().await;
        broker
    }

    /// Brokers that replicate each other and elect the last one as their coordinator; not started yet.
    pub(crate) fn replicas(count: usize) -> Vec<Self> {
        let mut replicas: Vec<Self> = (0..count).map(|_| Self::new()).collect();
        let nodes: Vec<String> = (0..count)
            .flat_map(|_| free_ports::<1>().map(tcp))
            .collect();
        let of_all = |name: &str| {
            let prefix = format!("{name}=");
            let each = replicas.iter().flat_map(|replica| &replica.properties);
            let endpoints: Vec<&str> = each.filter_map(|p| p.strip_prefix(&prefix)).collect();
            endpoints.join(":")
        };
        let mut shared = vec![
            format!(
                "IceStorm.ReplicatedTopicManagerEndpoints={}",
                of_all("IceStorm.TopicManager.Endpoints")
            ),
            format!(
                "IceStorm.ReplicatedPublishEndpoints={}",
                of_all("IceStorm.Publish.Endpoints")
            ),
        ];
        for timeout in ["MasterTimeout", "ElectionTimeout", "ResponseTimeout"] {
            shared.push(format!("IceStorm.Election.{timeout}=1"));
        }
        for (id, node) in nodes.iter().enumerate() {
            shared.push(format!("IceStorm.Nodes.{id}=IceStorm/node{id}:{node}"));
        }
        for (id, replica) in replicas.iter_mut().enumerate() {
            replica.properties.extend(shared.iter().cloned());
            replica.properties.push(format!("IceStorm.NodeId={id}"));
            replica
                .properties
                .push(format!("IceStorm.Node.Endpoints={}", nodes[id]));
        }
        replicas
    }

    pub(crate) async fn start(&mut self) {
        let mut child = self.command().spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = soon(lines.next_line()).await.unwrap();
        assert_eq!(line.as_deref(), Some("storm ready"));
        self.child = Some(child);
    }

    /// kill -9.
    pub(crate) async fn kill(&mut self) {
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Forgets topics and subscriptions; for a broker that is not running.
    pub(crate) fn forget(&mut self) {
        assert!(self.child.is_none());
        let database = self.directory.path().join("lmdb");
        std::fs::remove_dir_all(&database).unwrap();
        std::fs::create_dir(database).unwrap();
    }

    /// SIGSTOP or SIGCONT.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().and_then(Child::id).unwrap();
        kill(Pid::from_raw(i32::try_from(id).unwrap()), signal).unwrap();
    }

    /// Where the topic manager listens.
    pub(crate) fn endpoint(&self) -> String {
        tcp(self.manager_port)
    }

    /// Where events are taken, whatever its proxies say.
    pub(crate) fn publish_port(&self) -> u16 {
        self.publish_port
    }

    /// The proxy of the topic manager.
    pub(crate) fn manager(&self) -> String {
        format!("IceStorm/TopicManager:{}", self.endpoint())
    }

    fn command(&self) -> Command {
        // So that no broker outlives a test that is killed.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "icebox"])
            .args([
                "--IceBox.Service.IceStorm=IceStormService,37:createIceStorm",
                "--IceBox.InheritProperties=1",
                "--IceBox.PrintServicesReady=storm",
                "--IceStorm.InstanceName=IceStorm",
            ])
            .args(
                self.properties
                    .iter()
                    .map(|property| format!("--{property}")),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

fn tcp(port: u16) -> String {
    format!("tcp -h 127.0.0.1 -p {port}")
}

/// Ports that differ: each is held until all are there.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref()
        .map(|socket| socket.local_addr().unwrap().port())
}
