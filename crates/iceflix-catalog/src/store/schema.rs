//! The tables of titles and tags.

use iceflix_database::{Schema, Step};

pub(crate) const SCHEMA: Schema = Schema {
    name: "titles",
    steps: &[
        Step {
            version: 1,
            name: "titles and tags",
            sqlite: include_str!("../../migrations/0001-titles-and-tags.sqlite.sql"),
            postgres: include_str!("../../migrations/0001-titles-and-tags.postgres.sql"),
        },
        Step {
            version: 2,
            name: "revisions",
            sqlite: include_str!("../../migrations/0002-revisions.sqlite.sql"),
            postgres: include_str!("../../migrations/0002-revisions.postgres.sql"),
        },
    ],
};
