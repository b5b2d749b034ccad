//! A real IceStorm on free ports.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Process, port};

/// An icebox with one IceStorm service, whose state survives a restart.
#[derive(Debug)]
pub struct Broker {
    process: Process,
    directory: TempDir,
    manager_port: u16,
    publish_port: u16,
}

impl Broker {
    /// Starts it and waits until it is ready.
    ///
    /// # Panics
    ///
    /// Where it does not get ready.
    pub fn start() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("iceflix-broker-")
            .tempdir()
            .unwrap();
        std::fs::create_dir(directory.path().join("state")).unwrap();
        let (manager_port, publish_port) = (port::free(), port::free());
        let process = launch(directory.path(), manager_port, publish_port);
        Self {
            process,
            directory,
            manager_port,
            publish_port,
        }
    }

    /// The proxy of its topic manager.
    pub fn manager(&self) -> String {
        format!(
            "IceStorm/TopicManager:tcp -h 127.0.0.1 -p {}",
            self.manager_port
        )
    }

    /// Kills it without a warning.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again, on the same ports and with the state that it left.
    ///
    /// # Panics
    ///
    /// Where it does not get ready.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(self.directory.path(), self.manager_port, self.publish_port);
    }

    /// The same without what it knew: no topic is left, and no subscription.
    ///
    /// # Panics
    ///
    /// Where it does not get ready.
    pub fn restart_empty(&mut self) {
        self.process.kill();
        let state = self.directory.path().join("state");
        std::fs::remove_dir_all(&state).unwrap();
        std::fs::create_dir(&state).unwrap();
        self.restart();
    }

    /// The process itself.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

fn launch(directory: &Path, manager_port: u16, publish_port: u16) -> Process {
    let arguments = [
        "--IceBox.Service.IceStorm=IceStormService,37:createIceStorm".to_owned(),
        "--IceBox.InheritProperties=1".to_owned(),
        "--IceBox.PrintServicesReady=IceStorm".to_owned(),
        "--IceStorm.InstanceName=IceStorm".to_owned(),
        format!("--IceStorm.LMDB.Path={}", directory.join("state").display()),
        format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {manager_port}"),
        format!("--IceStorm.Publish.Endpoints=tcp -h 127.0.0.1 -p {publish_port}"),
        "--Ice.Override.ConnectTimeout=1000".to_owned(),
    ];
    let broker = Process::start("icebox", &PathBuf::from("icebox"), arguments, directory);
    broker.line_with("IceStorm ready");
    broker
}
