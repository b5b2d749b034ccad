//! The words of Slice.

use std::fmt;

use crate::source::Span;

/// One word and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A name; escaped ones (`\module`) come without their backslash.
    Identifier(String),
    Keyword(Keyword),
    Integer(i64),
    Float(f64),
    /// What stands between the quotes, escapes resolved.
    Text(String),
    /// The text of a documentation comment, without its frame.
    Doc(String),
    Symbol(Symbol),
    /// The end of everything.
    End,
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(name) => write!(f, "`{name}`"),
            Self::Keyword(keyword) => write!(f, "the keyword `{keyword}`"),
            Self::Integer(value) => write!(f, "the number `{value}`"),
            Self::Float(value) => write!(f, "the number `{value}`"),
            Self::Text(_) => f.write_str("a string"),
            Self::Doc(_) => f.write_str("a documentation comment"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end of the file"),
        }
    }
}

/// Declares a closed set of words with their spelling.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant,)+ }

        impl $name {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }
    };
}

words! {
    /// The words that Slice keeps to itself.
    Keyword {
        Bool = "bool",
        Byte = "byte",
        Class = "class",
        Const = "const",
        Dictionary = "dictionary",
        Double = "double",
        Enum = "enum",
        Exception = "exception",
        Extends = "extends",
        False = "false",
        Float = "float",
        Idempotent = "idempotent",
        Implements = "implements",
        Int = "int",
        Interface = "interface",
        Local = "local",
        LocalObject = "LocalObject",
        Long = "long",
        Module = "module",
        Object = "Object",
        Optional = "optional",
        Out = "out",
        Sequence = "sequence",
        Short = "short",
        String = "string",
        Struct = "struct",
        Throws = "throws",
        True = "true",
        Value = "Value",
        Void = "void",
    }
}

words! {
    /// Punctuation.
    Symbol {
        OpenBrace = "{",
        CloseBrace = "}",
        OpenParenthesis = "(",
        CloseParenthesis = ")",
        OpenBracket = "[",
        CloseBracket = "]",
        Less = "<",
        Greater = ">",
        Comma = ",",
        Semicolon = ";",
        Scope = "::",
        Colon = ":",
        Equals = "=",
        Star = "*",
    }
}
