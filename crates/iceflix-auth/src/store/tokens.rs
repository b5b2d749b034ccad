//! The tokens of all instances that share the database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iceflix_database::{Database, Edit};
use sqlx::Row;
use tokio::sync::Notify;

use crate::store::clock::{Clock, from_millis, millis};
use crate::store::live::{Life, Live};
use crate::store::token::Token;
use crate::store::user::Name;
use crate::store::{Error, schema};

/// How often the database is asked whether anything happened elsewhere.
const LOOK: Duration = Duration::from_secs(1);

/// Tokens whose ends lie closer together than this are ended together: one statement for all of them.
const TOGETHER: Duration = Duration::from_millis(50);

/// The tokens: rows of the database, so that every instance accepts those of every other, and remembered
/// in memory, so that a check is cheap.
///
/// A token ends when its row's time is over; to revoke it is to set that time to zero. Whichever instance deletes
/// the row publishes the end: once in all, also for the tokens of an instance that is dead.
#[derive(Debug)]
pub struct Tokens {
    database: Database,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    live: Live,
    woken: Notify,
    revision: AtomicI64,
    /// Before this time nothing more is collected.
    rested: Mutex<Duration>,
}

impl Tokens {
    pub(crate) fn new(database: Database, lifetime: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            lifetime,
            live: Live::default(),
            woken: Notify::new(),
            revision: AtomicI64::new(schema::FIRST_REVISION),
            rested: Mutex::default(),
        }
    }

    /// Issues a token to a user whose stored password is still `phc`; `None` where it is not: the user was
    /// removed or changed since.
    pub(crate) async fn issue(&self, name: &Name, phc: &str) -> Result<Option<Token>, Error> {
        let token = Token::random()?;
        let failed = self.database.failed("issuing a token");
        let read = self.live.generation();
        let now = self.clock.now();
        let ends = now + self.lifetime;

        let mut edit = self.database.write().await?;
        // Locks the user: whoever removes or changes it comes before this, and is seen, or after it, and
        // revokes the new token with the others.
        let unchanged =
            sqlx::query("UPDATE users SET last_login = $1 WHERE name = $2 AND password = $3")
                .bind(millis(now))
                .bind(name.as_str())
                .bind(phc)
                .execute(&mut *edit)
                .await
                .map_err(&failed)?;
        if unchanged.rows_affected() == 0 {
            return Ok(None);
        }
        sqlx::query("INSERT INTO tokens (token, user_name, expires_at) VALUES ($1, $2, $3)")
            .bind(token.to_string())
            .bind(name.as_str())
            .bind(millis(ends))
            .execute(&mut *edit)
            .await
            .map_err(&failed)?;
        self.database.commit(edit).await?;

        let owner = name.as_str().into();
        self.live.learn(read, token, Life { owner, ends });
        Ok(Some(token))
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

    /// Ends a token before its time; its end is published like any other. Unknown ones are ignored.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn revoke(&self, token: &str) -> Result<(), Error> {
        let Some(token) = Token::parse(token) else {
            return Ok(());
        };
        let mut edit = self.database.write().await?;
        sqlx::query("UPDATE tokens SET expires_at = 0 WHERE token = $1")
            .bind(token.to_string())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("revoking a token"))?;
        self.database.commit(edit).await?;
        self.live.forget(&[token], self.clock.now());
        self.wake();
        Ok(())
    }

    /// Waits until there are tokens to [`collect`](Self::collect); sees within a second what other processes
    /// did to users and tokens. Asks the database once a second, or when a token ends, and not more often.
    ///
    /// May be cancelled at any time.
    ///
    /// # Errors
    ///
    /// Where the database fails; the caller should let a second go by before it tries again.
    pub async fn ended(&self) -> Result<(), Error> {
        loop {
            let rested = *self.rested.lock().unwrap_or_else(PoisonError::into_inner);
            let rest = rested.saturating_sub(self.clock.now());
            tokio::time::sleep(rest).await;

            let first_end = self.look().await?;
            let wait = first_end.saturating_sub(self.clock.now());
            if wait.is_zero() {
                return Ok(());
            }
            // Waking is what is waited for, and the time is up otherwise: both mean to look again.
            let _ = tokio::time::timeout(wait.min(LOOK), self.woken.notified()).await;
        }
    }

    /// Takes the tokens that have ended, to publish their ends: each is handed out once, to one instance.
    ///
    /// Must not be cancelled: what was taken then would never be published.
    ///
    /// # Errors
    ///
    /// Where the database fails; nothing is lost then.
    pub async fn collect(&self) -> Result<Vec<Token>, Error> {
        let now = self.clock.now();
        // Should this fail, the caller is not sent here again at once.
        self.rest_until(now + LOOK);
        let mut edit = self.database.write().await?;
        let rows = sqlx::query("DELETE FROM tokens WHERE expires_at <= $1 RETURNING token")
            .bind(millis(now))
            .fetch_all(&mut *edit)
            .await
            .map_err(self.database.failed("ending tokens"))?;
        self.database.commit(edit).await?;
        self.rest_until(now + TOGETHER);

        let tokens: Vec<_> = rows
            .iter()
            .filter_map(|row| Token::parse(row.get("token")))
            .collect();
        self.live.forget(&tokens, now);
        Ok(tokens)
    }

    /// Ends the tokens of a user, as a part of an edit of that user; running services publish it.
    pub(crate) async fn end_all_of(name: &Name, edit: &mut Edit) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE tokens SET expires_at = 0 WHERE user_name = $1")
            .bind(name.as_str())
            .execute(&mut **edit)
            .await
            .map(drop)
    }

    /// Has [`ended`](Self::ended) look at the database at once.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    fn rest_until(&self, time: Duration) {
        *self.rested.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// When the first token ends. Forgets what is known where users were edited.
    async fn look(&self) -> Result<Duration, Error> {
        let row = sqlx::query(
            "SELECT number, (SELECT min(expires_at) FROM tokens) AS first_end \
             FROM revision WHERE id = 1",
        )
        .fetch_one(self.database.read())
        .await
        .map_err(self.database.failed("looking for ended tokens"))?;
        let revision = row.get("number");
        if self.revision.swap(revision, Ordering::Relaxed) != revision {
            self.live.clear();
        }
        let first_end: Option<i64> = row.get("first_end");
        Ok(first_end.map_or(Duration::MAX, from_millis))
    }

    async fn life(&self, token: &str) -> Result<Option<Life>, Error> {
        // What is not spelt like a token is none; the database need not be asked.
        let Some(token) = Token::parse(token) else {
            return Ok(None);
        };
        let now = self.clock.now();
        if let Some(life) = self.live.get(token, now) {
            return Ok(Some(life));
        }
        let read = self.live.generation();
        let row = sqlx::query(
            "SELECT user_name, expires_at FROM tokens WHERE token = $1 AND expires_at > $2",
        )
        .bind(token.to_string())
        .bind(millis(now))
        .fetch_optional(self.database.read())
        .await
        .map_err(self.database.failed("looking up a token"))?;
        let life = row.map(|row| Life {
            owner: row.get::<String, _>("user_name").into(),
            ends: from_millis(row.get("expires_at")),
        });
        if let Some(life) = &life {
            self.live.learn(read, token, life.clone());
        }
        Ok(life)
    }
}
