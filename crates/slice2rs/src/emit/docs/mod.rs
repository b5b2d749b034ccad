//! Documentation of what is generated: that of the Slice file, and a line of our own where it has none.

mod comment;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use super::names;
use crate::check::deprecation;
use crate::model::{EntityId, Member, Operation};
use crate::parse::syntax::Metadata;
use comment::{Comment, item};

/// Attributes that make up this text.
pub(super) fn text(text: &str) -> TokenStream {
    text.lines()
        .map(|line| {
            // A lone carriage return and its like may not stand in a comment.
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            let line = if line.is_empty() {
                line
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}

/// The documentation of a definition, and that it is deprecated.
pub(super) fn definition(context: &Context<'_>, id: EntityId) -> TokenStream {
    side(context, id, "")
}

/// The documentation of one of the things that a definition becomes: its own, then `also`.
pub(super) fn side(context: &Context<'_>, id: EntityId, also: &str) -> TokenStream {
    let entity = &context.model[id];
    let what = entity.what();
    let what = what.split_once(' ').map_or(what, |(_, noun)| noun);
    let docs = part(entity.doc.as_deref(), || {
        format!("The Slice {what} `{}`.", entity.type_id())
    });
    let also = (!also.is_empty()).then(|| text(&format!("\n{also}")));
    let deprecated = deprecated(&entity.metadata);
    quote!(#docs #also #deprecated)
}

/// The documentation of a module: that of its first opening that has some.
pub(super) fn module(context: &Context<'_>, scope: &[String]) -> TokenStream {
    let doc = context
        .model
        .modules
        .iter()
        .filter(|module| {
            scope
                .split_last()
                .is_some_and(|(name, outer)| module.scope == outer && module.name.text == *name)
        })
        .find_map(|module| module.doc.as_deref());
    part(doc, || {
        format!("The Slice module `::{}`.", scope.join("::"))
    })
}

/// The documentation of a member.
pub(super) fn member(member: &Member) -> TokenStream {
    let docs = part(member.doc.as_deref(), || {
        format!("The member `{}`.", member.name.text)
    });
    let deprecated = deprecated(&member.metadata);
    quote!(#docs #deprecated)
}

/// `doc` as Markdown, or else what `otherwise` says.
pub(super) fn part(doc: Option<&str>, otherwise: impl FnOnce() -> String) -> TokenStream {
    let markdown = doc.map(|doc| Comment::parse(doc).markdown());
    match markdown.filter(|markdown| !markdown.is_empty()) {
        Some(markdown) => text(&markdown),
        None => text(&otherwise()),
    }
}

/// The documentation of an operation on either side; `thrown` are the exceptions that it declares, as links.
pub(super) fn operation(
    operation: &Operation,
    otherwise: &str,
    thrown: &[(String, String)],
) -> TokenStream {
    let mut comment = operation
        .doc
        .as_deref()
        .map(Comment::parse)
        .unwrap_or_default();
    if comment.overview.is_empty() {
        comment.overview = otherwise.to_owned();
    }
    for (name, _) in &mut comment.parameters {
        *name = names::snake(name);
    }
    let mut markdown = comment.markdown_without_throws();
    markdown.push_str("\n\n# Errors\n");
    for (name, link) in thrown {
        let why = comment
            .throws
            .iter()
            .find(|(thrown, _)| thrown.rsplit("::").next() == Some(name))
            .map(|(_, why)| format!(": {}", item(why)))
            .unwrap_or_default();
        markdown.push_str(&format!("\n* {link}{why}"));
    }
    markdown.push_str(if thrown.is_empty() {
        "\nOnly those of the call itself."
    } else {
        "\n* Those of the call itself."
    });
    let docs = text(&markdown);
    let deprecated = deprecated(&operation.metadata);
    quote!(#docs #deprecated)
}

fn deprecated(metadata: &[Metadata]) -> Option<TokenStream> {
    let reason = deprecation(metadata)?;
    Some(if reason.is_empty() {
        quote!(#[deprecated])
    } else {
        quote!(#[deprecated(note = #reason)])
    })
}
