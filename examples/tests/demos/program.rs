//! The programs of a demo, as processes of their own.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Far beyond what any demo takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(SOON, what).await.expect("it happens soon")
}

/// A program in one of the two languages.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    /// The path of the executable.
    Rust(&'static str),
    /// The path of the script, below the directory of the examples.
    Python(&'static str),
}

impl Program {
    /// The program with these properties, in a directory where it finds its files.
    fn command(self, directory: &Path, properties: &str, arguments: &[&str]) -> Command {
        let mut command = match self {
            Self::Rust(path) => Command::new(path),
            Self::Python(script) => {
                // That of the system, which has the package python3-zeroc-ice.
                let mut command = Command::new("/usr/bin/python3");
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script));
                command
            }
        };
        command
            .arg(format!("--Ice.Config={properties}"))
            .args(arguments)
            .current_dir(directory)
            // What programs say on standard error is their own choice here.
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts it, to be stopped later.
    pub(crate) fn start(self, directory: &Path, properties: &str, arguments: &[&str]) -> Running {
        let mut command = self.command(directory, properties, arguments);
        let mut child = command.spawn().expect("it is built or installed");
        let output = child.stdout.take().expect("it is a pipe");
        Running {
            child,
            output: BufReader::new(output).lines(),
        }
    }

    /// Runs it to its end.
    pub(crate) async fn run(
        self,
        directory: &Path,
        properties: &str,
        arguments: &[&str],
    ) -> Output {
        let mut command = self.command(directory, properties, arguments);
        command.stderr(Stdio::piped());
        soon(command.output())
            .await
            .expect("it is built or installed")
    }

    /// Runs it to its end, which must be a good one: what it printed.
    pub(crate) async fn print(
        self,
        directory: &Path,
        properties: &str,
        arguments: &[&str],
    ) -> String {
        let output = self.run(directory, properties, arguments).await;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("demos print UTF-8")
    }
}

/// A program that runs.
pub(crate) struct Running {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// The next line that it prints: of a server, the first is its proxy.
    pub(crate) async fn line(&mut self) -> String {
        soon(self.output.next_line())
            .await
            .expect("the pipe is whole")
            .expect("it prints a line before it ends")
    }

    /// Ctrl-C, upon which it has to end well.
    pub(crate) async fn interrupt(self) {
        let id = self.child.id().expect("it has not ended");
        let id = Pid::from_raw(i32::try_from(id).expect("it is small"));
        kill(id, Signal::SIGINT).expect("it has not ended");
        self.ended().await;
    }

    /// Waits for its end, which has to be a good one.
    pub(crate) async fn ended(mut self) {
        let status = soon(self.child.wait()).await.expect("it is our child");
        assert!(status.success(), "{status}");
    }
}

/// Writes a file of properties: its path.
pub(crate) fn properties(directory: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = directory.join(name);
    std::fs::write(&path, text).expect("the directory is ours");
    path.display().to_string()
}
