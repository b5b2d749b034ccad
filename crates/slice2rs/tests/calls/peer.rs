//! The other side in Python, on ZeroC's own runtime.

use std::process::Stdio;

use ice::{Communicator, Properties};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

pub(crate) fn communicator() -> Communicator {
    // With it, endpoints of TLS are more than bytes.
    let plugin = "--Ice.Plugin.IceSSL=IceSSL:createIceSSL";
    let (properties, _) = Properties::from_args([plugin]).expect("Ice is installed");
    Communicator::new(properties).expect("no property is wrong")
}

fn python(role: &str) -> Command {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    // That of the system, which has the package python3-zeroc-ice.
    let mut command = Command::new("/usr/bin/python3");
    command
        .arg(format!("{directory}/calls/peer.py"))
        .arg(role)
        .arg(format!("{directory}/golden"))
        .env_remove("ICE_CONFIG")
        .kill_on_drop(true);
    command
}

/// A server in Python that does what the servants in Rust do.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    child: Child,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut child = python("server")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let stdout = child.stdout.take().expect("it is a pipe");
        let endpoint = BufReader::new(stdout)
            .lines()
            .next_line()
            .await
            .expect("the pipe is whole")
            .expect("python3-zeroc-ice is installed, and the server prints its endpoint");
        Self { endpoint, child }
    }

    /// The server ends when its standard input does.
    pub(crate) async fn stop(&mut self) {
        drop(self.child.stdin.take());
        let status = self.child.wait().await.expect("it is our child");
        assert!(status.success(), "{status}");
    }
}

/// Lets a client in Python call what is at `endpoint`; it fails by its exit status.
pub(crate) async fn run_client(endpoint: &str) {
    let output = python("client")
        .arg(endpoint)
        .output()
        .await
        .expect("python3 is installed");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
