//! Renewals: a user whose hash was found right is known again without the slow hash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::store::Error;
use crate::store::user::{Hash, Name};

/// What is remembered of the last good login of each user.
///
/// It is a digest under a key that dies with the process, over the name, the user hash and the stored password, whose salt
/// is new with every change. It is remembered too: a token is only issued while it is what is stored.
pub(crate) struct Renewals {
    /// As long as a block of the hash, so that it is used as it is.
    key: [u8; 64],
    // One entry a user that exists or existed, so bounded by what an administrator entered.
    known: Mutex<HashMap<Name, Good>>,
}

/// Credentials that were good.
#[derive(Clone)]
struct Good {
    digest: [u8; 32],
    phc: Arc<str>,
}

impl Renewals {
    /// Remembers nobody yet.
    pub(crate) fn new() -> Result<Self, Error> {
        let mut key = [0; 64];
        getrandom::fill(&mut key).map_err(|_| Error::Exhausted {
            doing: "making a key",
        })?;
        Ok(Self {
            key,
            known: Mutex::default(),
        })
    }

    /// The stored password that these credentials were good for, if they are the ones that were last remembered for the
    /// user; in a time that does not depend on how much of them is right. Whether it still is what is stored, has to be seen.
    pub(crate) fn recall(&self, name: &Name, hash: &Hash) -> Option<Arc<str>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let good = known.get(name)?.clone();
        drop(known);
        let digest = self.digest(name, hash, &good.phc);
        digest
            .verify_slice(&good.digest)
            .is_ok()
            .then_some(good.phc)
    }

    /// Remembers good credentials, in place of earlier ones of that user.
    pub(crate) fn remember(&self, name: &Name, hash: &Hash, phc: &str) {
        let good = Good {
            digest: self.recognise(name, hash, phc),
            phc: phc.into(),
        };
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.clone(), good);
    }

    /// What stands for these credentials as long as this process lives, and gives nothing of them away.
    pub(crate) fn recognise(&self, name: &Name, hash: &Hash, phc: &str) -> [u8; 32] {
        self.digest(name, hash, phc).finalize().into_bytes().into()
    }

    fn digest(&self, name: &Name, hash: &Hash, phc: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(hash.as_bytes());
        mac.update(name.as_str().as_bytes());
        // No name holds a zero: nothing can move from the name to what follows.
        mac.update(&[0]);
        mac.update(phc.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_credentials_that_were_good_are_known() {
        let renewals = Renewals::new().expect("a key");
        let (ana, eva) = (
            Name::parse("ana").expect("a name"),
            Name::parse("eva").expect("a name"),
        );
        let (right, wrong) = (Hash::of_password("right"), Hash::of_password("wrong"));
        renewals.remember(&ana, &right, "$salt");

        assert_eq!(renewals.recall(&ana, &right).as_deref(), Some("$salt"));
        assert_eq!(renewals.recall(&ana, &wrong), None);
        assert_eq!(renewals.recall(&eva, &right), None);
        renewals.remember(&ana, &wrong, "$other salt");
        assert_eq!(renewals.recall(&ana, &right), None, "it was changed");
    }
}
