//! The time that all instances of a database agree on, whoever turns a clock.
//!
//! Instances that share a file run on one machine, and read the clock that counts since its start. Instances
//! that share a server take the server's time of day: each asks for it every second, and counts on by itself between. Where
//! the server's clock was turned, whoever notices first puts the difference into the database, and the
//! time of all goes on as if nothing had happened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iceflix_database::{Database, Engine};
use sqlx::Row;
use sqlx::any::AnyRow;
use tracing::warn;

use crate::store::Error;
use crate::store::clock::{Clock, boot, from_millis, millis};

/// A difference from what was expected that is no clock being put right little by little, nor a slow answer.
const TURNED: i64 = 1_000;

/// An answer that took longer says too little about the time.
const PROMPT: Duration = Duration::from_millis(500);

/// So often the time is asked for before an answer that took long is made do with.
const TRIES: u32 = 5;

/// The time of the tokens.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: Arc<dyn Clock>,
    // None: the clock is the same for every instance.
    server: Option<Mutex<Server>>,
}

/// What is known of the clock of a server, in milliseconds.
#[derive(Debug, Default)]
struct Server {
    /// What has to be added to the clock of this process.
    ahead: i64,
    /// What the database said last has to be added to the server's.
    shift: Option<i64>,
    /// The answer that `ahead` comes from came promptly.
    sure: bool,
    /// The time was wrong, and what was issued by it has not been put right yet.
    wrong: bool,
}

impl Server {
    fn wrong_or_steady(&self) -> Outcome {
        if self.wrong {
            Outcome::Wrong
        } else {
            Outcome::Steady
        }
    }
}

/// The server's time, as one answer told it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    wall: i64,
    shift: i64,
}

impl Reading {
    /// What to select for [`Reading::of`] beside other things from the table `revision`.
    pub(crate) fn columns(engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => "0 AS wall, 0 AS shift",
            Engine::Postgres => "users_clock() AS wall, shift",
        }
    }

    /// `None` where the clock is not a server's, or what it says cannot be read.
    pub(crate) fn of(engine: Engine, row: &AnyRow) -> Option<Self> {
        if engine == Engine::Sqlite {
            return None;
        }
        Some(Self {
            wall: row.try_get("wall").ok()?,
            shift: row.try_get("shift").ok()?,
        })
    }
}

/// What a reading means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing in particular.
    Steady,
    /// The server's clock was turned: what is to be added to it is `new` from now on, unless it is no longer `old`.
    Turned { old: i64, new: i64 },
    /// The time of this instance was wrong until now, because it came when the server's clock was just turned.
    Wrong,
}

