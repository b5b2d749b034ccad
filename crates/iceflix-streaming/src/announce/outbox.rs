//! Films of which the broker is still to be told.

use std::collections::{HashSet, VecDeque};

use iceflix_media::MediaId;

/// Ids in the order in which they came, each once: never more than there are
/// films.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    order: VecDeque<MediaId>,
    waiting: HashSet<MediaId>,
}

impl Outbox {
    /// A film is to be told of, if it is not already.
    pub(crate) fn add(&mut self, id: MediaId) {
        if self.waiting.insert(id) {
            self.order.push_back(id);
        }
    }

    /// The same for many.
    pub(crate) fn add_all(&mut self, ids: impl IntoIterator<Item = MediaId>) {
        ids.into_iter().for_each(|id| self.add(id));
    }

    /// Takes the first ones out, `most` at the most.
    pub(crate) fn take(&mut self, most: usize) -> Vec<MediaId> {
        let batch: Vec<_> = self.order.drain(..most.min(self.order.len())).collect();
        for id in &batch {
            self.waiting.remove(id);
        }
        batch
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> MediaId {
        digit.to_string().repeat(64).parse().expect("an id")
    }

    #[test]
    fn a_film_waits_once_in_its_place() {
        let mut outbox = Outbox::default();
        outbox.add_all([id('a'), id('b'), id('a'), id('c'), id('b')]);
        assert_eq!(outbox.take(2), [id('a'), id('b')]);
        outbox.add(id('a'));
        assert_eq!(outbox.len(), 2);
        assert_eq!(outbox.take(64), [id('c'), id('a')]);
        assert!(outbox.is_empty());
    }
}
