//! A login: credentials in, a token out.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use iceflix_database::{Database, Durability, Location};
use sqlx::Row;

use crate::store::clock::Clock;
use crate::store::pace::{self, Pace, Rules};
use crate::store::password::Passwords;
use crate::store::renewal::Renewals;
use crate::store::schema::SCHEMA;
use crate::store::token::Token;
use crate::store::user::{Hash, Name};
use crate::store::{Error, Tokens};

/// What can be chosen about logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// The life of a token.
    pub token_lifetime: Duration,
    /// How fast wrong logins of one user may follow each other.
    pub user_pace: Rules,
    /// How fast wrong logins from one remote address may follow each other.
    pub address_pace: Rules,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            token_lifetime: Duration::from_secs(30),
            user_pace: pace::USER,
            address_pace: pace::ADDRESS,
        }
    }
}

/// Why a login was refused. For the log: the one who tried is told no more than that it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No user can be called so, or no user hash be spelt so.
    #[error("malformed name or user hash")]
    Malformed,
    /// No such user, or not the user's hash.
    #[error("unknown user or wrong password")]
    Wrong,
    /// Too many wrong logins of this user or from this address are under way.
    #[error("too many wrong logins at once")]
    Crowded,
}

/// The store of a running service: users who log in, and their tokens.
pub struct Store {
    database: Database,
    passwords: Passwords,
    renewals: Renewals,
    pace: Pace,
    tokens: Tokens,
}

impl Store {
    /// Opens the database at `location`, and makes it where there is none.
    ///
    /// What is written outlives the process, killed or not. A loss of power may cost the tokens of the last
    /// moments: everybody logs in again then.
    ///
    /// # Errors
    ///
    /// Where the database cannot be opened; the text names it and says what to do.
    pub async fn open(
        location: &Location,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let database = Database::open(location, &SCHEMA, Durability::Process).await?;
        Ok(Self {
            passwords: Passwords::new().await?,
            renewals: Renewals::new()?,
            pace: Pace::new(config.user_pace, config.address_pace, Arc::clone(&clock)),
            tokens: Tokens::new(database.clone(), config.token_lifetime, clock),
            database,
        })
    }

    /// Logs `user` in with a user hash, both as they came from the network, for a caller at `from`. A wrong hash
    /// and an unknown user are refused alike, and after the same time.
    ///
    /// May be cancelled; a token that was made then ends by itself.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn login(
        &self,
        user: &str,
        hash: &str,
        from: IpAddr,
    ) -> Result<Result<Token, Refusal>, Error> {
        let (Ok(name), Some(hash)) = (Name::parse(user), Hash::parse(hash)) else {
            return Ok(Err(Refusal::Malformed));
        };
        let stored = self.password_of(&name).await?;
        let proven = match &stored {
            Some(phc) => self.renewals.knows(&name, &hash, phc),
            None => false,
        };
        if !proven && let Err(refusal) = self.prove(&name, &hash, stored.as_deref(), from).await? {
            return Ok(Err(refusal));
        }
        // The user may have been changed since; then the proof is worth nothing any more.
        let token = match &stored {
            Some(phc) => self.tokens.issue(&name, phc).await?,
            None => None,
        };
        Ok(token.ok_or(Refusal::Wrong))
    }

    /// Waits for a turn, pays the slow hash, and remembers a right one.
    async fn prove(
        &self,
        name: &Name,
        hash: &Hash,
        stored: Option<&str>,
        from: IpAddr,
    ) -> Result<Result<(), Refusal>, Error> {
        if self.pace.turn(name, from).await.is_err() {
            return Ok(Err(Refusal::Crowded));
        }
        if !self.passwords.verify(name, hash, stored).await? {
            return Ok(Err(Refusal::Wrong));
        }
        self.pace.give_back(name, from);
        if let Some(phc) = stored {
            self.renewals.remember(name, hash, phc);
        }
        Ok(Ok(()))
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Closes the database; later calls fail.
    pub async fn close(&self) {
        self.database.close().await;
    }

    async fn password_of(&self, name: &Name) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT password FROM users WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(self.database.read())
            .await
            .map_err(self.database.failed("looking up a user"))?;
        Ok(row.map(|row| row.get("password")))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
