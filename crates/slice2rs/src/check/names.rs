//! Which names Slice allows. ZeroC's compilers refuse the same ones, so that a file that passes here passes there.

use crate::diagnostic::{Diagnostic, Diagnostics, Kind};
use crate::model::{EntityKind, Model};
use crate::parse::syntax::Name;
use crate::source::FileId;

/// The mappings to other languages append these to names.
const RESERVED_SUFFIXES: [&str; 4] = ["Helper", "Holder", "Prx", "Ptr"];

pub(super) fn check(model: &Model, diagnostics: &mut Diagnostics) {
    let mut names = Names { model, diagnostics };
    for module in &model.modules {
        names.name(&module.name);
        names.unlike_module(&module.scope, &module.name, "the module");
    }
    for (_, entity) in model.iter() {
        names.name(&entity.name);
        names.unlike_module(&entity.scope, &entity.name, "the definition");
        match &entity.kind {
            EntityKind::Struct(members) => {
                members.iter().for_each(|member| names.name(&member.name));
            }
            EntityKind::Exception(exception) => exception
                .members
                .iter()
                .for_each(|member| names.name(&member.name)),
            EntityKind::Enum(enumerators) => {
                enumerators.iter().for_each(|one| names.name(&one.name));
            }
            EntityKind::Interface(interface) => {
                (interface.members.iter()).for_each(|member| names.name(&member.name));
                for operation in &interface.operations {
                    names.name(&operation.name);
                    for parameter in operation.inputs.iter().chain(&operation.outputs) {
                        names.name(&parameter.name);
                    }
                    names.unlike_interface(&operation.name, &entity.name);
                }
            }
            EntityKind::Sequence(_) | EntityKind::Dictionary(..) | EntityKind::Constant(..) => {}
        }
    }
}

struct Names<'a> {
    model: &'a Model,
    diagnostics: &'a mut Diagnostics,
}

impl Names<'_> {
    fn name(&mut self, name: &Name) {
        let text = name.text.as_str();
        let trouble = if text.starts_with('_') {
            Some("begins with an underscore".to_owned())
        } else if text.ends_with('_') {
            Some("ends with an underscore".to_owned())
        } else if text.contains("__") {
            Some("has two underscores in a row".to_owned())
        } else {
            RESERVED_SUFFIXES
                .iter()
                .find(|suffix| text.len() > suffix.len() && text.ends_with(*suffix))
                .map(|suffix| format!("ends with `{suffix}`, which is reserved"))
        };
        if let Some(trouble) = trouble {
            self.refuse(name, &trouble, "choose another name");
        } else if text.contains('_') && !self.allowed(name.span.file, "underscore") {
            self.refuse(
                name,
                "has an underscore",
                "write `[[\"underscore\"]]` at the top of the file to allow them",
            );
        } else if text
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("ice"))
            && !self.allowed(name.span.file, "ice-prefix")
        {
            self.refuse(
                name,
                "begins with `Ice`, which is reserved",
                "write `[[\"ice-prefix\"]]` at the top of the file to allow it",
            );
        }
    }

    fn allowed(&self, file: FileId, by: &str) -> bool {
        self.model
            .file_metadata
            .get(&file)
            .is_some_and(|list| list.iter().any(|one| one.text == by))
    }

    fn refuse(&mut self, name: &Name, trouble: &str, help: &str) {
        self.diagnostics.add(
            Diagnostic::error(
                Kind::Name,
                name.span,
                format!("the name `{}` {trouble}", name.text),
            )
            .help(help),
        );
    }

    fn unlike_module(&mut self, scope: &[String], name: &Name, what: &str) {
        if let Some(module) = scope.last()
            && module.eq_ignore_ascii_case(&name.text)
        {
            self.refuse(
                name,
                &format!("of {what} is that of the module `{module}` around it"),
                "some languages cannot tell the two apart; choose another name",
            );
        }
    }

    fn unlike_interface(&mut self, operation: &Name, interface: &Name) {
        if operation.text.eq_ignore_ascii_case(&interface.text) {
            let diagnostic = Diagnostic::error(
                Kind::Name,
                operation.span,
                format!(
                    "the operation `{}` has the name of its interface",
                    operation.text
                ),
            )
            .related(interface.span, "the interface")
            .help("some languages cannot tell the two apart; choose another name");
            self.diagnostics.add(diagnostic);
        }
    }
}
