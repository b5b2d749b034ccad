//! What a build script calls.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::compilation::{Compilation, Options, compile};
use crate::diagnostic::{Severity, Style};
use crate::source::Disk;

/// What says where ZeroC's own Slice files are.
const ZEROC_VARIABLE: &str = "ICE_SLICE_DIR";
/// Where they are otherwise.
const ZEROC_DIRECTORY: &str = "/usr/share/ice/slice";

/// Why nothing was generated.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No file was named.
    #[error("no Slice file to compile was named")]
    NoFile,
    /// The Slice text has mistakes; this is the report, in the manner of rustc.
    #[error("{0}")]
    Slice(String),
    /// There is no directory to write to.
    #[error(
        "where should the Rust source go? `OUT_DIR` is set in build scripts; elsewhere, name a directory with `out_dir`"
    )]
    NoOutput,
    /// The generated source could not be written.
    #[error("`{}` cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

// A build script that returns an error has it printed in this form; the report is worth reading as it is.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// Compiles Slice files from a build script.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    options: Options,
    out_dir: Option<PathBuf>,
    file_name: Option<String>,
}

impl Builder {
    /// No include directories but that of ZeroC's own files, output to the `OUT_DIR` of the build script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more directory in which `#include` looks for files.
    ///
    /// ZeroC's own are found without it, after all others: where the environment variable `ICE_SLICE_DIR` says, else in
    /// `/usr/share/ice/slice`, which is where Debian's package `zeroc-ice-slice` has them.
    #[must_use]
    pub fn include(mut self, directory: impl Into<PathBuf>) -> Self {
        self.options.include(directory);
        self
    }

    /// Defines a macro for `#ifdef` and `#if`.
    #[must_use]
    pub fn define(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.define(name, value);
        self
    }

    /// Says that the Slice module `module` (`::Demo`) exists as the Rust module `path` (`demo_slice::demo`), and is not to be
    /// generated. `::Ice::Identity` of an included file is that of the runtime without it.
    ///
    /// Only types with a name of their own must exist there, under the name that they would be generated with; sequences
    /// and dictionaries of that module are spelled out where they are used.
    #[must_use]
    pub fn extern_module(mut self, module: &str, path: impl Into<String>) -> Self {
        self.options.extern_module(module, path);
        self
    }

    /// Whether what needs class values is left out: operations, structs, exceptions and collections that are made of
    /// them, on whatever ways. Otherwise, and by default, it is an error.
    ///
    /// A servant answers an operation that was left out with `OperationNotExist`.
    #[must_use]
    pub fn without_class_values(mut self, without: bool) -> Self {
        self.options.without_class_values(without);
        self
    }

    /// The path of the runtime where it is not `ice`: for a crate that renames or re-exports it.
    #[must_use]
    pub fn runtime(mut self, path: impl Into<String>) -> Self {
        self.options.runtime(path);
        self
    }

    /// Writes to this directory, not to `OUT_DIR`.
    #[must_use]
    pub fn out_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(directory.into());
        self
    }

    /// The name of the output file. By default it is that of the first Slice file, with the extension `rs`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Compiles `files`, and what they include, into one Rust file, and tells cargo when to do so again.
    ///
    /// Relative paths start at the directory of the package, which is where cargo runs build scripts.
    ///
    /// # Errors
    ///
    /// Where the Slice text has mistakes or the output cannot be written.
    pub fn compile(&self, files: &[impl AsRef<Path>]) -> Result<(), Error> {
        let roots: Vec<PathBuf> = files.iter().map(|file| file.as_ref().to_owned()).collect();
        println!("cargo:rerun-if-env-changed={ZEROC_VARIABLE}");
        let mut options = self.options.clone();
        options.include(std::env::var_os(ZEROC_VARIABLE).unwrap_or_else(|| ZEROC_DIRECTORY.into()));
        let compilation = compile(&roots, &options, &Disk);
        // Before any error: a build that failed is to be tried again when a file changes.
        for path in compilation.sources.paths() {
            println!("cargo:rerun-if-changed={}", path.display());
        }
        warn(&compilation);
        let first = roots.first().ok_or(Error::NoFile)?;
        let Some(rust) = &compilation.rust else {
            return Err(Error::Slice(
                compilation.report(Severity::Error, Style::Plain),
            ));
        };
        let directory = match &self.out_dir {
            Some(directory) => directory.clone(),
            None => std::env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .ok_or(Error::NoOutput)?,
        };
        let path = match &self.file_name {
            Some(name) => directory.join(name),
            None => directory
                .join(first.file_stem().unwrap_or_default())
                .with_extension("rs"),
        };
        write(path, rust)
    }
}

/// Cargo shows warnings of build scripts line by line.
fn warn(compilation: &Compilation) {
    for diagnostic in compilation.diagnostics.iter() {
        if diagnostic.severity == Severity::Warning {
            let text = diagnostic.render(&compilation.sources, Style::Plain);
            for line in text.lines() {
                println!("cargo:warning={line}");
            }
        }
    }
}

/// Writes the file where it is not the same already, so that nothing is built anew for nothing.
fn write(path: PathBuf, text: &str) -> Result<(), Error> {
    if std::fs::read(&path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    std::fs::write(&path, text).map_err(|source| Error::Write { path, source })
}
