//! The rules of Slice that a definition can break although every name in it is known.

mod inheritance;
mod keys;
mod members;
mod metadata;
mod names;
mod reach;

use crate::diagnostic::Diagnostics;
use crate::model::Model;
use crate::source::SourceMap;

pub(crate) use metadata::{deprecation, is_sliced, nonmutating};
pub(crate) use reach::{Policy, Selection, select};

/// Applies every rule.
pub(crate) fn check(model: &Model, sources: &SourceMap, diagnostics: &mut Diagnostics) {
    names::check(model, diagnostics);
    members::check(model, diagnostics);
    inheritance::check(model, diagnostics);
    keys::check(model, diagnostics);
    metadata::check(model, sources, diagnostics);
}
