use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

/// A real IceStorm in an icebox of its own, which ends with this value.
pub(crate) struct Broker {
    child: Child,
    _directory: TempDir,
    pub(crate) manager: String,
}

impl Broker {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        // So that no broker outlives a comparison that is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "icebox"]).args([
            "--IceBox.Service.IceStorm=IceStormService,37:createIceStorm",
            "--IceBox.InheritProperties=1",
            "--IceBox.PrintServicesReady=storm",
            "--IceStorm.InstanceName=IceStorm",
            &format!("--IceStorm.LMDB.Path={}", directory.path().display()),
            &format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {port}"),
            "--IceStorm.Publish.Endpoints=tcp -h 127.0.0.1",
        ]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("icebox is not installed")?;
        let mut ready = String::new();
        BufReader::new(child.stdout.take().context("it is a pipe")?).read_line(&mut ready)?;
        let broker = Self {
            child,
            _directory: directory,
            manager: format!("IceStorm/TopicManager:tcp -h 127.0.0.1 -p {port}"),
        };
        ensure!(ready.trim_end() == "storm ready", "IceStorm does not start");
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
