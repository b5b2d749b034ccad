//! The slow hash that stands between a stolen database and the user hashes.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::store::Error;
use crate::store::user::{Hash, Name};

/// Memory in KiB, passes and lanes: of the equal choices of the OWASP Password Storage Cheat Sheet the one
/// with the most memory, <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>.
///
/// The choices below 32 MiB take half the time here, but glibc keeps such blocks when they are freed: after a
/// few logins an idle service held 150 MiB. What is larger goes back to the system at once.
const MEMORY: u32 = 46 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// How long a login waits for a processor. So many as wait for longer are a flood.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The hash is the one that was stored.
    Right,
    /// It is not, or there is no such user.
    Wrong,
    /// All processors were busy with the hashes of others, for too long.
    Crowded,
}

/// Computes the slow hashes, as many at once as there are processors, off the async threads. So many times
/// the memory of one is all that a flood of logins takes.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    computed: Arc<AtomicU64>,
    // Stands in for users that do not exist: refusing them takes as long as refusing the others.
    nobody: Arc<str>,
}

impl Passwords {
    /// Takes one slow hash's time, for the password of nobody.
    pub(crate) async fn new() -> Result<Self, Error> {
        let processors = available_parallelism().map_or(1, NonZero::get);
        let mut passwords = Self {
            turns: Arc::new(Semaphore::new(processors)),
            computed: Arc::default(),
            nobody: Arc::from(""),
        };
        passwords.nobody = passwords.hash(&Hash::of_password("")).await?.into();
        Ok(passwords)
    }

    /// The PHC string to store for a user hash, under a new salt.
    pub(crate) async fn hash(&self, hash: &Hash) -> Result<String, Error> {
        const DOING: &str = "hashing a password";
        let hash = hash.clone();
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Error::Exhausted { doing: DOING })?;
        self.off_thread(DOING, turn, move || {
            slow_hash()
                .and_then(|slow| slow.hash_password(hash.as_bytes()))
                .map(|phc| phc.to_string())
                .map_err(|_| Error::Exhausted { doing: DOING })
        })
        .await
    }

    /// Whether `hash` is the one that was stored as `phc`. Where there is no such user (`None`), no hash
    /// is, and finding that out takes as long. Waits five seconds for its turn.
    pub(crate) async fn verify(
        &self,
        name: &Name,
        hash: &Hash,
        phc: Option<&str>,
    ) -> Result<Verdict, Error> {
        const DOING: &str = "checking a password";
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let Ok(turn) = turn.await else {
            return Ok(Verdict::Crowded);
        };
        let turn = turn.map_err(|_| Error::Exhausted { doing: DOING })?;
        let known = phc.is_some();
        let phc: Arc<str> = phc.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let (name, hash) = (name.clone(), hash.clone());
        self.off_thread(DOING, turn, move || {
            let damaged = || Error::Damaged {
                name: name.to_string(),
            };
            let stored = PasswordHash::new(&phc).map_err(|_| damaged())?;
            let ours = stored.algorithm == ARGON2ID_IDENT && stored.hash.is_some();
            if !ours {
                return Err(damaged());
            }
            // Parameters and salt are those of the PHC string.
            match Argon2::default().verify_password(hash.as_bytes(), &stored) {
                Ok(()) if known => Ok(Verdict::Right),
                Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
                Err(password_hash::Error::Internal | password_hash::Error::OutOfMemory) => {
                    Err(Error::Exhausted { doing: DOING })
                }
                Err(_) => Err(damaged()),
            }
        })
        .await
    }

    /// How many were computed.
    pub(crate) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        doing: &'static str,
        turn: OwnedSemaphorePermit,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            // The work goes on when the caller is gone, and so must its turn.
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| Error::Exhausted { doing })?
    }
}

fn slow_hash() -> password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Name {
        Name::parse("ana").expect("a name")
    }

    #[tokio::test]
    async fn the_right_hash_is_told_from_a_wrong_one() {
        let passwords = Passwords::new().await.expect("a first hash");
        let (right, wrong) = (Hash::of_password("right"), Hash::of_password("wrong"));
        let phc = passwords.hash(&right).await.expect("a hash");

        assert!(phc.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{phc}");
        for (hash, verdict) in [(&right, Verdict::Right), (&wrong, Verdict::Wrong)] {
            let checked = passwords.verify(&ana(), hash, Some(&phc)).await;
            assert_eq!(checked.expect("checked"), verdict);
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let passwords = Passwords::new().await.expect("a first hash");
        for password in ["", "nobody"] {
            let hash = Hash::of_password(password);
            let checked = passwords.verify(&ana(), &hash, None).await;
            assert_eq!(checked.expect("checked"), Verdict::Wrong);
        }
    }

    #[tokio::test]
    async fn a_damaged_password_is_reported_by_the_name_of_its_user() {
        let passwords = Passwords::new().await.expect("a first hash");
        let hash = Hash::of_password("right");
        for phc in ["", "$argon2id$v=19$m=1", "$2b$12$abc"] {
            let error = passwords
                .verify(&ana(), &hash, Some(phc))
                .await
                .expect_err("damaged");
            assert!(error.to_string().contains("ana"), "{error}");
        }
    }
}
