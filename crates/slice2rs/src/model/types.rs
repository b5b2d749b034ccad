//! Types as they are used, and values.

use super::EntityId;
use crate::parse::syntax::Primitive;
use crate::source::Span;

/// A type, and where it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub(crate) kind: TypeKind,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Primitive(Primitive),
    /// `Object*`
    ObjectProxy,
    Proxy(EntityId),
    /// A struct, enumeration, sequence or dictionary.
    Named(EntityId),
    /// A class or interface by value, or any of them.
    ClassValue(Option<EntityId>),
}

/// The value of a constant or the default of a member, fitting its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// The enumeration and the place in its list.
    Enumerator(EntityId, usize),
}
