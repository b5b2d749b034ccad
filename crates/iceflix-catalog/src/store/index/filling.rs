//! Fills an index with very many titles, on several processors.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::ids::Ids;
use super::parts::Parts;
use super::tags::Entering;
use super::texts::Texts;
use super::titles::{Slot, Titles};
use super::{Index, order};
use crate::store::fold::Folding;
use crate::store::row;
use crate::store::title::Id;

/// So many titles are handed on together.
const TOGETHER: usize = 1_000;

/// So many of these wait for their tags to be entered.
const AHEAD: usize = 8;

/// An [`Index`] that is being filled with many titles and cannot be searched yet.
///
/// Names are taken in by the caller, tags by another thread. At the end all titles are put into the order of their names,
/// and entered where they are found by, by as many threads as there are processors.
#[derive(Debug)]
pub(crate) struct Filling {
    ids: Ids,
    names: Texts,
    folded: Texts,
    folding: Folding,
    untagged: Tagged,
    sender: SyncSender<Tagged>,
    tagging: JoinHandle<Entering>,
}

/// Tags of some titles: where those of each end in the text.
#[derive(Debug, Default)]
struct Tagged {
    ends: Vec<usize>,
    text: String,
}

impl Filling {
    /// With room for so many titles.
    pub(crate) fn new(titles: usize) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        Self {
            ids: Ids::with_capacity(titles),
            names: Texts::with_capacity(titles, 0),
            folded: Texts::with_capacity(titles, 0),
            folding: Folding::default(),
            untagged: Tagged::default(),
            sender,
            tagging: thread::spawn(move || enter(&receiver)),
        }
    }

    /// Takes in a title with its tags, one a line; one that was there before keeps what it has.
    pub(crate) fn put(&mut self, id: Id, name: &str, tags: &str) {
        if !self.ids.push(id) {
            return;
        }
        self.names.push(name);
        self.folded.push(&self.folding.fold(name));
        self.untagged.text.push_str(tags);
        self.untagged.ends.push(self.untagged.text.len());
        if self.untagged.ends.len() == TOGETHER {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        // The other end goes early only by a panic, which is seen at the end.
        let _ = self.sender.send(std::mem::take(&mut self.untagged));
    }

    /// Makes them searchable: for a million, a second of two processors' work.
    ///
    /// # Panics
    ///
    /// Where one of the threads did.
    pub(crate) fn finish(mut self) -> Index {
        self.hand_on();
        drop(self.sender);
        let order = order::of_all(&self.folded, self.ids.all());
        let entered = joined(self.tagging.join());

        let (titles, (names, tags, spellings)) = thread::scope(|scope| {
            let order = &order;
            let besides = scope.spawn(move || {
                let spellings = order.iter().map(|title| entered.borne(*title).into());
                let spellings: Vec<Box<[u32]>> = spellings.collect();
                let names = in_order(&self.names, order);
                (names, entered.finish(order), spellings)
            });
            let folded = in_order(&self.folded, order);
            let titles = Titles::of_ordered(self.ids, folded, order);
            (titles, joined(besides.join()))
        });
        let mut index = Index {
            parts: Parts::of_all(&titles),
            titles,
            tags,
            ..Index::default()
        };
        index.titles.complete(names, spellings);
        index.tag_text = (0..index.titles.end())
            .map(|slot| index.length(index.titles.spellings(slot)))
            .sum();
        index
    }
}

fn in_order(texts: &Texts, order: &[Slot]) -> Texts {
    let mut ordered = Texts::with_capacity(order.len(), texts.size());
    for place in order {
        ordered.push(texts.get(*place));
    }
    ordered
}

/// Takes in the tags that come.
fn enter(receiver: &Receiver<Tagged>) -> Entering {
    let mut entering = Entering::default();
    for Tagged { ends, text } in receiver {
        let mut start = 0;
        for end in ends {
            entering.put(row::tags(&text[start..end]));
            start = end;
        }
    }
    entering
}

fn joined<T>(ended: thread::Result<T>) -> T {
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
