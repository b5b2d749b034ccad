//! Which streams live from which token, so that a revocation costs one look
//! and not a word to everybody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::mpsc::Sender;

use super::servant::Command;

/// The streams by token.
#[derive(Debug, Default)]
pub(crate) struct Holders(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    streams: HashMap<u64, (Sender<Command>, Vec<Arc<str>>)>,
    by_token: HashMap<Arc<str>, Vec<u64>>,
}

impl Holders {
    /// A stream begins, without a token yet.
    pub(crate) fn enter(&self, stream: u64, commands: Sender<Command>) {
        self.lock().streams.insert(stream, (commands, Vec::new()));
    }

    /// The stream lives from these tokens now, and from no others.
    pub(crate) fn hold<'a>(&self, stream: u64, tokens: impl Iterator<Item = &'a Arc<str>> + Clone) {
        let Tables { streams, by_token } = &mut *self.lock();
        let Some((_, held)) = streams.get_mut(&stream) else {
            return;
        };
        if tokens.clone().eq(held.iter()) {
            return;
        }
        let before = std::mem::replace(held, tokens.cloned().collect());
        release(by_token, stream, &before);
        for token in held {
            by_token.entry(Arc::clone(token)).or_default().push(stream);
        }
    }

    /// The stream is over.
    pub(crate) fn leave(&self, stream: u64) {
        let Tables { streams, by_token } = &mut *self.lock();
        if let Some((_, held)) = streams.remove(&stream) {
            release(by_token, stream, &held);
        }
    }

    /// Tells those whom it concerns that a token is not valid any more. Who is
    /// too busy to listen finds out at its next check.
    pub(crate) fn revoked(&self, token: &Arc<str>) {
        let tables = self.lock();
        for stream in tables.by_token.get(token).into_iter().flatten() {
            if let Some((commands, _)) = tables.streams.get(stream) {
                let _ = commands.try_send(Command::Revoked(Arc::clone(token)));
            }
        }
    }

    /// How to tell a stream something; `None` where it is over.
    pub(crate) fn commands(&self, stream: u64) -> Option<Sender<Command>> {
        let tables = self.lock();
        tables
            .streams
            .get(&stream)
            .map(|(commands, _)| commands.clone())
    }

    /// All streams, by number.
    pub(crate) fn all(&self) -> Vec<(u64, Sender<Command>)> {
        let tables = self.lock();
        let mut all: Vec<_> = tables
            .streams
            .iter()
            .map(|(stream, (commands, _))| (*stream, commands.clone()))
            .collect();
        all.sort_unstable_by_key(|(stream, _)| *stream);
        all
    }

    /// Tells everybody that revocations may have been missed.
    pub(crate) fn doubt(&self) {
        for (commands, _) in self.lock().streams.values() {
            let _ = commands.try_send(Command::Doubt);
        }
    }

    /// What a panicking holder leaves behind is at worst one token too many.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn release(by_token: &mut HashMap<Arc<str>, Vec<u64>>, stream: u64, tokens: &[Arc<str>]) {
    for token in tokens {
        if let Some(streams) = by_token.get_mut(token) {
            streams.retain(|other| *other != stream);
            if streams.is_empty() {
                by_token.remove(token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn a_revocation_reaches_those_that_hold_the_token_and_no_others() {
        let holders = Holders::default();
        let tokens: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).into();
        let mut ears = Vec::new();
        for stream in 0..3 {
            let (commands, ear) = mpsc::channel(4);
            holders.enter(stream, commands);
            ears.push(ear);
        }
        holders.hold(0, tokens[..2].iter());
        holders.hold(1, tokens[1..].iter());
        holders.hold(2, tokens[2..].iter());
        holders.hold(1, tokens[2..].iter());
        holders.revoked(&tokens[1]);
        assert!(matches!(ears[0].try_recv(), Ok(Command::Revoked(token)) if token == tokens[1]));
        assert!(ears[1].try_recv().is_err());
        holders.leave(1);
        holders.revoked(&tokens[2]);
        assert!(matches!(ears[2].try_recv(), Ok(Command::Revoked(_))));
        assert!(ears[1].try_recv().is_err());
    }

    #[test]
    fn nothing_is_left_of_streams_that_are_over() {
        let holders = Holders::default();
        let token: Arc<str> = "a".into();
        for stream in 0..100 {
            holders.enter(stream, mpsc::channel(1).0);
            holders.hold(stream, std::iter::once(&token));
        }
        for stream in 0..100 {
            holders.leave(stream);
            holders.hold(stream, std::iter::once(&token));
        }
        let tables = holders.lock();
        assert!(tables.streams.is_empty() && tables.by_token.is_empty());
    }
}
