//! Operations.

use super::Resolver;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{EntityId, Member, Operation};
use crate::parse::syntax::{self, Name};

impl Resolver<'_> {
    /// The operations of one interface that could be read.
    pub(super) fn operations(&mut self, operations: Vec<syntax::Operation>) -> Vec<Operation> {
        self.mentioned.clear();
        let resolved: Vec<Operation> = self.inside(|resolver| {
            operations
                .into_iter()
                .filter_map(|operation| resolver.operation(operation))
                .collect()
        });
        for operation in &resolved {
            self.changed_meaning(&operation.name);
        }
        resolved
    }

    /// A name that an interface uses for a type cannot be that of an operation as well: inside the interface it would
    /// mean both.
    fn changed_meaning(&mut self, operation: &Name) {
        let Some(used) = self.mentioned.get(&operation.text.to_ascii_lowercase()) else {
            return;
        };
        let diagnostic = Diagnostic::error(
            Kind::Name,
            operation.span,
            format!(
                "the operation `{}` has the name of a type that its interface uses",
                operation.text
            ),
        )
        .related(*used, "the type")
        .help("choose another name; the case of letters makes no difference");
        self.diagnostics.add(diagnostic);
    }

    fn operation(&mut self, operation: syntax::Operation) -> Option<Operation> {
        let returns = match &operation.returns {
            Some((optional, of)) => Some(self.returns(&operation.name, optional.as_ref(), of)?),
            None => None,
        };
        let (inputs, outputs) = self.parameters(operation.parameters);
        let throws = self.throws(&operation.throws);
        Some(Operation {
            name: operation.name,
            doc: operation.preamble.doc,
            metadata: operation.preamble.metadata,
            idempotent: operation.idempotent,
            returns,
            inputs,
            outputs,
            throws,
        })
    }

    fn returns(
        &mut self,
        name: &Name,
        optional: Option<&syntax::Optional>,
        of: &syntax::TypeName,
    ) -> Option<Member> {
        let of = self.type_name(of)?;
        let tag = match optional {
            Some(optional) => Some(self.tag(optional)?),
            None => None,
        };
        Some(Member {
            name: name.clone(),
            doc: None,
            metadata: Vec::new(),
            tag,
            of,
            default: None,
        })
    }

    /// The parameters that go in, and those that go out.
    fn parameters(&mut self, parameters: Vec<syntax::Parameter>) -> (Vec<Member>, Vec<Member>) {
        let mut inputs: Vec<Member> = Vec::new();
        let mut outputs: Vec<Member> = Vec::new();
        for parameter in parameters {
            let Some(member) = self.member(parameter.member) else {
                continue;
            };
            if parameter.is_out {
                outputs.push(member);
                continue;
            }
            if let Some(first_out) = outputs.first() {
                let diagnostic = Diagnostic::error(
                    Kind::Syntax,
                    member.name.span,
                    format!(
                        "`{}` goes in, and stands behind one that goes out",
                        member.name.text
                    ),
                )
                .related(first_out.name.span, "the first that goes out")
                .help("move it before all `out` parameters");
                self.diagnostics.add(diagnostic);
            }
            inputs.push(member);
        }
        (inputs, outputs)
    }

    fn throws(&mut self, names: &[syntax::ScopedName]) -> Vec<EntityId> {
        let mut throws = Vec::new();
        for name in names {
            let Some(exception) = self.exception_name(name) else {
                continue;
            };
            if throws.contains(&exception) {
                self.diagnostics.add(Diagnostic::error(
                    Kind::Name,
                    name.span,
                    format!("`{name}` is thrown twice"),
                ));
            } else {
                throws.push(exception);
            }
        }
        throws
    }
}
