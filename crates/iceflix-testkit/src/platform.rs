//! The whole platform as processes: broker and services, each a real one.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{Broker, Process};

/// The user that every platform has.
pub const USER: &str = "ana";
/// Her password.
pub const PASSWORD: &str = "correct horse battery staple";

/// Where a platform lives: its broker, its directories, its program. Services
/// are started on it one by one.
#[derive(Debug)]
pub struct Platform {
    /// The broker.
    pub broker: Broker,
    program: PathBuf,
    properties: Vec<String>,
    directory: TempDir,
}

impl Platform {
    /// Starts a broker and makes the user [`USER`]. `program` is the `iceflix`
    /// under test.
    ///
    /// # Panics
    ///
    /// Where one of them fails.
    pub fn start(program: &str) -> Self {
        Self::start_with(program, &[])
    }

    /// The same with properties that all of its processes have.
    ///
    /// # Panics
    ///
    /// Where one of them fails.
    pub fn start_with(program: &str, properties: &[String]) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("iceflix-platform-")
            .tempdir()
            .unwrap();
        std::fs::create_dir(directory.path().join("films")).unwrap();
        let platform = Self {
            broker: Broker::start(),
            program: program.into(),
            properties: properties.to_vec(),
            directory,
        };
        platform.add_user(USER, PASSWORD);
        platform
    }

    /// Makes a user.
    ///
    /// # Panics
    ///
    /// Where that is refused.
    pub fn add_user(&self, name: &str, password: &str) {
        let output = self.run_with_input(&["user", "add", name], password);
        assert!(
            output.status.success(),
            "user add: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// The directory of its films.
    pub fn films(&self) -> PathBuf {
        self.directory.path().join("films")
    }

    /// A directory for whatever a test needs.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The properties that make a process part of this platform.
    pub fn properties(&self) -> Vec<String> {
        let directory = self.directory.path().display();
        let own = [
            format!("--IceStorm.TopicManager.Proxy={}", self.broker.manager()),
            format!("--IceFlix.DataDir={directory}/data"),
            format!("--IceFlix.CacheDir={directory}/cache"),
            "--AuthenticationAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--CatalogAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--MainAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned(),
            "--IceFlix.Announce.Interval=500ms".to_owned(),
            "--IceFlix.Log.Level=info,iceflix=debug".to_owned(),
        ];
        own.into_iter().chain(self.properties.clone()).collect()
    }

    /// Starts `iceflix COMMAND...` as a part of the platform.
    pub fn spawn(&self, name: &str, command: &[&str]) -> Process {
        let arguments = self
            .properties()
            .into_iter()
            .chain(command.iter().map(|&word| word.to_owned()));
        Process::start(name, &self.program, arguments, self.directory.path())
    }

    /// The same with variables of its environment set.
    pub fn spawn_with(&self, name: &str, command: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut program = Command::new(&self.program);
        program
            .args(self.properties())
            .args(command)
            .envs(variables.iter().copied());
        Process::start_command(name, program, self.directory.path())
    }

    /// Starts a service, `iceflix COMMAND...`, and waits for its proxy.
    pub fn service(&self, command: &[&str]) -> Service {
        self.service_named(command[0], command)
    }

    /// The same under a name of its own, so that two of a kind have two logs.
    pub fn service_named(&self, name: &str, command: &[&str]) -> Service {
        let process = self.spawn(name, command);
        let proxy = process.line();
        Service { process, proxy }
    }

    /// Starts the four services, Streaming on [`Platform::films`], Main first.
    pub fn services(&self) -> Services {
        let films = self.films();
        let main = self.service(&["main"]);
        let auth = self.service(&["auth"]);
        let catalog = self.service(&["catalog"]);
        let streaming = self.service(&["streaming", films.to_str().unwrap()]);
        Services {
            main,
            auth,
            catalog,
            streaming,
        }
    }

    /// Runs `iceflix COMMAND...` to its end.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    pub fn run(&self, command: &[&str]) -> Output {
        self.run_with_input(command, "")
    }

    /// The same, with something on its standard input.
    ///
    /// # Panics
    ///
    /// Where it cannot be started.
    pub fn run_with_input(&self, command: &[&str], input: &str) -> Output {
        let mut child = Command::new(&self.program)
            .args(self.properties())
            .args(command)
            // A test opens no window on the screen of whoever runs it.
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}

/// A service that runs as a process.
#[derive(Debug)]
pub struct Service {
    /// The process.
    pub process: Process,
    /// The proxy that it printed when it was ready.
    pub proxy: String,
}

impl Service {
    /// Its service id, from its log.
    pub fn id(&self) -> String {
        self.process.log_with(&[" ready "]);
        let log = self.process.log();
        let ready = log.lines().rfind(|line| line.contains(" ready ")).unwrap();
        let id = ready.split("id=").nth(1).unwrap();
        id.split_whitespace().next().unwrap().to_owned()
    }
}

/// One service of each kind.
#[derive(Debug)]
pub struct Services {
    /// The door for clients.
    pub main: Service,
    /// Users and tokens.
    pub auth: Service,
    /// Titles.
    pub catalog: Service,
    /// Films.
    pub streaming: Service,
}
