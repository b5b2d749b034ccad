//! A real PostgreSQL server in a directory of its own.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};

use crate::{Process, port, process::PATIENCE};

/// Who administers the server, and owns every database of it.
pub const ADMINISTRATOR: &str = "iceflix";

/// The administrator's password, which is asked for over TCP, and not over the Unix socket. It stands in every URL that is
/// given out here, and may be found nowhere else: not in a log, nor in the text of an error.
pub const PASSWORD: &str = "not-to-be-seen-anywhere";

/// PostgreSQL refuses to run as root; as root, it is started as the user that its package made.
const UNPRIVILEGED: &str = "postgres";

/// A server with any number of databases. It ends, and its directory goes, with the value or with the test,
/// however that ends.
#[derive(Debug)]
pub struct Postgres {
    // A server may be shared by threads; a process may not.
    process: Mutex<Process>,
    programs: PathBuf,
    directory: PathBuf,
    port: u16,
    durable: bool,
    databases: AtomicU32,
    _janitor: Janitor,
}

impl Postgres {
    /// Starts one that does not wait for the disk: quick, and all that a test needs which kills processes, not machines.
    ///
    /// # Panics
    ///
    /// Where PostgreSQL is not installed or does not get ready.
    pub fn start() -> Self {
        Self::start_as(false)
    }

