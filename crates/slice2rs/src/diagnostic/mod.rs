//! What the compiler has to say about a text, as data; [`Diagnostic::render`] prints it.

mod render;

use crate::source::{SourceMap, Span};

pub use render::Style;

/// So many errors are kept; what follows is mostly their echo.
const MAX_ERRORS: usize = 50;
/// So many warnings and notes are kept.
const MAX_REMARKS: usize = 200;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant.
    Warning,
    /// Nothing can be generated.
    Error,
}

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A file that cannot be found or read, or includes without end.
    File,
    /// A preprocessor directive.
    Directive,
    /// Text that is not Slice.
    Syntax,
    /// A name that is not known, not allowed, or taken.
    Name,
    /// A type that cannot stand where it stands.
    Type,
    /// A number, string or enumerator that does not fit.
    Value,
    /// An inheritance that cannot be.
    Inheritance,
    /// Metadata that is unknown or out of place.
    Metadata,
    /// Slice that has no Rust side here.
    Unsupported,
    /// More nesting than the compiler is willing to follow.
    Limit,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub kind: Kind,
    /// What is wrong, in one line.
    pub message: String,
    /// Where; `None` for a file that was never opened.
    pub span: Option<Span>,
    /// What the underlined text is, where the message leaves that open.
    pub label: Option<String>,
    /// Other places that have to do with it.
    pub related: Vec<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    fn new(
        severity: Severity,
        kind: Kind,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind,
            message: message.into(),
            span: span.into(),
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    pub(crate) fn error(
        kind: Kind,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, kind, span, message)
    }

    pub(crate) fn warning(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, kind, span, message)
    }

    pub(crate) fn note(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, kind, span, message)
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The finding as text for a person: message, place, the source line, what to do.
    #[must_use]
    pub fn render(&self, sources: &SourceMap, style: Style) -> String {
        render::render(self, sources, style)
    }
}

/// The findings of one compilation, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
}

impl Diagnostics {
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        // One place is reported once: a second error there is a consequence of the first.
        let echo = diagnostic.severity == Severity::Error
            && diagnostic.span.is_some()
            && self
                .list
                .iter()
                .any(|known| known.severity == Severity::Error && known.span == diagnostic.span);
        if echo {
            return;
        }
        if diagnostic.severity == Severity::Error {
            self.errors += 1;
            if self.errors > MAX_ERRORS {
                return;
            }
        } else if self.list.len() > MAX_REMARKS {
            return;
        }
        self.list.push(diagnostic);
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors were found, those that were left out included.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.errors
    }

    /// Whether it is pointless to go on.
    pub(crate) fn is_full(&self) -> bool {
        self.errors > MAX_ERRORS
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// All that are at least as bad as `severity`, as text for a person.
    #[must_use]
    pub fn render(&self, sources: &SourceMap, severity: Severity, style: Style) -> String {
        let mut text = String::new();
        for diagnostic in self.list.iter().filter(|one| one.severity >= severity) {
            text.push_str(&diagnostic.render(sources, style));
            text.push_str("\n\n");
        }
        text.truncate(text.trim_end().len());
        text
    }
}
