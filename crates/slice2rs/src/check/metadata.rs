//! Metadata: what is obeyed, what speaks to others, and what nobody knows.

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityKind, Model};
use crate::parse::syntax::Metadata;
use crate::source::{FileId, SourceMap};

/// The mappings to other languages, whose metadata is none of our business.
const LANGUAGES: [&str; 12] = [
    "clr", "cpp", "cs", "csharp", "java", "js", "matlab", "objc", "php", "python", "ruby", "swift",
];

/// What has a meaning in every language, or none at all in Rust: every servant is asynchronous (`amd`,
/// `async-oneway`), nothing is marshalled behind the back of a servant (`marshaled-result`), and what only class
/// values have (`preserve-slice`) is not carried.
const KNOWN: [&str; 13] = [
    "amd",
    "async-oneway",
    "delegate",
    "deprecate",
    "deprecated",
    "format",
    "ice-prefix",
    "marshaled-result",
    "nonmutating",
    "preserve-slice",
    "protected",
    "suppress-warning",
    "underscore",
];

pub(super) fn check(model: &Model, sources: &SourceMap, diagnostics: &mut Diagnostics) {
    let mut all: Vec<&Metadata> = model.file_metadata.values().flatten().collect();
    all.extend(model.modules.iter().flat_map(|module| &module.metadata));
    for (_, entity) in model.iter() {
        all.extend(&entity.metadata);
        match &entity.kind {
            EntityKind::Struct(members) => {
                all.extend(members.iter().flat_map(|member| &member.metadata));
            }
            EntityKind::Exception(exception) => {
                all.extend(exception.members.iter().flat_map(|member| &member.metadata));
            }
            EntityKind::Interface(interface) => {
                all.extend(interface.members.iter().flat_map(|member| &member.metadata));
                for operation in &interface.operations {
                    all.extend(&operation.metadata);
                    let parameters = operation.inputs.iter().chain(&operation.outputs);
                    all.extend(parameters.flat_map(|parameter| &parameter.metadata));
                }
            }
            EntityKind::Enum(_)
            | EntityKind::Sequence(_)
            | EntityKind::Dictionary(..)
            | EntityKind::Constant(..) => {}
        }
    }
    // Files that are included have authors of their own.
    all.retain(|one| sources.file(one.span.file).is_root);
    all.sort_by_key(|one| (one.span.file, one.span.start));
    for one in all {
        directive(model, one, diagnostics);
    }
}

/// A kind of remarks that `[["suppress-warning:..."]]` silences in its file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Category {
    Deprecated,
    InvalidMetadata,
}

/// Whether the author of the file wants to hear nothing of this kind.
pub(super) fn is_suppressed(model: &Model, file: FileId, category: Category) -> bool {
    let name = match category {
        Category::Deprecated => "deprecated",
        Category::InvalidMetadata => "invalid-metadata",
    };
    let Some(list) = model.file_metadata.get(&file) else {
        return false;
    };
    list.iter().any(|one| match one.text.split_once(':') {
        None => one.text == "suppress-warning",
        Some(("suppress-warning", silenced)) => silenced
            .split(',')
            .any(|silenced| ["all", name].contains(&silenced.trim())),
        Some(_) => false,
    })
}

fn directive(model: &Model, one: &Metadata, diagnostics: &mut Diagnostics) {
    let (word, argument) = one.text.split_once(':').unwrap_or((&one.text, ""));
    if LANGUAGES.contains(&word) {
        return;
    }
    if !KNOWN.contains(&word) {
        if is_suppressed(model, one.span.file, Category::InvalidMetadata) {
            return;
        }
        diagnostics.add(Diagnostic::note(
            Kind::Metadata,
            one.span,
            format!(
                "the metadata `{}` is not known here and passed over",
                one.text
            ),
        ));
    } else if word == "format" && !["sliced", "compact", "default"].contains(&argument) {
        diagnostics.add(
            Diagnostic::error(
                Kind::Metadata,
                one.span,
                format!("`{argument}` is not a format"),
            )
            .help("the formats are `sliced`, `compact` and `default`"),
        );
    }
}

/// Why the thing should not be used any more; empty where no reason was given.
pub(crate) fn deprecation(metadata: &[Metadata]) -> Option<&str> {
    metadata.iter().find_map(|one| {
        let (word, reason) = one.text.split_once(':').unwrap_or((&one.text, ""));
        matches!(word, "deprecate" | "deprecated").then_some(reason.trim())
    })
}

/// Whether exceptions go out in the sliced format: as the operation says, else as its interface says.
pub(crate) fn is_sliced(operation: &[Metadata], interface: &[Metadata]) -> bool {
    operation
        .iter()
        .chain(interface)
        .find_map(|one| one.text.strip_prefix("format:"))
        == Some("sliced")
}

/// Whether an idempotent operation is sent in the older way.
pub(crate) fn nonmutating(metadata: &[Metadata]) -> bool {
    metadata.iter().any(|one| one.text == "nonmutating")
}
