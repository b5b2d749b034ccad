//! What follows from the parts of a type, kept with it: no rule has to climb down a type again.

use super::{EntityKind, Member, Model, Type, TypeKind};
use crate::parse::syntax::Primitive;

/// Properties of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Equality is total and it can be hashed: no floating point inside.
    pub(crate) hashes: bool,
    /// It has an order: no floating point and no proxy inside.
    pub(crate) ordered: bool,
    /// Its size on the wire, where all values have the same one.
    pub(crate) fixed_size: Option<usize>,
    /// A class value is somewhere inside.
    pub(crate) has_class_value: bool,
    /// How deeply types nest.
    pub(crate) depth: usize,
}

impl Facts {
    /// What nothing else is part of, and takes no place.
    pub(crate) const EMPTY: Self = Self {
        hashes: true,
        ordered: true,
        fixed_size: Some(0),
        has_class_value: false,
        depth: 0,
    };

    /// The facts of something made of both.
    fn with(self, other: Self) -> Self {
        Self {
            hashes: self.hashes && other.hashes,
            ordered: self.ordered && other.ordered,
            fixed_size: self
                .fixed_size
                .zip(other.fixed_size)
                .and_then(|(one, more)| one.checked_add(more)),
            has_class_value: self.has_class_value || other.has_class_value,
            depth: self.depth.max(other.depth),
        }
    }
}

impl Model {
    pub(crate) fn facts(&self, of: &Type) -> Facts {
        let sized = |size| Facts {
            fixed_size: Some(size),
            ..Facts::EMPTY
        };
        let unsized_ = Facts {
            fixed_size: None,
            ..Facts::EMPTY
        };
        match of.kind {
            TypeKind::Primitive(primitive) => match primitive {
                Primitive::Bool | Primitive::Byte => sized(1),
                Primitive::Short => sized(2),
                Primitive::Int => sized(4),
                Primitive::Long => sized(8),
                Primitive::Float => Facts {
                    hashes: false,
                    ordered: false,
                    ..sized(4)
                },
                Primitive::Double => Facts {
                    hashes: false,
                    ordered: false,
                    ..sized(8)
                },
                Primitive::String => unsized_,
            },
            TypeKind::ObjectProxy | TypeKind::Proxy(_) => Facts {
                ordered: false,
                ..unsized_
            },
            TypeKind::ClassValue(_) => Facts {
                has_class_value: true,
                ..unsized_
            },
            TypeKind::Named(id) => self[id].facts,
        }
    }

    pub(crate) fn facts_of_members(&self, members: &[Member]) -> Facts {
        members.iter().fold(Facts::EMPTY, |facts, member| {
            facts.with(self.facts(&member.of))
        })
    }

    /// The facts of a definition, from those of its parts.
    pub(crate) fn facts_of_definition(&self, kind: &EntityKind) -> Facts {
        let inner = match kind {
            EntityKind::Struct(members) => self.facts_of_members(members),
            EntityKind::Exception(exception) => {
                let own = self.facts_of_members(&exception.members);
                exception
                    .base
                    .map_or(own, |base| own.with(self[base].facts))
            }
            EntityKind::Sequence(element) => self.facts(element),
            EntityKind::Dictionary(key, value) => self.facts(key).with(self.facts(value)),
            EntityKind::Constant(of, _) => self.facts(of),
            EntityKind::Interface(interface) => interface
                .bases
                .iter()
                .fold(Facts::EMPTY, |facts, base| facts.with(self[*base].facts)),
            EntityKind::Enum(_) => Facts::EMPTY,
        };
        let fixed_size = match kind {
            EntityKind::Struct(_) => inner.fixed_size,
            _ => None,
        };
        Facts {
            fixed_size,
            depth: inner.depth + 1,
            ..inner
        }
    }
}
