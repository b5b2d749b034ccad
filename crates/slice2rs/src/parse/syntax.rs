//! What was written, as a tree, before any name is looked up.

use std::fmt;

use crate::source::Span;

/// A name where it is declared.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A name where it is used: `A`, `A::B` or `::A::B`.
#[derive(Clone, Debug)]
pub(crate) struct ScopedName {
    pub(crate) absolute: bool,
    pub(crate) parts: Vec<String>,
    pub(crate) span: Span,
}

impl fmt::Display for ScopedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.absolute {
            f.write_str("::")?;
        }
        f.write_str(&self.parts.join("::"))
    }
}

/// One string of a metadata list, `format:sliced` for one.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What stands before a definition, member, parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preamble {
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
}

#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) preamble: Preamble,
    /// The word `local`, where it stands before the definition.
    pub(crate) local: Option<Span>,
    pub(crate) name: Name,
    pub(crate) kind: DefinitionKind,
}

#[derive(Clone, Debug)]
pub(crate) enum DefinitionKind {
    Module(Vec<Definition>),
    Struct(Vec<Member>),
    Exception {
        base: Option<ScopedName>,
        members: Vec<Member>,
    },
    Interface {
        bases: Vec<ScopedName>,
        operations: Vec<Operation>,
    },
    Class {
        base: Option<ScopedName>,
        interfaces: Vec<ScopedName>,
        members: Vec<Member>,
        operations: Vec<Operation>,
    },
    Enum(Vec<Enumerator>),
    Sequence(TypeName),
    Dictionary {
        key: TypeName,
        value: TypeName,
    },
    Constant {
        of: TypeName,
        value: Expression,
    },
    InterfaceDeclaration,
    ClassDeclaration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Primitive {
    Bool,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    String,
}

#[derive(Clone, Debug)]
pub(crate) struct TypeName {
    pub(crate) kind: TypeNameKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeNameKind {
    Primitive(Primitive),
    /// `Object*`
    ObjectProxy,
    /// `Object` or `Value`: any class by value.
    AnyValue,
    /// `LocalObject`
    LocalObject,
    /// A type that was defined somewhere.
    Named(ScopedName),
    /// `T*`
    Proxy(ScopedName),
}

/// A member of a struct, exception or class, or a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) preamble: Preamble,
    pub(crate) optional: Option<Optional>,
    pub(crate) of: TypeName,
    pub(crate) name: Name,
    pub(crate) default: Option<Expression>,
}

/// `optional(TAG)`
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    pub(crate) tag: Expression,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) preamble: Preamble,
    pub(crate) idempotent: bool,
    pub(crate) returns: Option<(Option<Optional>, TypeName)>,
    pub(crate) name: Name,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) throws: Vec<ScopedName>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) is_out: bool,
    pub(crate) member: Member,
}

#[derive(Clone, Debug)]
pub(crate) struct Enumerator {
    pub(crate) doc: Option<String>,
    pub(crate) name: Name,
    pub(crate) value: Option<Expression>,
}

#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub(crate) kind: ExpressionKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum ExpressionKind {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// A constant or an enumerator.
    Name(ScopedName),
}
