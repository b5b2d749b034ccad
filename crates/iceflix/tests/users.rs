//! `iceflix user`, as an administrator types it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use iceflix_testkit::{Postgres, postgres};

fn user(database: &str, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_iceflix"))
        .arg(format!("--IceFlix.Authentication.Database={database}"))
        .arg("user")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", complained(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn administer(database: &str) {
    assert_eq!(
        said(&user(database, &["add", "ana"], "a password\n")),
        "ana can log in now.\n"
    );
    said(&user(database, &["add", "Zoë"], "another one\n"));
    said(&user(database, &["passwd", "ana"], "a new one\n"));
    said(&user(database, &["lock", "Zoë"], ""));

    let json: serde_json::Value =
        serde_json::from_str(&said(&user(database, &["list", "--json"], ""))).unwrap();
    assert_eq!(json[0]["name"], "Zoë");
    assert!(json[0]["locked"].is_string());
    assert_eq!(json[1]["name"], "ana");
    assert!(json[1]["locked"].is_null() && json[1]["last_login"].is_null());
    let table = said(&user(database, &["list"], ""));
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].starts_with("NAME") && lines[2].contains("never"),
        "{table}"
    );

    said(&user(database, &["unlock", "Zoë"], ""));
    said(&user(database, &["remove", "Zoë"], ""));
    let again = user(database, &["lock", "Zoë"], "");
    assert!(!again.status.success());
    assert!(complained(&again).contains("Zoë"), "{}", complained(&again));
    assert!(!said(&user(database, &["list"], "")).contains("Zoë"));
}

#[test]
fn users_in_a_file_are_administered_by_commands() {
    let directory = tempfile::tempdir().unwrap();
    let file: &Path = &directory.path().join("users.db");
    administer(file.to_str().unwrap());
}

#[test]
fn users_on_a_server_are_administered_by_commands() {
    let server = Postgres::start();
    let url = server.database();
    administer(&url);
    let wrong = url.replace(postgres::PASSWORD, "wrong-password");
    let refused = user(&wrong, &["list"], "");
    assert!(!refused.status.success());
    let complaint = complained(&refused);
    assert!(complaint.contains("refuses the login"), "{complaint}");
    assert!(!complaint.contains("wrong-password"), "{complaint}");
}
