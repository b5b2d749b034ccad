//! No text makes the Slice compiler panic, run for ever, fail without a reason, or write what is not Rust.
//!
//! An input is one file, or several with [`SEPARATOR`] between them; the first may include the others.

use std::path::PathBuf;

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Memory;
use slice2rs::{Options, compile};

/// What stands between two files.
pub const SEPARATOR: &str = "\n//====\n";

/// Compiles one input.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let mut files = Memory::new();
    for (number, file) in split(bytes).into_iter().enumerate() {
        files = files.with(format!("{number}.ice"), file);
    }
    let mut options = Options::new();
    options.without_class_values(bytes.len() % 2 == 1);
    let compilation = compile(&[PathBuf::from("0.ice")], &options, &files);
    let report = compilation.report(Severity::Note, Style::Coloured);
    assert_eq!(
        compilation.rust.is_none(),
        compilation.diagnostics.has_errors(),
        "{report}"
    );
    if let Some(rust) = compilation.rust {
        syn::parse_file(&rust).expect("what is written is Rust");
    } else {
        assert!(!report.is_empty(), "an error that nobody is told of");
    }
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let separator = SEPARATOR.as_bytes();
    let mut files = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(separator.len())
        .position(|window| window == separator)
    {
        files.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    files.push(rest);
    files
}
