//! A login: credentials in, a token out.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use iceflix_database::{Database, Durability, Location};
use sqlx::Row;

use crate::store::clock::{Clock, System};
use crate::store::joint::Joint;
use crate::store::pace::{self, Pace, Rules};
use crate::store::password::{Passwords, Verdict};
use crate::store::renewal::Renewals;
use crate::store::schema::SCHEMA;
use crate::store::timeline::Timeline;
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

impl Config {
    /// Tokens of 30 s, and wrong logins that are many but not too many.
    pub const DEFAULT: Self = Self {
        token_lifetime: Duration::from_secs(30),
        user_pace: pace::USER,
        address_pace: pace::ADDRESS,
    };
}

impl Default for Config {
    fn default() -> Self {
        Self::DEFAULT
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
    /// The right hash, of a user who is locked.
    #[error("locked user")]
    Locked,
    /// Too many logins that have to be verified are under way, wrong ones of this user or from this address above all.
    #[error("too many logins at once")]
    Crowded,
}

impl Refusal {
    /// The reason in a word, as metrics have it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Wrong => "wrong",
            Self::Locked => "locked",
            Self::Crowded => "crowded",
        }
    }
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Users, locked ones too.
    pub users: u64,
    /// Tokens that are alive, of all instances that share the database.
    pub tokens: u64,
}

/// The store of a running service: users who log in, and their tokens.
pub struct Store {
    database: Database,
    passwords: Passwords,
    renewals: Renewals,
    joint: Joint,
    pace: Pace,
    tokens: Tokens,
}

/// What is stored of a user.
struct Stored {
    phc: String,
    locked: bool,
}

impl Store {
    /// Opens the database at `location`; an SQLite file is made where there is none.
    ///
    /// Tokens live by a time that all instances of the database share and that nobody turns: of a file, the
    /// time since the machine was started; of a server, its clock, put right wherever it is turned.
    ///
    /// What is written outlives the process, killed or not, and a server that is killed. A loss of power may cost the
    /// tokens of the last moments, where they are in a file: everybody logs in again then.
    ///
    /// # Errors
    ///
    /// Where the database cannot be opened; the text names it and says what to do.
    pub async fn open(location: &Location, config: Config) -> Result<Self, Error> {
        let database = Database::open(location, &SCHEMA, Durability::Process).await?;
        let clock = Arc::new(System);
        let timeline = Timeline::of_database(&database, clock.clone()).await?;
        Self::on(database, config, clock, timeline).await
    }

    /// The same with another clock, which has to be the same for all instances of the database: for tests.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_with_clock(
        location: &Location,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let database = Database::open(location, &SCHEMA, Durability::Process).await?;
        let timeline = Timeline::of(Arc::clone(&clock));
        Self::on(database, config, clock, timeline).await
    }

    async fn on(
        database: Database,
        config: Config,
        clock: Arc<dyn Clock>,
        timeline: Timeline,
    ) -> Result<Self, Error> {
        Ok(Self {
            passwords: Passwords::new().await?,
            renewals: Renewals::new()?,
            joint: Joint::default(),
            pace: Pace::new(config.user_pace, config.address_pace, clock),
            tokens: Tokens::new(database.clone(), config.token_lifetime, timeline),
            database,
        })
    }

    /// Logs `user` in with a user hash, both as they came from the network, for a caller at `from`. A wrong hash,
    /// an unknown user and a locked one are refused alike, and after the same time.
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
        // A token is only issued to a user who may log in, and whose password is still the one that was proven.
        if let Some(phc) = self.renewals.recall(&name, &hash)
            && let Some(token) = self.tokens.issue(&name, &phc).await?
        {
            return Ok(Ok(token));
        }
        let stored = self.stored(&name).await?;
        // Another login with the same credentials may have proven them while the database was asked.
        let proven = stored.as_ref().is_some_and(|stored| {
            let recalled = self.renewals.recall(&name, &hash);
            !stored.locked && recalled.as_deref() == Some(&*stored.phc)
        });
        if !proven && let Err(refusal) = self.prove(&name, &hash, stored.as_ref(), from).await? {
            return Ok(Err(refusal));
        }
        let token = match &stored {
            Some(stored) => self.tokens.issue(&name, &stored.phc).await?,
            None => None,
        };
        Ok(token.ok_or(Refusal::Wrong))
    }

    /// Has the credentials verified, once for all who come with the same at the same time.
    async fn prove(
        &self,
        name: &Name,
        hash: &Hash,
        stored: Option<&Stored>,
        from: IpAddr,
    ) -> Result<Result<(), Refusal>, Error> {
        let phc = stored.map_or("", |stored| &stored.phc);
        let credentials = self.renewals.recognise(name, hash, phc);
        let verified = self
            .joint
            .once(credentials, || self.verify(name, hash, stored, from));
        verified.await
    }

    /// Waits for a turn, pays the slow hash, and remembers a right one.
    async fn verify(
        &self,
        name: &Name,
        hash: &Hash,
        stored: Option<&Stored>,
        from: IpAddr,
    ) -> Result<Result<(), Refusal>, Error> {
        if self.pace.turn(name, from).await.is_err() {
            return Ok(Err(Refusal::Crowded));
        }
        let phc = stored.map(|stored| &*stored.phc);
        match self.passwords.verify(name, hash, phc).await? {
            Verdict::Wrong => return Ok(Err(Refusal::Wrong)),
            Verdict::Crowded => return Ok(Err(Refusal::Crowded)),
            Verdict::Right => {}
        }
        if let Some(stored) = stored {
            if stored.locked {
                return Ok(Err(Refusal::Locked));
            }
            self.renewals.remember(name, hash, &stored.phc);
        }
        self.pace.give_back(name, from);
        Ok(Ok(()))
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// How many slow hashes were computed since it was opened.
    pub fn slow_hashes(&self) -> u64 {
        self.passwords.computed()
    }

    /// How many users and live tokens there are.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
            .fetch_one(self.database.read())
            .await
            .map_err(self.database.failed("counting the users"))?;
        Ok(Counts {
            users: users.unsigned_abs(),
            tokens: self.tokens.count().await?,
        })
    }

    /// Whether the database can be read now.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.database.ping().await?)
    }

    /// Why the server of the database lets nobody in, where that is known.
    pub(crate) fn absence(&self) -> Option<Error> {
        self.database.absence().map(Error::Database)
    }

    /// Closes the database, within five seconds; later calls fail.
    pub async fn close(&self) {
        self.database.close().await;
    }

    async fn stored(&self, name: &Name) -> Result<Option<Stored>, Error> {
        let row = self
            .database
            .again(|| async {
                sqlx::query("SELECT password, locked_at FROM users WHERE name = $1")
                    .bind(name.as_str())
                    .fetch_optional(self.database.read())
                    .await
                    .map_err(self.database.failed("looking up a user"))
            })
            .await?;
        // Another program may have written anything.
        let damaged = |_: sqlx::Error| Error::Damaged {
            name: name.to_string(),
        };
        let stored = row.map(|row| {
            Ok(Stored {
                phc: row.try_get("password")?,
                locked: row.try_get::<i64, _>("locked_at")? != 0,
            })
        });
        stored.transpose().map_err(damaged)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
