//! What a build script gets.

use std::path::{Path, PathBuf};

use slice2rs::{Builder, Error};
use tempfile::TempDir;

fn slice(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, text).expect("the directory is ours");
    path
}

fn read(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).expect("it was written")
}

#[test]
fn several_files_become_one_with_modules_that_are_one() {
    let directory = TempDir::new().expect("a directory for the test");
    let first = slice(
        &directory,
        "First.ice",
        "#pragma once\nmodule M { struct A { int x; } }",
    );
    let second = slice(
        &directory,
        "Second.ice",
        "#include \"First.ice\"\nmodule M { struct B { A a; } }",
    );
    Builder::new()
        .out_dir(directory.path())
        .compile(&[&first, &second])
        .expect("there is no mistake");
    let rust = read(directory.path(), "First.rs");
    assert_eq!(rust.matches("pub mod m {").count(), 1);
    assert_eq!(rust.matches("pub struct A {").count(), 1);
    assert!(rust.contains("pub a: A,"));
}

#[test]
fn the_files_of_zeroc_are_found_and_an_identity_is_that_of_the_runtime() {
    let directory = TempDir::new().expect("a directory for the test");
    let file = slice(
        &directory,
        "Named.ice",
        "#include <Ice/Identity.ice>\nmodule M { struct Named { Ice::Identity id; } }",
    );
    Builder::new()
        .out_dir(directory.path())
        .compile(&[&file])
        .expect("there is no mistake");
    let rust = read(directory.path(), "Named.rs");
    assert!(!rust.contains("pub mod ice"), "{rust}");
    assert!(rust.contains("pub id: ::ice::Identity,"), "{rust}");
}

#[test]
fn the_report_is_readable_where_a_build_script_returns_the_error() {
    let directory = TempDir::new().expect("a directory for the test");
    let file = slice(
        &directory,
        "Wrong.ice",
        "module M { struct S { Missing x; } }",
    );
    let error = Builder::new()
        .out_dir(directory.path())
        .compile(&[file])
        .expect_err("there is a mistake");
    assert!(matches!(error, Error::Slice(_)));
    let shown = format!("{error:?}");
    assert!(
        shown.contains("error: `Missing` is not defined\n"),
        "{shown}"
    );
}

#[test]
fn what_needs_class_values_is_left_out_on_request_on_whatever_ways() {
    let directory = TempDir::new().expect("a directory for the test");
    let text = "module M {
        class Heavy { int x; }
        sequence<Heavy> Heavies;
        dictionary<string, Heavies> Table;
        struct Piece { Table table; int n; }
        exception Bad { Piece part; }
        exception Worse extends Bad { int y; }
        interface I
        {
            void one(Heavy* heavy);
            void two(Piece part);
            Heavies three();
            void four() throws Worse;
            void five(out Object any);
            int six();
        }
    }";
    let file = slice(&directory, "Values.ice", text);
    let builder = Builder::new().out_dir(directory.path());
    let refused = builder
        .compile(&[&file])
        .expect_err("class values are not carried");
    assert!(
        refused.to_string().contains("without_class_values(true)"),
        "{refused}"
    );
    builder
        .without_class_values(true)
        .compile(&[&file])
        .expect("the rest is carried");
    let rust = read(directory.path(), "Values.rs");
    for kept in ["fn one(", "fn six(", "struct HeavyPrx"] {
        assert!(rust.contains(kept), "{kept} is not there");
    }
    for left_out in [
        "fn two(",
        "fn three(",
        "fn four(",
        "fn five(",
        "Heavies",
        "Table",
        "Piece",
        "Bad",
        "Worse",
    ] {
        assert!(!rust.contains(left_out), "{left_out} is there");
    }
}

#[test]
fn what_is_the_same_is_not_written_again() {
    let directory = TempDir::new().expect("a directory for the test");
    let file = slice(&directory, "Same.ice", "module M { struct S { int x; } }");
    let builder = Builder::new()
        .out_dir(directory.path())
        .file_name("same.rs");
    builder.compile(&[&file]).expect("there is no mistake");
    let written = || {
        let metadata = std::fs::metadata(directory.path().join("same.rs")).expect("it was written");
        metadata.modified().expect("the file system keeps times")
    };
    let before = written();
    builder.compile(&[&file]).expect("there is no mistake");
    assert_eq!(before, written());
}

#[test]
fn no_file_is_a_mistake_of_the_caller() {
    let none: [&str; 0] = [];
    assert!(matches!(Builder::new().compile(&none), Err(Error::NoFile)));
}
