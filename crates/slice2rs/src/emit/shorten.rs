//! Paths that the prelude of Rust knows are cut down to their name, where nothing generated has that name.

use syn::visit_mut::{self, VisitMut};

use super::context::Context;

const PRELUDE: [&[&str]; 14] = [
    &["std", "boxed", "Box"],
    &["std", "clone", "Clone"],
    &["std", "convert", "From"],
    &["std", "default", "Default"],
    &["std", "marker", "Send"],
    &["std", "marker", "Sync"],
    &["std", "option", "Option"],
    &["std", "option", "Option", "None"],
    &["std", "option", "Option", "Some"],
    &["std", "result", "Result"],
    &["std", "result", "Result", "Err"],
    &["std", "result", "Result", "Ok"],
    &["std", "string", "String"],
    &["std", "vec", "Vec"],
];

pub(super) fn shorten(file: &mut syn::File, context: &Context<'_>) {
    let usable = PRELUDE
        .iter()
        .copied()
        .filter(|path| path.last().is_some_and(|name| !context.is_taken(name)))
        .collect();
    Shortener { usable }.visit_file_mut(file);
}

struct Shortener {
    usable: Vec<&'static [&'static str]>,
}

impl VisitMut for Shortener {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.is_none() {
            return;
        }
        // `Option::None` and the like are longer than the `Option` that they begin with.
        let longest = self
            .usable
            .iter()
            .filter(|known| {
                path.segments.len() >= known.len()
                    && path
                        .segments
                        .iter()
                        .zip(**known)
                        .all(|(one, other)| one.ident == other)
            })
            .map(|known| known.len())
            .max();
        if let Some(length) = longest {
            path.leading_colon = None;
            path.segments = std::mem::take(&mut path.segments)
                .into_iter()
                .skip(length - 1)
                .collect();
        }
    }
}
