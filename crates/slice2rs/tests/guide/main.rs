//! The guide of the mapping says what is so: its Slice is compiled, its Rust is compiled, and what it calls generated is.
//!
//! `UPDATE_GOLDEN=1` writes the files anew that are made of the guide.

use std::fs;
use std::path::{Path, PathBuf};

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Memory;
use slice2rs::{Options, compile};

/// What comes of the Slice blocks.
#[allow(unused)]
mod slice {
    include!("Guide.rs");
}

/// The Rust blocks, each in a module of its own.
#[allow(unused)]
mod examples {
    include!("examples.rs");
}

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/slice-mapping.md");
    fs::read_to_string(path).expect("the guide is there")
}

/// The blocks of this language.
fn blocks(guide: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some(found) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if found == language {
            blocks.push(block.join("\n"));
        }
    }
    assert!(!blocks.is_empty(), "the guide has no {language}");
    blocks
}

fn generated(guide: &str) -> String {
    let files = Memory::new().with("Guide.ice", blocks(guide, "slice").join("\n"));
    let compilation = compile(&[PathBuf::from("Guide.ice")], &Options::new(), &files);
    assert_eq!(compilation.report(Severity::Warning, Style::Plain), "");
    compilation.rust.expect("there was no error")
}

/// Whether the file beside this one is what it should be.
fn kept(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/guide")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, wanted).expect("the file can be written");
    }
    let kept = fs::read_to_string(&path).expect("the file is there");
    assert!(kept == wanted, "{name} is not what the guide says");
}

#[test]
fn the_slice_of_the_guide_is_what_its_rust_is_compiled_with() {
    kept("Guide.rs", &generated(&guide()));
}

#[test]
fn the_rust_of_the_guide_is_compiled() {
    let mut examples = String::from("// The Rust blocks of docs/slice-mapping.md.\n");
    for (number, block) in blocks(&guide(), "rust").iter().enumerate() {
        examples.push_str(&format!(
            "\nmod example_{number} {{\nuse super::super::slice::demo::*;\n{block}\n}}\n"
        ));
    }
    kept("examples.rs", &examples);
}

#[test]
fn what_the_guide_calls_generated_is_generated() {
    let guide = guide();
    let generated = generated(&guide);
    for block in blocks(&guide, "rust,generated") {
        let mut lines = generated.lines().map(str::trim);
        for wanted in block.lines().map(str::trim) {
            assert!(
                lines.any(|line| line == wanted),
                "{wanted:?} is not generated, or not there, in\n{block}"
            );
        }
    }
}
