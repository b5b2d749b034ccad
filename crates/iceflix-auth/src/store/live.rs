//! The tokens that are known to be alive, in memory: a check costs no statement.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::token::Token;

/// What is known of tokens that live in the database. Forgotten as a whole when users were edited
/// elsewhere, and learnt again from the database.
#[derive(Debug, Default)]
pub(crate) struct Live {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    tokens: HashMap<Token, Life>,
    generation: u64,
}

/// Whose a token is, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Life {
    /// The name of the user.
    pub(crate) owner: Arc<str>,
    /// Its end, on the store's clock.
    pub(crate) ends: Duration,
}

/// When something was read: see [`Live::learn`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generation(u64);

impl Live {
    /// The life of a token that is known and not over.
    pub(crate) fn get(&self, token: Token, now: Duration) -> Option<Life> {
        let known = self.lock();
        let life = known.tokens.get(&token)?;
        (life.ends > now).then(|| life.clone())
    }

    /// To be asked for before the database is read.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.lock().generation)
    }

    /// Learns what was read from the database, unless something was forgotten since: it may have been this.
    pub(crate) fn learn(&self, read: Generation, token: Token, life: Life) {
        let mut known = self.lock();
        if known.generation == read.0 {
            known.tokens.insert(token, life);
        }
    }

    /// Forgets tokens that were revoked, and those that are over.
    pub(crate) fn forget(&self, revoked: &[Token], now: Duration) {
        let mut known = self.lock();
        known.generation += 1;
        for token in revoked {
            known.tokens.remove(token);
        }
        known.tokens.retain(|_, life| life.ends > now);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        let mut known = self.lock();
        known.generation += 1;
        known.tokens.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn token() -> Token {
        Token::random().expect("randomness")
    }

    fn life(seconds: u64) -> Life {
        Life {
            owner: "ana".into(),
            ends: NOW + Duration::from_secs(seconds),
        }
    }

    #[test]
    fn a_token_is_known_until_its_end() {
        let (live, token) = (Live::default(), token());
        live.learn(live.generation(), token, life(30));
        let before = NOW + Duration::from_millis(29_999);
        assert_eq!(live.get(token, before), Some(life(30)));
        assert_eq!(live.get(token, NOW + Duration::from_secs(30)), None);
    }

    #[test]
    fn what_was_read_before_a_revocation_is_not_learnt_after_it() {
        let (live, token) = (Live::default(), token());
        let read = live.generation();
        live.forget(&[token], NOW);
        live.learn(read, token, life(30));
        assert_eq!(live.get(token, NOW), None);
    }

    #[test]
    fn forgetting_one_token_leaves_the_others() {
        let (live, one, other) = (Live::default(), token(), token());
        for token in [one, other] {
            live.learn(live.generation(), token, life(30));
        }
        live.forget(&[one], NOW);
        assert_eq!(live.get(one, NOW), None);
        assert_eq!(live.get(other, NOW), Some(life(30)));
        live.clear();
        assert_eq!(live.get(other, NOW), None);
    }
}
