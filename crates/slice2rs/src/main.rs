//! The compiler as a command: `slice2rs FILE.ice... --out DIR`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Disk;
use slice2rs::{Compilation, Options};

/// Compiles Slice files into one Rust source file.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The Slice files; what they need of the files that they include is generated along
    #[arg(required = true, value_name = "FILE.ice")]
    files: Vec<PathBuf>,

    /// Look for included files in this directory, too
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    include: Vec<PathBuf>,

    /// Define a macro for `#ifdef` and `#if`
    #[arg(short = 'D', long = "define", value_name = "NAME[=VALUE]")]
    define: Vec<String>,

    /// Refer to this Slice module by a Rust path and do not generate it
    #[arg(long = "extern", value_name = "::MODULE=PATH", value_parser = external)]
    external: Vec<(String, String)>,

    /// Leave out what needs class values and say so; without this it is an error
    ///
    /// Left out are operations, structs, exceptions and collections that are made of class values, on whatever ways. A
    /// servant answers an operation that was left out with OperationNotExist.
    #[arg(long)]
    without_class_values: bool,

    /// Write the Rust source, named after the first Slice file, into this directory
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    out: Option<PathBuf>,

    /// Report what is wrong, and write nothing
    #[arg(long, conflicts_with = "out")]
    check: bool,
}

fn external(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(module, path)| (module.to_owned(), path.to_owned()))
        .ok_or_else(|| "write it as ::MODULE=PATH, `::Ice=ice` for one".to_owned())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut options = Options::new();
    for directory in &arguments.include {
        options.include(directory);
    }
    for macro_ in &arguments.define {
        let (name, value) = macro_.split_once('=').unwrap_or((macro_, "1"));
        options.define(name, value);
    }
    for (module, path) in &arguments.external {
        options.extern_module(module, path);
    }
    options.without_class_values(arguments.without_class_values);
    let compilation = slice2rs::compile(&arguments.files, &options, &Disk);
    report(&compilation);
    let Some(rust) = &compilation.rust else {
        return ExitCode::FAILURE;
    };
    let Some(out) = &arguments.out else {
        return ExitCode::SUCCESS;
    };
    let name = arguments.files[0].file_stem().unwrap_or_default();
    let path = out.join(name).with_extension("rs");
    let written = std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, rust));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: `{}` cannot be written: {why}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn report(compilation: &Compilation) {
    let style = if std::io::stderr().is_terminal() {
        Style::Coloured
    } else {
        Style::Plain
    };
    let report = compilation.report(Severity::Note, style);
    if !report.is_empty() {
        eprintln!("{report}");
    }
    match compilation.diagnostics.error_count() {
        0 => {}
        1 => eprintln!("\nerror: nothing was generated because of the error above"),
        count => eprintln!("\nerror: nothing was generated because of {count} errors"),
    }
}
