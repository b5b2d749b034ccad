//! The tables of users and tokens.

use iceflix_database::{Schema, Step};

pub(crate) const SCHEMA: Schema = Schema {
    name: "users",
    steps: &[
        Step {
            version: 1,
            name: "users and tokens",
            sqlite: include_str!("../../migrations/0001-users-and-tokens.sqlite.sql"),
            postgres: include_str!("../../migrations/0001-users-and-tokens.postgres.sql"),
        },
        Step {
            version: 2,
            name: "locks and clocks",
            sqlite: include_str!("../../migrations/0002-locks-and-clocks.sqlite.sql"),
            postgres: include_str!("../../migrations/0002-locks-and-clocks.postgres.sql"),
        },
    ],
};

/// The number of the revision in a new database.
pub(crate) const FIRST_REVISION: i64 = 0;
