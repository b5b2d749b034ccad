//! What the text means: definitions with every name looked up and every constant known.

mod facts;
mod types;

use std::collections::HashMap;
use std::ops::Index;

use crate::parse::syntax::{Metadata, Name};
use crate::source::FileId;

pub(crate) use facts::Facts;
pub(crate) use types::{Type, TypeKind, Value};

/// A definition in a [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntityId(usize);

/// All definitions, each after those that it is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    entities: Vec<Entity>,
    /// The order in which they were defined, which forward declarations do not change.
    pub(crate) defined: Vec<EntityId>,
    pub(crate) file_metadata: HashMap<FileId, Vec<Metadata>>,
    /// The modules as they were opened, for the rules about names.
    pub(crate) modules: Vec<Module>,
}

impl Model {
    pub(crate) fn add(&mut self, entity: Entity) -> EntityId {
        self.entities.push(entity);
        EntityId(self.entities.len() - 1)
    }

    pub(crate) fn entity_mut(&mut self, id: EntityId) -> &mut Entity {
        &mut self.entities[id.0]
    }

    /// Every definition, in the order of the text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.defined.iter().map(|id| (*id, &self[*id]))
    }
}

impl Index<EntityId> for Model {
    type Output = Entity;

    fn index(&self, id: EntityId) -> &Entity {
        &self.entities[id.0]
    }
}

/// One opening of a module.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) scope: Vec<String>,
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
}

/// One definition.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    /// The modules around it, outermost first.
    pub(crate) scope: Vec<String>,
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) kind: EntityKind,
    pub(crate) facts: Facts,
}

impl Entity {
    /// `::Module::Name`
    pub(crate) fn type_id(&self) -> String {
        let mut id = String::new();
        for part in self.scope.iter().chain([&self.name.text]) {
            id.push_str("::");
            id.push_str(part);
        }
        id
    }

    /// Whether the runtime has it, as a type of its own: where it is included, it is not generated again.
    pub(crate) fn is_in_runtime(&self) -> bool {
        self.scope == ["Ice"] && self.name.text == "Identity"
    }

    /// What it is, with its article.
    pub(crate) fn what(&self) -> &'static str {
        match &self.kind {
            EntityKind::Struct(_) => "a struct",
            EntityKind::Exception(_) => "an exception",
            EntityKind::Interface(interface) if interface.is_class => "a class",
            EntityKind::Interface(_) => "an interface",
            EntityKind::Enum(_) => "an enumeration",
            EntityKind::Sequence(_) => "a sequence",
            EntityKind::Dictionary(..) => "a dictionary",
            EntityKind::Constant(..) => "a constant",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum EntityKind {
    Struct(Vec<Member>),
    Exception(Exception),
    Interface(Interface),
    Enum(Vec<Enumerator>),
    Sequence(Type),
    Dictionary(Type, Type),
    Constant(Type, Value),
}

/// A member or a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) tag: Option<i32>,
    pub(crate) of: Type,
    pub(crate) default: Option<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Exception {
    pub(crate) base: Option<EntityId>,
    pub(crate) members: Vec<Member>,
}

/// An interface, or a class.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) is_class: bool,
    /// `false`: declared, and never defined.
    pub(crate) is_defined: bool,
    /// A class with members: as a value it cannot be carried.
    pub(crate) has_members: bool,
    /// Those of the class itself. They are checked like all others, and not carried.
    pub(crate) members: Vec<Member>,
    pub(crate) bases: Vec<EntityId>,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) idempotent: bool,
    /// Its name is that of the operation.
    pub(crate) returns: Option<Member>,
    pub(crate) inputs: Vec<Member>,
    pub(crate) outputs: Vec<Member>,
    pub(crate) throws: Vec<EntityId>,
}

impl Operation {
    /// Everything that has a type.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Member> {
        self.returns.iter().chain(&self.inputs).chain(&self.outputs)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Enumerator {
    pub(crate) name: Name,
    pub(crate) doc: Option<String>,
    pub(crate) value: i32,
}

impl Model {
    /// An interface and all that it inherits from, each once, itself first.
    pub(crate) fn lineage(&self, id: EntityId) -> Vec<EntityId> {
        let mut known = vec![id];
        let mut next = 0;
        while let Some(&current) = known.get(next) {
            if let EntityKind::Interface(interface) = &self[current].kind {
                for base in &interface.bases {
                    if !known.contains(base) {
                        known.push(*base);
                    }
                }
            }
            next += 1;
        }
        known
    }

    /// An exception and its bases, most derived first.
    pub(crate) fn ancestry(&self, id: EntityId) -> Vec<EntityId> {
        let mut chain = vec![id];
        let mut current = id;
        while let EntityKind::Exception(Exception {
            base: Some(base), ..
        }) = &self[current].kind
        {
            chain.push(*base);
            current = *base;
        }
        chain
    }
}
