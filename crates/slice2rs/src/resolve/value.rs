//! Constants and defaults: the value, and whether it fits the type.

use super::Resolver;
use super::scope::Symbol;
use crate::diagnostic::{Diagnostic, Kind};
use crate::model::{EntityId, EntityKind, Type, TypeKind, Value};
use crate::parse::syntax::{Expression, ExpressionKind, Primitive, ScopedName};

impl Resolver<'_> {
    /// The value of an expression for a `what` of type `of`; `None` after a report.
    pub(super) fn value(
        &mut self,
        expression: &Expression,
        of: &Type,
        what: &str,
    ) -> Option<Value> {
        match of.kind {
            TypeKind::Primitive(primitive) => self.primitive(expression, primitive),
            TypeKind::Named(id) if matches!(self.model[id].kind, EntityKind::Enum(_)) => {
                self.enumerator(expression, id)
            }
            _ => {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Type,
                        of.span,
                        format!("a {what} of this type cannot have a value"),
                    )
                    .help("numbers, `bool`, `string` and enumerations can"),
                );
                None
            }
        }
    }

    /// The value of an expression that must be a whole number.
    pub(super) fn integer(&mut self, expression: &Expression) -> Option<i64> {
        match self.primitive(expression, Primitive::Long)? {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }

    fn primitive(&mut self, expression: &Expression, primitive: Primitive) -> Option<Value> {
        let value = match &expression.kind {
            ExpressionKind::Bool(value) => Value::Bool(*value),
            ExpressionKind::Integer(value) => Value::Integer(*value),
            ExpressionKind::Float(value) => Value::Float(*value),
            ExpressionKind::Text(value) => Value::Text(value.clone()),
            ExpressionKind::Name(name) => self.constant(name)?,
        };
        #[expect(clippy::cast_precision_loss, reason = "that is what Slice does, too")]
        let fitting = match (primitive, value) {
            (Primitive::Bool, value @ Value::Bool(_))
            | (Primitive::String, value @ Value::Text(_))
            | (Primitive::Double | Primitive::Float, value @ Value::Float(_)) => value,
            (Primitive::Double | Primitive::Float, Value::Integer(value)) => {
                Value::Float(value as f64)
            }
            (
                Primitive::Byte | Primitive::Short | Primitive::Int | Primitive::Long,
                value @ Value::Integer(_),
            ) => value,
            (_, value) => return self.mismatch(expression, spelling(primitive), &value),
        };
        match (primitive, &fitting) {
            (_, Value::Integer(value)) => self.in_range(expression, primitive, *value)?,
            (Primitive::Float, Value::Float(value)) if value.abs() > f64::from(f32::MAX) => {
                return self.out_of_range(expression, primitive, "3.4e38 either way");
            }
            _ => {}
        }
        Some(fitting)
    }

    fn in_range(
        &mut self,
        expression: &Expression,
        primitive: Primitive,
        value: i64,
    ) -> Option<()> {
        let (least, most) = match primitive {
            Primitive::Byte => (0, i64::from(u8::MAX)),
            Primitive::Short => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Primitive::Int => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        if (least..=most).contains(&value) {
            return Some(());
        }
        self.out_of_range(expression, primitive, &format!("{least} to {most}"))
    }

    fn out_of_range<T>(
        &mut self,
        expression: &Expression,
        primitive: Primitive,
        range: &str,
    ) -> Option<T> {
        self.diagnostics.add(
            Diagnostic::error(
                Kind::Value,
                expression.span,
                format!("this does not fit a `{}`", spelling(primitive)),
            )
            .label(format!("outside of {range}")),
        );
        None
    }

    fn mismatch<T>(&mut self, expression: &Expression, wanted: &str, found: &Value) -> Option<T> {
        let found = match found {
            Value::Bool(_) => "a bool",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a floating-point number",
            Value::Text(_) => "a string",
            Value::Enumerator(..) => "an enumerator",
        };
        self.diagnostics.add(
            Diagnostic::error(
                Kind::Value,
                expression.span,
                format!("a value of type `{wanted}` is wanted here, not {found}"),
            )
            .label(format!("this is {found}")),
        );
        None
    }

    /// The value of the constant that `name` means.
    fn constant(&mut self, name: &ScopedName) -> Option<Value> {
        match self.names.find(&self.scope, name) {
            Some(Symbol::Entity(id)) => {
                if let EntityKind::Constant(_, value) = &self.model[id].kind {
                    return Some(value.clone());
                }
            }
            Some(Symbol::Broken) => return None,
            Some(_) => {}
            None if self.names.enumerators(&self.scope, name).is_empty() => {
                let unknown = self.names.unknown(&self.scope, name);
                self.diagnostics.add(unknown);
                return None;
            }
            None => {
                self.diagnostics.add(
                    Diagnostic::error(
                        Kind::Value,
                        name.span,
                        format!("`{name}` is an enumerator, not a number"),
                    )
                    .help("of numbers, only the tag of an optional value can be an enumerator"),
                );
                return None;
            }
        }
        self.diagnostics.add(Diagnostic::error(
            Kind::Value,
            name.span,
            format!("`{name}` is not a constant"),
        ));
        None
    }

    /// The value of an enumerator that serves as a number: `Color::red` or, in the older way, `red`.
    ///
    /// Nothing where no enumerator has that name, or where the name is that of something else.
    pub(super) fn enumerator_as_number(&mut self, name: &ScopedName) -> Option<i64> {
        if self.names.find(&self.scope, name).is_some() {
            return None;
        }
        let found = self.names.enumerators(&self.scope, name);
        let (id, place) = *found.first()?;
        if let [(first, _), (second, _), ..] = found {
            let (first, second) = (
                &self.model[*first].name.text,
                &self.model[*second].name.text,
            );
            let last = name.parts.last().map_or("", String::as_str);
            let diagnostic = Diagnostic::error(
                Kind::Name,
                name.span,
                format!("`{name}` can mean an enumerator of `{first}` or of `{second}`"),
            )
            .help(format!("write `{first}::{last}`"));
            self.diagnostics.add(diagnostic);
        }
        match &self.model[id].kind {
            EntityKind::Enum(enumerators) => Some(enumerators[place].value.into()),
            _ => None,
        }
    }

    fn place(&self, id: EntityId, name: &str) -> Option<usize> {
        match &self.model[id].kind {
            EntityKind::Enum(list) => list.iter().position(|one| one.name.text == name),
            _ => None,
        }
    }

    /// An enumerator of the enumeration `of`: alone, behind its enumeration, behind the module of that (the older
    /// way), or by a constant.
    fn enumerator(&mut self, expression: &Expression, of: EntityId) -> Option<Value> {
        let wanted = self.model[of].name.text.clone();
        let ExpressionKind::Name(name) = &expression.kind else {
            let found = match &expression.kind {
                ExpressionKind::Bool(value) => Value::Bool(*value),
                ExpressionKind::Float(value) => Value::Float(*value),
                ExpressionKind::Text(value) => Value::Text(value.clone()),
                _ => Value::Integer(0),
            };
            return self.mismatch(expression, &wanted, &found);
        };
        if let Some(Symbol::Entity(id)) = self.names.find(&self.scope, name)
            && let EntityKind::Constant(_, value) = &self.model[id].kind
        {
            let value = value.clone();
            return match value {
                Value::Enumerator(owner, _) if owner == of => Some(value),
                _ => self.mismatch(expression, &wanted, &value),
            };
        }
        let last = name.parts.last()?;
        if let Some(place) = self.place(of, last) {
            let owner_fits = match &name.parts[..name.parts.len() - 1] {
                [] => !name.absolute,
                owner => {
                    let entity = &self.model[of];
                    let mut path = entity.scope.clone();
                    let in_module = path.ends_with(owner);
                    path.push(entity.name.text.clone());
                    in_module || path.ends_with(owner)
                }
            };
            if owner_fits {
                return Some(Value::Enumerator(of, place));
            }
        }
        let EntityKind::Enum(enumerators) = &self.model[of].kind else {
            return None;
        };
        let known: Vec<String> = enumerators
            .iter()
            .take(8)
            .map(|one| format!("`{}`", one.name.text))
            .collect();
        let diagnostic = Diagnostic::error(
            Kind::Value,
            expression.span,
            format!("`{name}` is not an enumerator of `{wanted}`"),
        )
        .help(format!("it has {}", known.join(", ")));
        self.diagnostics.add(diagnostic);
        None
    }
}

fn spelling(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Bool => "bool",
        Primitive::Byte => "byte",
        Primitive::Short => "short",
        Primitive::Int => "int",
        Primitive::Long => "long",
        Primitive::Float => "float",
        Primitive::Double => "double",
        Primitive::String => "string",
    }
}