impl Timeline {
    /// One that is the clock's, which has to be the same for every instance.
    pub(crate) fn of(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            server: None,
        }
    }

    /// The one of this database; tokens that another start of this machine has left behind end.
    pub(crate) async fn of_database(
        database: &Database,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        match database.engine() {
            Engine::Sqlite => {
                begin_boot(database).await?;
                Ok(Self::of(clock))
            }
            Engine::Postgres => {
                let timeline = Self {
                    clock,
                    server: Some(Mutex::default()),
                };
                timeline.ask(database).await?;
                timeline.bound_what_lies_ahead(database).await?;
                Ok(timeline)
            }
        }
    }

    /// The time now. Since when depends on the database.
    pub(crate) fn now(&self) -> Duration {
        let now = self.clock.now();
        match self.server() {
            None => now,
            Some(server) => from_millis(millis(now) + server.ahead),
        }
    }

    /// The time of day.
    pub(crate) fn wall(&self) -> Duration {
        self.clock.wall()
    }

    /// The clock of this process.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Takes a reading that was asked for at `asked`, on the clock of this process, and has just come.
    pub(crate) fn take(&self, asked: Duration, reading: Option<Reading>) -> Outcome {
        let (Some(mut server), Some(reading)) = (self.server(), reading) else {
            return Outcome::Steady;
        };
        let took = self.clock.now().saturating_sub(asked);
        let prompt = took <= PROMPT;
        let first = server.shift.is_none();
        if !prompt && !first {
            return server.wrong_or_steady();
        }
        let ahead = reading.wall + reading.shift - millis(asked + took / 2);
        let turned = ahead - server.ahead;
        let jumped = server.sure && turned.abs() > TURNED;
        // Where the shift is another, somebody else has noticed already.
        if jumped && server.shift == Some(reading.shift) {
            return Outcome::Turned {
                old: reading.shift,
                new: reading.shift - turned,
            };
        }
        // After an answer that took long, it is this instance that was wrong, and not the server.
        server.wrong |= !first && turned.abs() > TURNED;
        server.ahead = ahead;
        server.shift = Some(reading.shift);
        server.sure = prompt;
        server.wrong_or_steady()
    }

    /// Does what a reading calls for. Returns whether the time was wrong until now.
    pub(crate) async fn settle(
        &self,
        database: &Database,
        outcome: Outcome,
    ) -> Result<bool, Error> {
        match outcome {
            Outcome::Steady => Ok(false),
            Outcome::Wrong => {
                self.bound_what_lies_ahead(database).await?;
                if let Some(mut server) = self.server() {
                    server.wrong = false;
                }
                Ok(true)
            }
            Outcome::Turned { old, new } => {
                let mut edit = database.write().await?;
                let done =
                    sqlx::query("UPDATE revision SET shift = $1 WHERE id = 1 AND shift = $2")
                        .bind(new)
                        .bind(old)
                        .execute(&mut *edit)
                        .await
                        .map_err(database.failed("setting the clock right"))?;
                database.commit(edit).await?;
                if done.rows_affected() > 0
                    && let Some(mut server) = self.server()
                {
                    server.shift = Some(new);
                    warn!(
                        milliseconds = old - new,
                        "the clock of the database's server was turned: tokens keep their time"
                    );
                }
                Ok(false)
            }
        }
    }

    /// Asks for the time, a few times where the answer takes long.
    async fn ask(&self, database: &Database) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.ask_once(database).await?;
            if self.server().is_none_or(|server| server.sure) {
                break;
            }
        }
        Ok(())
    }

    async fn ask_once(&self, database: &Database) -> Result<(), Error> {
        let asked = self.clock.now();
        let columns = Reading::columns(Engine::Postgres);
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {columns} FROM revision WHERE id = 1"
        )))
        .fetch_one(database.read())
        .await
        .map_err(database.failed("asking for the time"))?;
        self.take(asked, Reading::of(Engine::Postgres, &row));
        Ok(())
    }

    /// Where the server's clock was turned back while nobody looked, tokens of before would live on for as long: they have
    /// the life that they were given, from now on.
    async fn bound_what_lies_ahead(&self, database: &Database) -> Result<(), Error> {
        let now = millis(self.now());
        let failed = database.failed("bounding the life of tokens");
        let mut edit = database.write().await?;
        sqlx::query(
            "UPDATE tokens SET expires_at = expires_at - issued_at + $1, issued_at = $1 \
             WHERE issued_at > $2 AND expires_at <> 0",
        )
        .bind(now)
        .bind(now + TURNED)
        .execute(&mut *edit)
        .await
        .map_err(&failed)?;
        // Others may remember them.
        sqlx::query("UPDATE revision SET number = number + 1 WHERE id = 1")
            .execute(&mut *edit)
            .await
            .map_err(&failed)?;
        Ok(database.commit(edit).await?)
    }

    fn server(&self) -> Option<MutexGuard<'_, Server>> {
        let server = self.server.as_ref()?;
        Some(server.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Ends the tokens of another start of this machine: their times are not of this one.
async fn begin_boot(database: &Database) -> Result<(), Error> {
    let boot = boot().map_err(|source| Error::Boot { source })?;
    let failed = database.failed("noting the start of this machine");
    let mut edit = database.write().await?;
    let another = sqlx::query("UPDATE revision SET boot = $1 WHERE id = 1 AND boot <> $1")
        .bind(boot)
        .execute(&mut *edit)
        .await
        .map_err(&failed)?;
    if another.rows_affected() > 0 {
        sqlx::query("UPDATE tokens SET expires_at = 0")
            .execute(&mut *edit)
            .await
            .map_err(&failed)?;
    }
    Ok(database.commit(edit).await?)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Hand(AtomicU64);

    impl Hand {
        fn turn(&self, millis: u64) {
            self.0.fetch_add(millis, Ordering::Relaxed);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }

        fn wall(&self) -> Duration {
            self.now()
        }
    }

    /// The clock of a server, what is to be added to it, and the instances that look at both.
    struct Site {
        hand: Arc<Hand>,
        wall: i64,
        shift: i64,
        instances: Vec<Timeline>,
    }

    impl Site {
        fn new() -> Self {
            let mut site = Self {
                hand: Arc::default(),
                wall: 1_800_000_000_000,
                shift: 0,
                instances: Vec::new(),
            };
            site.join();
            site
        }

        fn join(&mut self) {
            self.instances.push(Timeline {
                clock: self.hand.clone(),
                server: Some(Mutex::default()),
            });
            self.look(self.instances.len() - 1);
        }

        fn go_on(&mut self, millis: u64) {
            self.hand.turn(millis);
            self.wall += millis.cast_signed();
        }

        fn look(&mut self, which: usize) {
            let instance = &self.instances[which];
            let reading = Reading {
                wall: self.wall,
                shift: self.shift,
            };
            let outcome = instance.take(self.hand.now(), Some(reading));
            if let Outcome::Turned { old, new } = outcome {
                assert_eq!(old, self.shift);
                self.shift = new;
                instance.server().expect("a server").shift = Some(new);
            }
        }

        fn times(&self) -> Vec<i64> {
            self.instances
                .iter()
                .map(|instance| millis(instance.now()))
                .collect()
        }
    }

    #[test]
    fn instances_that_started_at_different_times_agree() {
        let mut site = Site::new();
        site.go_on(5_000);
        site.join();
        assert_eq!(site.times(), [site.wall; 2]);
    }

    #[test]
    fn a_clock_that_is_put_right_little_by_little_is_followed() {
        let mut site = Site::new();
        for _ in 0..10 {
            site.go_on(1_000);
            site.wall += 400;
            site.look(0);
            assert_eq!(site.times(), [site.wall]);
        }
        assert_eq!(site.shift, 0);
    }

    #[test]
    fn whoever_turns_the_clock_of_the_server_changes_nothing() {
        for by in [3_600_000, -3_600_000] {
            let mut site = Site::new();
            site.join();
            let started = site.wall;
            site.go_on(1_000);
            site.wall += by;
            for which in [0, 1, 1, 0] {
                site.look(which);
                site.go_on(1_000);
            }
            assert_eq!(site.times(), [started + 5_000; 2], "{by}");
            site.join();
            assert_eq!(site.times(), [started + 5_000; 3], "{by}");
        }
    }

    #[test]
    fn whoever_comes_between_the_turn_and_its_remedy_is_set_right_with_the_others() {
        let mut site = Site::new();
        let started = site.wall;
        site.wall += 3_600_000;
        site.join();
        for which in [0, 1, 0, 1] {
            site.look(which);
        }
        assert_eq!(site.times(), [started; 2]);
    }

    #[test]
    fn whoever_first_got_an_answer_that_took_long_is_set_right_and_not_the_server() {
        let mut site = Site::new();
        let newcomer = Timeline {
            clock: site.hand.clone(),
            server: Some(Mutex::default()),
        };
        let asked = site.hand.now();
        site.go_on(4_000);
        let reading = Reading {
            wall: site.wall,
            shift: 0,
        };
        newcomer.take(asked, Some(reading));
        assert_eq!(millis(newcomer.now()), site.wall + 2_000, "half of that");
        let now = site.hand.now();
        let outcome = newcomer.take(now, Some(reading));
        assert_eq!(outcome, Outcome::Wrong, "what it has issued lies ahead");
        assert_eq!(millis(newcomer.now()), site.wall);
        assert_eq!(
            newcomer.take(now, Some(reading)),
            Outcome::Wrong,
            "until that was put right"
        );
        newcomer.server().expect("a server").wrong = false;
        assert_eq!(newcomer.take(now, Some(reading)), Outcome::Steady);
    }

    #[test]
    fn an_answer_that_took_long_says_nothing_of_the_time() {
        let mut site = Site::new();
        let asked = site.hand.now();
        site.go_on(1_500);
        let reading = Reading {
            wall: site.wall - 1_500,
            shift: 0,
        };
        assert_eq!(
            site.instances[0].take(asked, Some(reading)),
            Outcome::Steady
        );
        assert_eq!(site.times(), [site.wall]);
    }
}