    /// Starts one that flushes every commit to the disk, as is usual, for measurements.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_durable() -> Self {
        Self::start_as(true)
    }

    /// The server of this process, started when it is first asked for. For tests that leave it alone and use
    /// databases of their own.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start_as(durable: bool) -> Self {
        let programs = programs();
        let directory = tempfile::Builder::new()
            .prefix("iceflix-postgres-")
            .tempdir()
            .unwrap()
            .keep();
        let janitor = Janitor::of(&directory);
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
        if geteuid().is_root() {
            let user = User::from_name(UNPRIVILEGED)
                .unwrap()
                .unwrap_or_else(|| panic!("there is no user {UNPRIVILEGED}"));
            chown(&directory, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        initialise(&programs, &directory);
        let port = port::of_its_own();
        Self {
            process: Mutex::new(launch(&programs, &directory, port, durable)),
            programs,
            directory,
            port,
            durable,
            databases: AtomicU32::new(0),
            _janitor: janitor,
        }
    }

    /// Makes a new, empty database and returns its URL, over TCP and with the password.
    ///
    /// # Panics
    ///
    /// Where the server refuses.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of the database `name`, over TCP and with the password.
    pub fn url(&self, name: &str) -> String {
        format!(
            "postgres://{ADMINISTRATOR}:{PASSWORD}@127.0.0.1:{}/{name}",
            self.port
        )
    }

    /// The same over the Unix socket, where no password is asked for.
    pub fn socket_url(&self, name: &str) -> String {
        format!(
            "postgres:///{name}?host={}&port={}&user={ADMINISTRATOR}",
            self.directory.display(),
            self.port
        )
    }

    /// Executes statements, as an administrator does with psql, and returns what they print: a line for each row, its
    /// columns parted by `|`. `database` is a name, or a URL that was given out here.
    ///
    /// # Panics
    ///
    /// Where a statement fails.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let database = database.rsplit('/').next().unwrap_or(database);
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-U", ADMINISTRATOR, "-h"])
            .arg(&self.directory)
            .args(["-p", &self.port.to_string(), "-d", database])
            .args(["-c", statements])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{statements}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// Kills the server without a warning, as a crash would: all of its processes.
    ///
    /// # Panics
    ///
    /// Where one of them cannot be killed.
    pub fn kill(&mut self) {
        // Stopped, it starts no others meanwhile.
        self.first().signal(Signal::SIGSTOP);
        let workers = self.workers();
        self.first().kill();
        for worker in &workers {
            let _ = kill(*worker, Signal::SIGKILL);
        }
        // The next server does not start while one of them has the memory of this one.
        let deadline = Instant::now() + PATIENCE;
        while workers.iter().any(|worker| is_alive(*worker)) {
            assert!(Instant::now() < deadline, "a process of postgres stays");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Starts it again, on the same port and with the state that it left; kills it before, where it runs.
    ///
    /// # Panics
    ///
    /// Where it does not get ready.
    pub fn restart(&mut self) {
        self.kill();
        let process = launch(&self.programs, &self.directory, self.port, self.durable);
        self.process = Mutex::new(process);
    }

    /// Makes it hang: connections stay, and nothing is answered.
    pub fn suspend(&self) {
        // The parent first: then it starts no others.
        self.first().signal(Signal::SIGSTOP);
        for worker in self.workers() {
            let _ = kill(worker, Signal::SIGSTOP);
        }
    }

    /// Lets it go on.
    pub fn resume(&self) {
        for worker in self.workers() {
            let _ = kill(worker, Signal::SIGCONT);
        }
        self.first().signal(Signal::SIGCONT);
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        self.first().log()
    }

    /// The process that listens, and starts one more for each connection.
    fn first(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All the other processes.
    fn workers(&self) -> Vec<Pid> {
        let id = self.first().id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        children
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|id| id.parse().ok())
            .map(Pid::from_raw)
            .collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a process has not ended, be that known to whoever started it or not.
fn is_alive(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let mut lines = status.lines();
    lines.any(|line| line.starts_with("State:") && !line.contains(['Z', 'X']))
}

/// Where the newest version has its programs; Debian does not put them on the path.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let newest = versions
        .flatten()
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .max();
    if let Some((_, programs)) = newest {
        return programs;
    }
    let told = Command::new("pg_config").arg("--bindir").output();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    PathBuf::from(told.unwrap_or_default())
}

/// The command that runs `program` as somebody who may.
fn unprivileged(program: &Path) -> Command {
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={UNPRIVILEGED}"))
        .arg(format!("--regid={UNPRIVILEGED}"))
        // To change the user ends the wish to be killed with the parent: it is wished again.
        .args(["--init-groups", "--pdeathsig", "KILL", "--"])
        .arg(program);
    command
}

fn initialise(programs: &Path, directory: &Path) {
    let password = directory.join("password");
    fs::write(&password, PASSWORD).unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).unwrap();
    let output = unprivileged(&programs.join("initdb"))
        .args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .arg(format!("--username={ADMINISTRATOR}"))
        .arg(format!("--pwfile={}", password.display()))
        .arg(format!("--pgdata={}", directory.join("data").display()))
        .current_dir(directory)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("initdb cannot be started, the package postgresql seems to be missing: {error}")
    });
    assert!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn launch(programs: &Path, directory: &Path, port: u16, durable: bool) -> Process {
    let mut command = unprivileged(&programs.join("postgres"));
    command.arg("-D").arg(directory.join("data"));
    let mut set = |name: &str, value: &str| {
        command.arg("-c").arg(format!("{name}={value}"));
    };
    set("listen_addresses", "127.0.0.1");
    set("port", &port.to_string());
    set("unix_socket_directories", &directory.display().to_string());
    if !durable {
        set("fsync", "off");
        set("full_page_writes", "off");
    }
    command.current_dir(directory);
    let process = Process::start_command("postgres", command, directory);
    // After a crash it recovers first, which a busy machine makes long.
    let deadline = Instant::now() + PATIENCE * 2;
    let ready = || {
        Command::new(programs.join("pg_isready"))
            .args(["-q", "-U", ADMINISTRATOR, "-d", "postgres", "-h"])
            .arg(directory)
            .args(["-p", &port.to_string()])
            .status()
            .unwrap()
            .success()
    };
    while !ready() {
        assert!(
            Instant::now() < deadline,
            "postgres does not get ready:\n{}",
            process.log()
        );
        thread::sleep(Duration::from_millis(20));
    }
    process
}

/// A process that removes a directory when this one ends, however it ends.
#[derive(Debug)]
struct Janitor(Child);

impl Janitor {
    fn of(directory: &Path) -> Self {
        // A process of the server that is about to end may write once more.
        const REMOVE: &str = "cat; until rm -rf \"$0\"; do sleep 0.1; done";
        let child = Command::new("sh")
            .args(["-c", REMOVE])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
