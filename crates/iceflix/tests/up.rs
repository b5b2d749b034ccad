//! The whole platform by one command.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{fs, path::Path, time::Duration};

use iceflix_testkit::{Process, film::Film, port};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

const FILM: Film = Film::mp4("Garden", 3, 660);

/// A platform of its own: ports and directories that no other has.
struct Machine {
    directory: TempDir,
    properties: Vec<String>,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("iceflix-up-")
            .tempdir()
            .unwrap();
        fs::create_dir(directory.path().join("films")).unwrap();
        FILM.copy_to(&directory.path().join("films"));
        let (manager, publisher, main) = (port::free(), port::free(), port::free());
        let home = directory.path().display();
        let properties = vec![
            format!("--IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {manager}"),
            format!("--IceStorm.Publish.Endpoints=tcp -h 127.0.0.1 -p {publisher}"),
            format!(
                "--IceStorm.TopicManager.Proxy=IceStorm/TopicManager:tcp -h 127.0.0.1 -p {manager}"
            ),
            format!("--MainAdapter.Endpoints=tcp -h 127.0.0.1 -p {main}"),
            "--AuthenticationAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--CatalogAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
            "--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned(),
            format!("--IceFlix.DataDir={home}/data"),
            format!("--IceFlix.CacheDir={home}/cache"),
        ];
        Self {
            directory,
            properties,
        }
    }

    fn up(&self, directories: &[&Path]) -> Process {
        let words = ["up"]
            .into_iter()
            .chain(directories.iter().map(|path| path.to_str().unwrap()));
        let arguments = self.properties.iter().map(String::as_str).chain(words);
        Process::start(
            "up",
            Path::new(env!("CARGO_BIN_EXE_iceflix")),
            arguments,
            self.directory.path(),
        )
    }

    fn films(&self) -> std::path::PathBuf {
        self.directory.path().join("films")
    }

    /// The processes that were started for this machine, by what they are.
    fn processes(&self) -> Vec<(Pid, String)> {
        let mark = self.directory.path().to_str().unwrap();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let Ok(id) = entry.file_name().to_string_lossy().parse::<i32>() else {
                continue;
            };
            let Ok(command) = fs::read(entry.path().join("cmdline")) else {
                continue;
            };
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            if command.contains(mark) {
                found.push((Pid::from_raw(id), command));
            }
        }
        found
    }

    fn process(&self, word: &str) -> Pid {
        let word = format!(" {word} ");
        let found = self.processes();
        found
            .iter()
            .find(|(_, command)| command.contains(&word))
            .unwrap_or_else(|| panic!("no {word} in {found:?}"))
            .0
    }
}

#[test]
fn it_starts_restarts_what_dies_and_leaves_nothing_behind() {
    let machine = Machine::new();
    let films = machine.films();
    let mut up = machine.up(&[&films]);
    up.line_with("IceFlix is up");
    let password = up.line_with("password  ");
    up.line_with("Ctrl-C stops all of it");
    assert_eq!(
        machine.processes().len(),
        6,
        "itself, the broker, four services: {:?}",
        machine.processes()
    );

    for part in ["catalog", "streaming", "auth", "main"] {
        kill(machine.process(part), Signal::SIGKILL).unwrap();
        up.log_with(&[&format!("{part} is back")]);
    }
    kill(
        machine
            .processes()
            .iter()
            .find(|(_, command)| command.starts_with("icebox"))
            .unwrap()
            .0,
        Signal::SIGKILL,
    )
    .unwrap();
    up.log_with(&["icestorm is back"]);

    up.signal(Signal::SIGINT);
    assert!(up.wait().success());
    assert!(
        machine.processes().is_empty(),
        "left behind: {:?}",
        machine.processes()
    );

    // The password is shown this once, and is nowhere else.
    let password = password.split_whitespace().last().unwrap().to_owned();
    for log in fs::read_dir(machine.directory.path().join("data/log"))
        .unwrap()
        .flatten()
    {
        assert!(
            !fs::read_to_string(log.path()).unwrap().contains(&password),
            "in {:?}",
            log.path()
        );
    }
    let mut again = machine.up(&[&films]);
    again.line_with("IceFlix is up");
    assert!(
        machine
            .directory
            .path()
            .join("data/log/main.log.1")
            .exists()
    );
    while let line = again.line()
        && !line.contains("Ctrl-C")
    {
        assert!(!line.contains("password"), "{line}");
    }
    assert!(again.stop().success());
}

#[test]
fn when_it_is_killed_its_parts_end() {
    let machine = Machine::new();
    let mut up = machine.up(&[&machine.films()]);
    up.line_with("Ctrl-C stops all of it");
    up.kill();
    let deadline = std::time::Instant::now() + iceflix_testkit::process::PATIENCE;
    while !machine.processes().is_empty() {
        assert!(
            std::time::Instant::now() < deadline,
            "left behind: {:?}",
            machine.processes()
        );
    }
}

#[test]
fn without_a_directory_it_makes_three_films_of_its_own() {
    let machine = Machine::new();
    let mut up = machine.up(&[]);
    // Over a minute of film is drawn and encoded.
    up.line_with_within("Ctrl-C stops all of it", Duration::from_secs(180));
    let films = fs::read_dir(machine.directory.path().join("data/films")).unwrap();
    assert_eq!(films.count(), 3);
    assert!(up.stop().success());
}

#[test]
fn two_directories_are_two_servers() {
    let machine = Machine::new();
    let more = machine.directory.path().join("more");
    fs::create_dir(&more).unwrap();
    let mut up = machine.up(&[&machine.films(), &more]);
    up.line_with("Ctrl-C stops all of it");
    let servers = machine
        .processes()
        .iter()
        .filter(|(_, command)| command.contains(" streaming "))
        .count();
    assert_eq!(servers, 2);
    assert!(up.stop().success());
}

#[test]
fn a_first_password_is_not_lost_where_a_part_does_not_start() {
    let machine = Machine::new();
    let logs = machine.directory.path().join("data/log");
    fs::create_dir_all(logs.parent().unwrap()).unwrap();
    fs::write(&logs, "in the way").unwrap();
    let mut failing = machine.up(&[&machine.films()]);
    assert!(!failing.wait().success());
    failing.log_with(&[logs.to_str().unwrap()]);
    fs::remove_file(&logs).unwrap();
    let mut up = machine.up(&[&machine.films()]);
    up.line_with("password  ");
    up.line_with("Ctrl-C stops all of it");
    let limits = fs::read_to_string(format!("/proc/{}/limits", machine.process("main"))).unwrap();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let files: Vec<&str> = files.unwrap().split_whitespace().collect();
    assert_eq!(
        files[3], files[4],
        "a service may have as many files as it is allowed"
    );
    assert!(up.stop().success());
}

#[test]
fn a_second_one_on_the_same_ports_says_so() {
    let machine = Machine::new();
    let up = machine.up(&[&machine.films()]);
    up.line_with("Ctrl-C stops all of it");
    let mut second = machine.up(&[]);
    assert!(!second.wait().success());
    second.log_with(&[
        "the broker cannot listen at",
        "Is a broker running already?",
    ]);
    let made = machine.directory.path().join("data/films");
    assert!(!made.exists(), "it makes films that nobody needs");
}
