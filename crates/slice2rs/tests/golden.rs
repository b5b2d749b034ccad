//! What is generated, kept beside the Slice text that it is generated from.
//!
//! `UPDATE_GOLDEN=1` writes the files anew; what changed is then read in the difference.

use std::path::{Path, PathBuf};

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Disk;
use slice2rs::{Options, compile};

fn unchanged(name: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let slice = directory.join(name).with_extension("ice");
    let golden = slice.with_extension("rs");
    let mut options = Options::new();
    options.include(directory);
    let compilation = compile(&[slice], &options, &Disk);
    let report = compilation.report(Severity::Warning, Style::Plain);
    assert_eq!(report, "");
    let rust = compilation.rust.expect("there was no error");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &rust).expect("the golden file can be written");
    }
    let kept = std::fs::read_to_string(&golden).expect("the golden file is there");
    if let Some((number, (now, then))) = rust
        .lines()
        .zip(kept.lines())
        .enumerate()
        .find(|(_, (now, then))| now != then)
    {
        panic!(
            "line {} of {name}.rs was\n{then}\nand is now\n{now}",
            number + 1
        );
    }
    assert_eq!(rust.len(), kept.len(), "{name}.rs has another length");
}

#[test]
fn every_type_is_generated_as_before() {
    unchanged("Types");
}

#[test]
fn exceptions_and_inheritance_are_generated_as_before() {
    unchanged("Errors");
}

#[test]
fn optional_values_are_generated_as_before() {
    unchanged("Optionals");
}

#[test]
fn values_at_their_bounds_are_generated_as_before() {
    unchanged("Boundaries");
    unchanged("Beyond");
}

#[test]
fn names_that_clash_are_generated_as_before() {
    unchanged("Names");
}

#[test]
fn documentation_is_generated_as_before() {
    unchanged("Documents");
}

/// Relative, because it is part of what is generated that no path of this machine is.
#[test]
fn what_is_generated_does_not_name_this_machine() {
    let slice = PathBuf::from("tests/golden/Types.ice");
    let rust = compile(&[slice], &Options::new(), &Disk)
        .rust
        .expect("there was no error");
    assert!(!rust.contains(env!("CARGO_MANIFEST_DIR")));
}
