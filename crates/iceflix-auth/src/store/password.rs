//! The slow hash that stands between a stolen database and the user hashes.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

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

/// Computes the slow hashes, as many at once as there are processors, off the async threads.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    // Stands in for users that do not exist: refusing them takes as long as refusing the others.
    nobody: Arc<str>,
}

impl Passwords {
    /// Takes one slow hash's time, for the password of nobody.
    pub(crate) async fn new() -> Result<Self, Error> {
        let processors = available_parallelism().map_or(1, NonZero::get);
        let mut passwords = Self {
            turns: Arc::new(Semaphore::new(processors)),
            nobody: Arc::from(""),
        };
        passwords.nobody = passwords.hash(&Hash::of_password("")).await?.into();
        Ok(passwords)
    }

    /// The PHC string to store for a user hash, under a new salt.
    pub(crate) async fn hash(&self, hash: &Hash) -> Result<String, Error> {
        const DOING: &str = "hashing a password";
        let hash = hash.clone();
        self.off_thread(DOING, move || {
            slow_hash()
                .and_then(|slow| slow.hash_password(hash.as_bytes()))
                .map(|phc| phc.to_string())
                .map_err(|_| Error::Exhausted { doing: DOING })
        })
        .await
    }

    /// Whether `hash` is the one that was stored as `phc`. Where there is no such user (`None`), no hash
    /// is, and finding that out takes as long.
    pub(crate) async fn verify(
        &self,
        name: &Name,
        hash: &Hash,
        phc: Option<&str>,
    ) -> Result<bool, Error> {
        const DOING: &str = "checking a password";
        let known = phc.is_some();
        let phc: Arc<str> = phc.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let (name, hash) = (name.clone(), hash.clone());
        self.off_thread(DOING, move || {
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
                Ok(()) => Ok(known),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(password_hash::Error::Internal | password_hash::Error::OutOfMemory) => {
                    Err(Error::Exhausted { doing: DOING })
                }
                Err(_) => Err(damaged()),
            }
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Error::Exhausted { doing })?;
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
        assert!(
            passwords
                .verify(&ana(), &right, Some(&phc))
                .await
                .expect("checked")
        );
        assert!(
            !passwords
                .verify(&ana(), &wrong, Some(&phc))
                .await
                .expect("checked")
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let passwords = Passwords::new().await.expect("a first hash");
        for password in ["", "nobody"] {
            let hash = Hash::of_password(password);
            assert!(
                !passwords
                    .verify(&ana(), &hash, None)
                    .await
                    .expect("checked")
            );
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
