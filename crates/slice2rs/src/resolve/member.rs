//! Members and parameters.

use super::Resolver;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::Member;
use crate::parse::syntax::{self, ExpressionKind};

impl Resolver<'_> {
    /// All of them, or nothing after a report.
    pub(super) fn members(&mut self, members: Vec<syntax::Member>) -> Option<Vec<Member>> {
        let resolved: Vec<Option<Member>> = self.inside(|resolver| {
            members
                .into_iter()
                .map(|member| resolver.member(member))
                .collect()
        });
        resolved.into_iter().collect()
    }

    pub(super) fn member(&mut self, member: syntax::Member) -> Option<Member> {
        let of = self.type_name(&member.of)?;
        let tag = match &member.optional {
            Some(optional) => Some(self.tag(optional)?),
            None => None,
        };
        let default = match &member.default {
            Some(value) => Some(self.value(value, &of, "member")?),
            None => None,
        };
        Some(Member {
            name: member.name,
            doc: member.preamble.doc,
            metadata: member.preamble.metadata,
            tag,
            of,
            default,
        })
    }

    pub(super) fn tag(&mut self, optional: &syntax::Optional) -> Option<i32> {
        let value = match &optional.tag.kind {
            ExpressionKind::Name(name) => self.enumerator_as_number(name),
            _ => None,
        };
        let value = match value {
            Some(value) => value,
            None => self.integer(&optional.tag)?,
        };
        match i32::try_from(value) {
            Ok(tag) if tag >= 0 => Some(tag),
            _ => {
                self.diagnostics.add(Diagnostic::error(
                    Kind::Value,
                    optional.tag.span,
                    format!("a tag is a number from 0 to {}", i32::MAX),
                ));
                None
            }
        }
    }
}
