//! One compilation: text in, Rust and findings out. No build script, no command, no file written.

use std::path::PathBuf;

use crate::check::Policy;
use crate::diagnostic::{Diagnostic, Diagnostics, Kind, Severity, Style};
use crate::emit::References;
use crate::preprocess::{self, Settings};
use crate::source::{Reader, SourceMap};
use crate::{check, emit, parse, resolve};

/// What a compilation is told beside its files.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) settings: Settings,
    pub(crate) references: References,
    without_class_values: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            references: References {
                runtime: "::ice".to_owned(),
                external: Vec::new(),
            },
            without_class_values: false,
        }
    }
}

impl Options {
    /// No include directories, no macros, nothing generated elsewhere.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more directory in which `#include` looks for files.
    pub fn include(&mut self, directory: impl Into<PathBuf>) -> &mut Self {
        self.settings.include.push(directory.into());
        self
    }

    /// Defines a macro for `#ifdef` and `#if`.
    pub fn define(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.settings.defines.push((name.into(), value.into()));
        self
    }

    /// Says that the Slice module `module` (`::Ice`) is generated or written elsewhere, as the Rust module `path`
    /// (`ice`): it is referred to and not generated again.
    pub fn extern_module(&mut self, module: &str, path: impl Into<String>) -> &mut Self {
        let module = module
            .split("::")
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        self.references.external.push((module, path.into()));
        self
    }

    /// Whether what needs class values is left out, with a note that names it. Otherwise it is an error.
    ///
    /// A servant answers an operation that was left out with `OperationNotExist`.
    pub fn without_class_values(&mut self, without: bool) -> &mut Self {
        self.without_class_values = without;
        self
    }

    /// The path of the runtime where it is not `ice`.
    pub fn runtime(&mut self, path: impl Into<String>) -> &mut Self {
        self.references.runtime = path.into();
        self
    }

    fn policy(&self) -> Policy {
        Policy {
            external: self
                .references
                .external
                .iter()
                .map(|(module, _)| module.clone())
                .collect(),
            without_class_values: self.without_class_values,
        }
    }
}

/// What came of a compilation.
#[derive(Clone, Debug)]
pub struct Compilation {
    /// The Rust source; `None` where there were errors.
    pub rust: Option<String>,
    /// What was found.
    pub diagnostics: Diagnostics,
    /// Every file that was read.
    pub sources: SourceMap,
}

impl Compilation {
    /// The findings from `severity` on as text for a person.
    #[must_use]
    pub fn report(&self, severity: Severity, style: Style) -> String {
        self.diagnostics.render(&self.sources, severity, style)
    }
}

/// Compiles the files `roots`, which `reader` can read, and what they include, into one piece of Rust source.
///
/// Any text is taken: time and memory grow with its size, and recursion is bounded. Mistakes are in the
/// [`Compilation::diagnostics`].
#[must_use]
pub fn compile(roots: &[PathBuf], options: &Options, reader: &dyn Reader) -> Compilation {
    let mut sources = SourceMap::default();
    let mut diagnostics = Diagnostics::default();
    let units = preprocess::preprocess(
        roots,
        &options.settings,
        reader,
        &mut sources,
        &mut diagnostics,
    );
    let trees = units
        .iter()
        .map(|tokens| parse::parse(tokens, &mut diagnostics))
        .collect();
    let is_whole = !diagnostics.has_errors();
    let model = resolve::resolve(trees, &sources, &mut diagnostics);
    // The rules speak of definitions as they were written: what the parser passed over would look like another mistake.
    if is_whole {
        check::check(&model, &sources, &mut diagnostics);
    }
    let mut rust = None;
    if !diagnostics.has_errors() {
        let selection = check::select(&model, &sources, &options.policy(), &mut diagnostics);
        if !diagnostics.has_errors() {
            match emit::emit(&model, &selection, &options.references, &origin(roots)) {
                Ok(text) => rust = Some(text),
                Err(why) => diagnostics.add(Diagnostic::error(Kind::Unsupported, None, why)),
            }
        }
    }
    Compilation {
        rust,
        diagnostics,
        sources,
    }
}

/// The names of the files without their directories, which differ from machine to machine.
fn origin(roots: &[PathBuf]) -> String {
    let names: Vec<String> = roots
        .iter()
        .filter_map(|root| root.file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.join(", ").replace(['\n', '\r'], " ")
}
