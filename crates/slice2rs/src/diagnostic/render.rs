//! Findings printed in the manner of rustc.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str());
    let mut group = match diagnostic.span {
        Some(span) => with_source(
            title.element(primary(diagnostic, span, sources)),
            diagnostic,
            span,
            sources,
        ),
        None => Group::with_title(title),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// The place itself, and the related places of the same file.
fn primary<'a>(
    diagnostic: &'a Diagnostic,
    span: Span,
    sources: &'a SourceMap,
) -> Snippet<'a, Annotation<'a>> {
    let label = diagnostic.label.as_deref();
    let mut snippet = snippet(sources, span.file)
        .annotation(AnnotationKind::Primary.span(span.range()).label(label));
    for (other, label) in &diagnostic.related {
        if other.file == span.file {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(other.range())
                    .label(label.as_str()),
            );
        }
    }
    snippet
}

/// Adds the related places of other files.
fn with_source<'a>(
    group: Group<'a>,
    diagnostic: &'a Diagnostic,
    span: Span,
    sources: &'a SourceMap,
) -> Group<'a> {
    diagnostic
        .related
        .iter()
        .filter(|(other, _)| other.file != span.file)
        .fold(group, |group, (other, label)| {
            let annotation = AnnotationKind::Context
                .span(other.range())
                .label(label.as_str());
            group.element(snippet(sources, other.file).annotation(annotation))
        })
}

fn snippet(sources: &SourceMap, file: FileId) -> Snippet<'_, Annotation<'_>> {
    let file = sources.file(file);
    Snippet::source(&*file.text).path(file.path.display().to_string())
}
