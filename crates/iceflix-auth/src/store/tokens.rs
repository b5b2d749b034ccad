//! The tokens of all instances that share the database.

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iceflix_database::Database;
use sqlx::Row;
use tokio::sync::Notify;

use crate::store::clock::{from_millis, millis};
use crate::store::live::{Life, Live};
use crate::store::timeline::Timeline;
use crate::store::token::Token;
use crate::store::user::Name;
use crate::store::{Error, schema};

/// The tokens: rows of the database, so that every instance accepts those of every other, and remembered
/// in memory, so that a check is cheap.
///
/// A token ends when its row's time is over; to revoke it is to set that time to zero. Whichever instance deletes
/// the row publishes the end: once in all, also for the tokens of an instance that is dead.
#[derive(Debug)]
pub struct Tokens {
    pub(super) database: Database,
    pub(super) timeline: Timeline,
    lifetime: Duration,
    pub(super) live: Live,
    pub(super) woken: Notify,
    pub(super) revision: AtomicI64,
    /// Before this time, of the clock of this process, nothing more is collected.
    pub(super) rested: Mutex<Duration>,
}

impl Tokens {
    pub(crate) fn new(database: Database, lifetime: Duration, timeline: Timeline) -> Self {
        Self {
            database,
            timeline,
            lifetime,
            live: Live::default(),
            woken: Notify::new(),
            revision: AtomicI64::new(schema::FIRST_REVISION),
            rested: Mutex::default(),
        }
    }

    /// Issues a token to a user who may log in and whose stored password is still `phc`; `None` where that is not so:
    /// the user was removed, locked or changed since.
    pub(crate) async fn issue(&self, name: &Name, phc: &str) -> Result<Option<Token>, Error> {
        let token = Token::random()?;
        let read = self.live.generation();
        let ends = self.timeline.now() + self.lifetime;
        let issued = self
            .database
            .again(|| self.insert(token, name, phc, ends))
            .await?;
        if !issued {
            return Ok(None);
        }
        let owner = name.as_str().into();
        self.live.learn(read, token, Life { owner, ends });
        Ok(Some(token))
    }

    /// Harmless if it is done twice.
    async fn insert(
        &self,
        token: Token,
        name: &Name,
        phc: &str,
        ends: Duration,
    ) -> Result<bool, Error> {
        let failed = self.database.failed("issuing a token");
        let mut edit = self.database.write().await?;
        // Locks the user: whoever removes or changes it comes before this, and is seen, or after it, and
        // revokes the new token with the others.
        let unchanged = sqlx::query(
            "UPDATE users SET last_login = $1 \
             WHERE name = $2 AND password = $3 AND locked_at = 0",
        )
        .bind(millis(self.timeline.wall()))
        .bind(name.as_str())
        .bind(phc)
        .execute(&mut *edit)
        .await
        .map_err(&failed)?;
        if unchanged.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO tokens (token, user_name, issued_at, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (token) DO NOTHING",
        )
        .bind(token.to_string())
        .bind(name.as_str())
        .bind(millis(ends.saturating_sub(self.lifetime)))
        .bind(millis(ends))
        .execute(&mut *edit)
        .await
        .map_err(&failed)?;
        self.database.commit(edit).await?;
        Ok(true)
    }

    /// Whether `token`, any text, is a token that is alive, whichever instance issued it.
    ///
    /// # Errors
    ///
    /// Where it is not known here and the database fails.
    pub async fn is_valid(&self, token: &str) -> Result<bool, Error> {
        Ok(self.life(token).await?.is_some())
    }

    /// The name of the user whose token this is, while it is alive.
    ///
    /// # Errors
    ///
    /// As [`is_valid`](Self::is_valid).
    pub async fn owner(&self, token: &str) -> Result<Option<Arc<str>>, Error> {
        Ok(self.life(token).await?.map(|life| life.owner))
    }

    /// How many tokens are alive, of all instances.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn count(&self) -> Result<u64, Error> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM tokens WHERE expires_at > $1")
            .bind(millis(self.timeline.now()))
            .fetch_one(self.database.read())
            .await
            .map_err(self.database.failed("counting the tokens"))?;
        Ok(count.unsigned_abs())
    }

    /// Ends a token before its time; its end is published like any other. Unknown ones are ignored.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn revoke(&self, token: &str) -> Result<(), Error> {
        let Some(token) = Token::parse(token) else {
            return Ok(());
        };
        self.database
            .again(|| async {
                let mut edit = self.database.write().await?;
                sqlx::query("UPDATE tokens SET expires_at = 0 WHERE token = $1")
                    .bind(token.to_string())
                    .execute(&mut *edit)
                    .await
                    .map_err(self.database.failed("revoking a token"))?;
                self.database.commit(edit).await
            })
            .await?;
        self.live.forget(&[token], self.timeline.now());
        self.wake();
        Ok(())
    }

    async fn life(&self, token: &str) -> Result<Option<Life>, Error> {
        // What is not spelt like a token is none; the database need not be asked.
        let Some(token) = Token::parse(token) else {
            return Ok(None);
        };
        let now = self.timeline.now();
        if let Some(life) = self.live.get(token, now) {
            return Ok(Some(life));
        }
        let read = self.live.generation();
        let row = self
            .database
            .again(|| async {
                sqlx::query(
                    "SELECT user_name, expires_at FROM tokens WHERE token = $1 AND expires_at > $2",
                )
                .bind(token.to_string())
                .bind(millis(now))
                .fetch_optional(self.database.read())
                .await
                .map_err(self.database.failed("looking up a token"))
            })
            .await?;
        let life = row.map(|row| {
            let owner = row.try_get::<String, _>("user_name")?.into();
            let ends = from_millis(row.try_get("expires_at")?);
            Ok(Life { owner, ends })
        });
        let life = life
            .transpose()
            .map_err(self.database.failed("looking up a token"))?;
        if let Some(life) = &life {
            self.live.learn(read, token, life.clone());
        }
        Ok(life)
    }
}
