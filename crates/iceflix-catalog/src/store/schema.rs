//! The tables of titles and tags.

use iceflix_database::{Schema, Step};

pub(crate) const SCHEMA: Schema = Schema {
    name: "titles",
    steps: &[Step {
        version: 1,
        name: "titles and tags",
        sqlite: include_str!("../../migrations/0001-titles-and-tags.sqlite.sql"),
        postgres: include_str!("../../migrations/0001-titles-and-tags.postgres.sql"),
    }],
};
