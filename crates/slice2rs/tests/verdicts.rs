//! What ZeroC's compiler for C++ takes, ours takes, and what it refuses, ours refuses: text by text.
//!
//! Class values are left out, as they are the only part of Slice that is not carried.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Disk;
use slice2rs::{Options, compile};
use tempfile::TempDir;

// One text a line; `¶` stands for a line break.
const TEXTS: &str = include_str!("verdicts/texts.ice.txt");
const REFUSED_HERE_ONLY: &str = include_str!("verdicts/refused-here-only.ice.txt");

const ZEROC: &str = "/usr/share/ice/slice";

fn theirs(directory: &Path, file: &Path) -> bool {
    Command::new("slice2cpp")
        .args(["-I", ZEROC, "--output-dir"])
        .arg(directory)
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("zeroc-ice-compilers is installed")
        .success()
}

/// The report, where there are errors.
fn ours(file: &Path) -> Result<(), String> {
    let mut options = Options::new();
    options.include(ZEROC).without_class_values(true);
    let compilation = compile(&[file.to_owned()], &options, &Disk);
    match compilation.rust {
        Some(_) => Ok(()),
        None => Err(compilation.report(Severity::Error, Style::Plain)),
    }
}

/// The texts of a list, each in a file.
fn files(directory: &TempDir, list: &'static str) -> Vec<(&'static str, PathBuf)> {
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with("// "))
        .enumerate()
        .map(|(number, text)| {
            let file = directory.path().join(format!("Text{number}.ice"));
            std::fs::write(&file, text.replace('¶', "\n")).expect("the directory is ours");
            (text, file)
        })
        .collect()
}

#[test]
fn every_text_is_taken_by_both_or_by_neither() {
    let directory = TempDir::new().expect("a directory for the test");
    let mut differences = String::new();
    for (text, file) in files(&directory, TEXTS) {
        let ours = ours(&file);
        if ours.is_ok() != theirs(directory.path(), &file) {
            let ours = ours.err().unwrap_or_else(|| "taken here".to_owned());
            differences.push_str(&format!("{text}\n{ours}\n\n"));
        }
    }
    assert_eq!(differences, "", "the two compilers differ");
}

#[test]
fn what_is_refused_here_only_is_known() {
    let directory = TempDir::new().expect("a directory for the test");
    for (text, file) in files(&directory, REFUSED_HERE_ONLY) {
        assert!(ours(&file).is_err(), "{text}");
        assert!(theirs(directory.path(), &file), "{text}");
    }
}
