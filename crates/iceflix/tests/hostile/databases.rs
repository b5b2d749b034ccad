//! Databases that cannot be used: full disks, locks, files that are none, directories that nobody may write to.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use iceflix_slice::MainPrx;
use iceflix_testkit::{
    Platform, Process,
    film::Film,
    peer::{self, Peer},
    platform::{PASSWORD, Service, USER},
    process::PATIENCE,
};

const FILM: Film = Film::mp4("Kept", 2, 450);

/// The services that have a database, and its file.
const STORES: [(&str, &str); 2] = [("auth", "users.db"), ("catalog", "titles.db")];

fn platform() -> Platform {
    Platform::start(env!("CARGO_BIN_EXE_iceflix"))
}

/// A start that fails: what it says.
fn refused(platform: &Platform, service: &str) -> String {
    let begun = Instant::now();
    let output = platform.run(&[service]);
    assert!(!output.status.success(), "{service} starts");
    assert!(begun.elapsed() < PATIENCE);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_as_it_is() {
    let platform = platform();
    for (service, file) in STORES {
        let path = platform.directory().join("data").join(file);
        let letter = "Dear reader, this is no database. ".repeat(1000);
        std::fs::write(&path, &letter).unwrap();
        let said = refused(&platform, service);
        assert!(said.contains(file), "{said}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
    }
}

#[test]
fn a_damaged_database_ends_no_service_and_is_named() {
    let platform = platform();
    let path = platform.directory().join("data/users.db");
    let mut bytes = std::fs::read(&path).unwrap();
    // All but the first page, which says what the file is.
    bytes[4096..].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    let said = refused(&platform, "auth");
    assert!(said.contains("users.db"), "{said}");
}

/// A viewer's edit, by the command that anybody would use.
fn tag(platform: &Platform, main: &Service, tag: &str) -> std::process::Output {
    let words = [
        "client",
        &main.proxy,
        "tag",
        "add",
        FILM.name,
        tag,
        "--user",
        USER,
    ];
    platform.run_with_input(&words, PASSWORD)
}

fn shown(platform: &Platform, main: &Service) -> String {
    let output = platform.run(&["client", &main.proxy, "show", FILM.name]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
    }
}

#[test]
fn an_edit_that_waits_for_a_locked_database_ends_and_the_next_one_is_made() {
    let platform = platform();
    FILM.copy_to(&platform.films());
    let services = platform.services();
    let main = &services.main;
    until("the first edit", || {
        tag(&platform, main, "before").status.success()
    });

    let path = platform.directory().join("data/titles.db");
    let script = "import sqlite3, sys\n\
        c = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        c.execute('BEGIN EXCLUSIVE')\n\
        print('locked', flush=True)\n\
        sys.stdin.read()";
    let arguments = ["-c", script, path.to_str().unwrap()];
    let mut holder = Process::start(
        "holder",
        Path::new("/usr/bin/python3"),
        arguments,
        platform.directory(),
    );
    holder.line_with("locked");
    let begun = Instant::now();
    let refused = tag(&platform, main, "during");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{said}");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    // What is read is not in anybody's way.
    assert!(shown(&platform, main).contains("before"));
    holder.close_input();
    holder.wait();
    until("an edit again", || {
        tag(&platform, main, "after").status.success()
    });
    assert!(shown(&platform, main).contains("before"));
    assert!(shown(&platform, main).contains("after"));
}

/// The service `command`, whose data directory, `$DATA`, was treated like this by a shell first, in a namespace where
/// it alone sees that. `None` where the kernel does not let us.
fn after(platform: &Platform, treatment: &str, command: &str) -> Option<Process> {
    let alone = ["-rm", "--propagation", "private"];
    let mut trial = Command::new("unshare");
    trial
        .args(alone)
        .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
    if !trial.status().is_ok_and(|status| status.success()) {
        println!("skipped: the kernel lets nobody mount in a namespace of their own");
        return None;
    }
    let script = format!("set -e; {treatment}; exec \"$@\"");
    let mut program = Command::new("unshare");
    program
        .args(alone)
        .args(["sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_iceflix")])
        .args(platform.properties())
        .arg(command)
        .env("DATA", platform.directory().join("data"));
    let name = format!("{command}-apart");
    Some(Process::start_command(&name, program, platform.directory()))
}

#[test]
fn a_directory_that_is_only_read_is_named() {
    let platform = platform();
    for (service, file) in STORES {
        let treatment = "mount --bind $DATA $DATA; mount -o remount,ro,bind $DATA";
        let Some(mut process) = after(&platform, treatment, service) else {
            return;
        };
        assert!(!process.wait().success());
        assert!(process.log().contains(file), "{}", process.log());
    }
}

#[test]
fn a_full_disk_refuses_edits_keeps_what_was_acknowledged_and_takes_more_when_there_is_room() {
    const FILLING: &str = "mkdir $DATA-before; cp -a $DATA/. $DATA-before; \
        mount -t tmpfs -o size=3m tmpfs $DATA; cp -a $DATA-before/. $DATA; \
        head -c 2000000 /dev/zero > $DATA/filling";
    let platform = platform();
    FILM.copy_to(&platform.films());
    let main = platform.service(&["main"]);
    let _auth = platform.service(&["auth"]);
    let _streaming = platform.service(&["streaming", platform.films().to_str().unwrap()]);
    let Some(catalog) = after(&platform, FILLING, "catalog") else {
        return;
    };
    catalog.line();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let peer = Peer::join(&platform);
        let main: MainPrx = peer.proxy(&main.proxy);
        let service = peer.catalog(&main).await;
        let login = peer.authenticator(&main).await;
        let hash = iceflix_client::password::hash(PASSWORD);
        let film = peer::until("the film", async || {
            let found = service.get_tiles_by_name(FILM.name, true).await.ok()?;
            found.first().cloned()
        })
        .await;
        let edit = async |name: &str| {
            let token = login.refresh_authorization(USER, &hash).await.unwrap();
            service.rename_tile(&film, name, &token).await
        };

        // A name as long as one may be, so that there are not too many.
        let long = |number: usize| format!("{number} {}", "n".repeat(900));
        let mut last = String::new();
        let mut refusal = None;
        for number in 0..5000 {
            match edit(&long(number)).await {
                Ok(()) => last = long(number),
                Err(error) => {
                    refusal = Some(error);
                    break;
                }
            }
        }
        println!(
            "{} edits, then {refusal:?}",
            last.split(' ').next().unwrap()
        );
        assert!(refusal.is_some(), "no disk is that large");
        assert_eq!(service.get_tile(&film).await.unwrap().info.name, last);
        catalog.log_until("disk", |log| log.contains("full"));

        let data = platform.directory().join("data");
        let seen_by_it = format!("/proc/{}/root{}/filling", catalog.id(), data.display());
        std::fs::remove_file(seen_by_it).unwrap();
        peer::until("an edit again", async || edit("Kept for ever").await.ok()).await;
        let media = service.get_tile(&film).await.unwrap();
        assert_eq!(media.info.name, "Kept for ever");
        peer.communicator.destroy().await;
    });
}
