//! A program that runs beside the test.

use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        LazyLock, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// How long anything that a test waits for may take on a busy machine. Passing
/// tests never wait that long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// All children are started by one thread that never ends, because the kernel
/// takes the end of the thread that started a process for the end of its parent.
static NURSERY: LazyLock<Mutex<Sender<Birth>>> = LazyLock::new(|| {
    let (sender, births) = channel::<Birth>();
    thread::spawn(move || {
        for Birth { mut command, reply } in births {
            let _ = reply.send(command.spawn());
        }
    });
    Mutex::new(sender)
});

/// The same command, which the kernel kills when the test is killed.
fn until_the_test_ends(command: &Command) -> Command {
    let mut mortal = Command::new("setpriv");
    mortal
        .args(["--pdeathsig", "KILL", "--"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => mortal.env(name, value),
            None => mortal.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        mortal.current_dir(directory);
    }
    mortal
}

struct Birth {
    command: Command,
    reply: Sender<std::io::Result<Child>>,
}

/// A running program. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
    input: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts a program. What it writes to standard error is kept in a file of
    /// `directory`, and shown when something goes wrong.
    ///
    /// # Panics
    ///
    /// Where the program cannot be started.
    pub fn start<A: AsRef<OsStr>>(
        name: &str,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        directory: &Path,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments);
        Self::start_command(name, command, directory)
    }

    /// The same for a command with an environment or a directory of its own.
    ///
    /// # Panics
    ///
    /// Where the program cannot be started.
    pub fn start_command(name: &str, command: Command, directory: &Path) -> Self {
        let mut command = until_the_test_ends(&command);
        let log = directory.join(format!("{name}.log"));
        let errors = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors);
        let program = command.get_program().to_owned();
        let (reply, born) = channel();
        NURSERY
            .lock()
            .unwrap()
            .send(Birth { command, reply })
            .unwrap();
        let mut child = born
            .recv()
            .unwrap()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self {
            name: name.to_owned(),
            child,
            lines,
            input,
            log,
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the next line of its standard output.
    ///
    /// # Panics
    ///
    /// Where none comes within [`PATIENCE`].
    pub fn line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| self.fail(&format!("no further line: {error}")))
    }

    /// The next line of its standard output, if it comes within `patience`.
    pub fn line_within(&self, patience: Duration) -> Option<String> {
        self.lines.recv_timeout(patience).ok()
    }

    /// Waits until its log holds all of these.
    ///
    /// # Panics
    ///
    /// Where it does not within [`PATIENCE`].
    pub fn log_with(&self, texts: &[&str]) {
        for text in texts {
            self.log_until(text, |log| log.contains(text));
        }
    }

    /// Waits until its log is as it should be; `what` is the name for that.
    ///
    /// # Panics
    ///
    /// Where it does not get so within [`PATIENCE`].
    pub fn log_until(&self, what: &str, condition: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(&self.log()) {
            if Instant::now() > deadline {
                self.fail(&format!("its log does not hold {what:?}"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a line of its standard output that contains `text`, and gives
    /// back the whole line.
    ///
    /// # Panics
    ///
    /// Where none comes within [`PATIENCE`].
    pub fn line_with(&self, text: &str) -> String {
        self.line_with_within(text, PATIENCE)
    }

    /// The same for what takes longer.
    ///
    /// # Panics
    ///
    /// Where none comes within `patience`.
    pub fn line_with_within(&self, text: &str, patience: Duration) -> String {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => self.fail(&format!("no line with {text:?}: {error}")),
            }
        }
    }

    /// Writes to its standard input.
    ///
    /// # Panics
    ///
    /// Where it does not read.
    pub fn write(&mut self, text: &str) {
        self.input
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    /// Ends its standard input.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Sends it a signal. Nothing happens where it has ended.
    pub fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), signal);
    }

    /// Waits until it ends.
    ///
    /// # Panics
    ///
    /// Where it does not end within [`PATIENCE`].
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if Instant::now() > deadline {
                self.fail("it does not end");
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks it to end, as an administrator would, and waits for that.
    ///
    /// # Panics
    ///
    /// Where it does not end within [`PATIENCE`].
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    /// Kills it at once and waits for its end.
    ///
    /// # Panics
    ///
    /// Where it cannot be waited for.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn fail(&self, what: &str) -> ! {
        panic!("{}: {what}\n--- its log:\n{}", self.name, self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- log of {}:\n{}", self.name, self.log());
        }
    }
}
