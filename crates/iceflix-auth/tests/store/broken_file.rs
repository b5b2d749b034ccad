//! An SQLite file that is locked, damaged or read-only, and a disk that is full.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use iceflix_auth::store::token::Token;
use iceflix_auth::store::{Config, Error, Store, Users};
use iceflix_database::{Engine, Kind, Location};
use sqlx::{AnyConnection, Connection, Executor};

use crate::site::*;

fn kind(error: &Error) -> Kind {
    match error {
        Error::Database(error) => error.kind(),
        other => panic!("not the database: {other}"),
    }
}

async fn kind_of_login(store: &Store, user: &str) -> Kind {
    let login = store.login(user, &sent(user), HERE).await;
    kind(&login.expect_err("the database fails"))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_the_file_for_too_long_stops_logins_with_an_error_and_no_check() {
    let site = Site::with_users(Engine::Sqlite, &["ana"]).await;
    let store = site.real_service().await;
    let token = login(&store, "ana").await;
    let mut other = AnyConnection::connect(&format!("sqlite:{}", site.url))
        .await
        .expect("a connection");
    other.execute("BEGIN EXCLUSIVE").await.expect("locked");

    let started = Instant::now();
    assert_eq!(kind_of_login(&store, "ana").await, Kind::Locked);
    assert!(started.elapsed() < Duration::from_secs(15));
    assert!(valid(&store, token).await);
    let unknown = store.tokens().is_valid(&"0".repeat(32)).await;
    assert!(!unknown.expect("the database can be read"));

    other.execute("ROLLBACK").await.expect("let go");
    let token = login(&store, "ana").await;
    assert!(valid(&site.real_service().await, token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_damaged_at_its_head_is_not_opened() {
    let site = Site::with_users(Engine::Sqlite, &["ana"]).await;
    site.users.close().await;
    let path = Path::new(&site.url);
    let mut bytes = std::fs::read(path).expect("the file");
    bytes[..100].fill(0xa5);
    std::fs::write(path, &bytes).expect("damaged");
    let location: Location = site.url.parse().expect("a location");
    let error = Store::open(&location, Config::default()).await;
    let error = error.expect_err("damaged");
    assert_eq!(kind(&error), Kind::Corrupt, "{error:?}");
    assert_eq!(
        std::fs::read(path).expect("the file"),
        bytes,
        "left as it is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_damaged_in_its_middle_serves_what_is_sound_and_says_so_for_the_rest() {
    let site = Site::with_users(Engine::Sqlite, &["ana"]).await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
                INSERT INTO users (name, password, created_at) \
                SELECT 'user' || i, (SELECT password FROM users WHERE name = 'ana'), 0 FROM n";
    site.outside(many).await;
    let page = "SELECT CAST(pageno AS TEXT) FROM dbstat WHERE name = 'users' AND pagetype = 'leaf' \
                ORDER BY path DESC LIMIT 1";
    // Without that table the last page of the file is one, too: the users were added last.
    let page = site
        .try_query(page)
        .await
        .and_then(|text| text.parse().ok());
    let location: Location = site.url.parse().expect("a location");
    let (url, _directory) = (site.url.clone(), site.directory);
    site.users.close().await;

    let mut bytes = std::fs::read(&url).expect("the file");
    let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let page: usize = page.unwrap_or(bytes.len() / size);
    bytes[(page - 1) * size..page * size].fill(0xa5);
    std::fs::write(&url, bytes).expect("damaged");

    let store = Store::open(&location, Config::default())
        .await
        .expect("the rest is sound");
    let token = login(&store, "ana").await;
    assert!(valid(&store, token).await);
    // It is one of the last.
    let looked_up = async |n| {
        let (user, hash) = (format!("user{n}"), sent("wrong"));
        store.login(&user, &hash, from(n)).await.err()
    };
    let mut error = None;
    for n in (1..=500).rev() {
        error = looked_up(n).await;
        if error.is_some() {
            break;
        }
    }
    let error = error.expect("a page is damaged");
    assert_eq!(kind(&error), Kind::Corrupt, "{error:?}");
    assert!(valid(&store, token).await);
    login(&store, "ana").await;
}

fn from(n: u32) -> std::net::IpAddr {
    std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).into()
}

/// Tells the child of a test where its small disk is.
const DISK: &str = "ICEFLIX_TEST_DISK";

/// Whether this user may make such a disk: containers and some systems do not allow it.
fn may_mount() -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let tried = Command::new("unshare")
        .args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "disk"])
        .arg(directory.path())
        .output();
    tried.is_ok_and(|output| output.status.success())
}

/// Runs a test that is ignored otherwise in a process with a disk of its own, of two MiB: `disk` in it can be written,
/// `read-only` is the same, to be read.
fn on_a_small_disk(test: &str) {
    const MOUNT: &str = r#"
        mkdir "$0/disk" "$0/read-only"
        mount -t tmpfs -o size=2m disk "$0/disk"
        mount --bind "$0/disk" "$0/read-only"
        mount -o remount,ro,bind "$0/read-only"
        exec "$@"
    "#;
    if !may_mount() {
        eprintln!("skipped: this user may not mount a disk, not even in a namespace of its own");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-euc", MOUNT])
        .arg(directory.path())
        .arg(program)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DISK, directory.path())
        .output()
        .expect("unshare");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{told}");
}

fn small_disk() -> PathBuf {
    std::env::var_os(DISK).expect("a small disk").into()
}

#[test]
fn a_full_disk_stops_logins_with_an_error_and_loses_nothing() {
    on_a_small_disk("broken_file::full_disk");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs on a small disk, started by another test"]
async fn full_disk() {
    let disk = small_disk().join("disk");
    let location = Location::file(disk.join("users.db"));
    let users = Users::open(&location).await.expect("the users");
    let hash = iceflix_auth::store::user::Hash::of_password("ana");
    users.add(&name("ana"), &hash).await.expect("added");
    let store = Store::open(&location, Config::default())
        .await
        .expect("a store");
    std::fs::write(disk.join("ballast"), vec![0; 1 << 20]).expect("ballast");

    let mut tokens: Vec<Token> = Vec::new();
    let error = loop {
        match store.login("ana", &sent("ana"), HERE).await {
            Ok(token) => tokens.push(token.expect("right credentials")),
            Err(error) => break error,
        }
        assert!(tokens.len() < 100_000, "the disk has no end");
    };
    assert_eq!(kind(&error), Kind::Full, "{error:?}");
    assert!(error.to_string().contains("make room"), "{error}");
    std::fs::remove_file(disk.join("ballast")).expect("room");
    tokens.push(login(&store, "ana").await);
    users.add(&name("eva"), &hash).await.expect("there is room");
    assert_eq!(users.list().await.expect("a list").len(), 2);
    // Another instance knows them from the disk alone.
    let other = Store::open(&location, Config::default())
        .await
        .expect("a store");
    for token in tokens {
        assert!(valid(&other, token).await);
    }
}

#[test]
fn a_disk_that_is_read_only_is_an_error_at_the_start_that_says_so() {
    on_a_small_disk("broken_file::read_only");
}

#[tokio::test]
#[ignore = "runs on a small disk, started by another test"]
async fn read_only() {
    let writable = Location::file(small_disk().join("disk/users.db"));
    let users = Users::open(&writable).await.expect("the users");
    users.close().await;
    let location = Location::file(small_disk().join("read-only/users.db"));
    let error = Store::open(&location, Config::default()).await;
    let error = error.expect_err("read-only");
    assert!(
        matches!(kind(&error), Kind::ReadOnly | Kind::Unreachable),
        "{error:?}"
    );
    let text = error.to_string();
    assert!(text.contains("read-only/users.db"), "{text}");
}
