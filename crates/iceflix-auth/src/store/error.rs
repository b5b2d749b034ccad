//! What can go wrong in the store.

use crate::store::user;

/// The store could not do what it was asked to. A login that is refused is no such error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database failed; its text names it and says what to do.
    #[error(transparent)]
    Database(#[from] iceflix_database::Error),
    /// That is no name for a user.
    #[error(transparent)]
    Name(#[from] user::BadName),
    /// A user of this name exists already.
    #[error("there is a user {name} already: choose another name, or change the password")]
    Exists {
        /// The name.
        name: String,
    },
    /// There is no user of this name.
    #[error("there is no user {name}: `iceflix user list` shows those there are")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The id of the start of this machine cannot be read.
    #[error("cannot read the id of this machine's start: see that /proc is mounted")]
    Boot {
        /// Why not.
        source: std::io::Error,
    },
    /// What the database holds as the password of this user cannot be read.
    #[error("the stored password of the user {name} is damaged: set a new one")]
    Damaged {
        /// The name.
        name: String,
    },
    /// The machine lacks what a password hash or a token needs: memory, or randomness.
    #[error("{doing} failed, the machine lacks memory or randomness")]
    Exhausted {
        /// What was being done.
        doing: &'static str,
    },
}

impl Error {
    /// Whether the database may well be there later, without anybody changing what is said of it.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_away())
    }
}
