//! The ends of tokens: noticed in time, and handed out once, to be published.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iceflix_database::Kind;
use sqlx::{AssertSqlSafe, Row};

use crate::store::clock::{from_millis, millis};
use crate::store::timeline::Reading;
use crate::store::token::Token;
use crate::store::{Error, Tokens};

/// How often the database is asked whether anything happened elsewhere.
const LOOK: Duration = Duration::from_millis(900);

/// Tokens whose ends lie closer together than this are ended together: one statement for all of them.
const TOGETHER: Duration = Duration::from_millis(50);

impl Tokens {
    /// Waits until there are tokens to [`collect`](Self::collect); sees within a second what other processes
    /// did to users and tokens. Asks the database about once a second, or when a token ends, and not more often.
    ///
    /// May be cancelled at any time.
    ///
    /// # Errors
    ///
    /// Where the database fails; the caller should let a second go by before it tries again.
    pub async fn ended(&self) -> Result<(), Error> {
        loop {
            let rested = *self.rested.lock().unwrap_or_else(PoisonError::into_inner);
            let rest = rested.saturating_sub(self.timeline.clock().now());
            tokio::time::sleep(rest).await;

            let first_end = self.look().await?;
            let wait = first_end.saturating_sub(self.timeline.now());
            if wait.is_zero() {
                return Ok(());
            }
            // Waking is what is waited for, and the time is up otherwise: both mean to look again.
            let _ = tokio::time::timeout(wait.min(LOOK), self.woken.notified()).await;
        }
    }

    /// Takes the tokens that have ended, to publish their ends: each is handed out once, to one instance. Only where
    /// the connection to the database breaks in the very moment of committing, another may be given them too.
    ///
    /// Must not be cancelled: what was taken then would never be published.
    ///
    /// # Errors
    ///
    /// Where the database fails; nothing is lost then.
    pub async fn collect(&self) -> Result<Vec<Token>, Error> {
        // Should this fail, the caller is not sent here again at once.
        self.rest(LOOK);
        let taken = self.database.again(|| self.take_ended()).await?;
        self.rest(TOGETHER);
        self.live.forget(&taken, self.timeline.now());
        Ok(taken)
    }

    /// Has [`ended`](Self::ended) look at the database at once.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    async fn take_ended(&self) -> Result<Vec<Token>, Error> {
        let mut edit = self.database.write().await?;
        let rows = sqlx::query("DELETE FROM tokens WHERE expires_at <= $1 RETURNING token")
            .bind(millis(self.timeline.now()))
            .fetch_all(&mut *edit)
            .await
            .map_err(self.database.failed("ending tokens"))?;
        let tokens = rows
            .iter()
            // Another program may have written anything.
            .filter_map(|row| Token::parse(row.try_get("token").ok()?))
            .collect();
        match self.database.commit(edit).await {
            Ok(()) => Ok(tokens),
            // They may be gone from the database: twice is better than never.
            Err(error) if matches!(error.kind(), Kind::Away | Kind::Slow) => Ok(tokens),
            Err(error) => Err(error.into()),
        }
    }

    fn rest(&self, time: Duration) {
        let until = self.timeline.clock().now() + time;
        *self.rested.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// When the first token ends. Forgets what is known where users were edited.
    async fn look(&self) -> Result<Duration, Error> {
        let engine = self.database.engine();
        let statement = format!(
            "SELECT number, (SELECT min(expires_at) FROM tokens) AS first_end, {} \
             FROM revision WHERE id = 1",
            Reading::columns(engine)
        );
        let asked = self.timeline.clock().now();
        let row = sqlx::query(AssertSqlSafe(statement))
            .fetch_one(self.database.read())
            .await
            .map_err(self.database.failed("looking for ended tokens"))?;
        let outcome = self.timeline.take(asked, Reading::of(engine, &row));
        let was_wrong = self.timeline.settle(&self.database, outcome).await?;

        let failed = self.database.failed("looking for ended tokens");
        let revision = row.try_get("number").map_err(&failed)?;
        if self.revision.swap(revision, Ordering::Relaxed) != revision || was_wrong {
            self.live.clear();
        }
        let first_end: Option<i64> = row.try_get("first_end").map_err(&failed)?;
        Ok(first_end.map_or(Duration::MAX, from_millis))
    }
}
