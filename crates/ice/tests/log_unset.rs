//! In a program that has set up no `tracing`, what the runtime says is on standard error.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use ice::Properties;

/// The part of the test that runs in a process of its own.
#[test]
fn a_misspelt_property_is_noticed() {
    let _ = Properties::from_args(["--Ice.NoSuchProperty=1"]).unwrap();
}

#[test]
fn warnings_are_on_standard_error_where_nothing_receives_them() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_misspelt_property_is_noticed", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("ice: warning: unknown property: `Ice.NoSuchProperty'"),
        "{text}"
    );
}
