//! Fills an index with very many titles, on several processors.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::Index;
use super::parts::Parts;
use super::tags::Tags;
use super::titles::{Slot, Titles};
use crate::store::fold::Folding;
use crate::store::row;
use crate::store::title::Id;

/// So many titles are handed on together.
const TOGETHER: usize = 1_000;

/// So many of these wait for their tags to be entered.
const AHEAD: usize = 8;

/// An [`Index`] that is being filled with many titles and cannot be searched yet.
///
/// Names are entered by the caller, tags by another thread, and parts of names at the end by as many as there are
/// processors.
#[derive(Debug)]
pub(crate) struct Filling {
    titles: Titles,
    folding: Folding,
    text: usize,
    untagged: Tagged,
    sender: SyncSender<Tagged>,
    tagging: JoinHandle<Entered>,
}

/// Tags that titles bear: where those of each stand in the text.
#[derive(Debug, Default)]
struct Tagged {
    titles: Vec<(Slot, Range<usize>)>,
    text: String,
}

/// What became of them: all tags, and the numbers of each title's.
#[derive(Debug, Default)]
struct Entered {
    tags: Tags,
    spellings: Vec<(Slot, Box<[u32]>)>,
}

impl Filling {
    /// With room for so many titles.
    pub(crate) fn new(titles: usize) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        Self {
            titles: Titles::with_capacity(titles),
            folding: Folding::default(),
            text: 0,
            untagged: Tagged::default(),
            sender,
            tagging: thread::spawn(move || tag(&receiver)),
        }
    }

    /// Enters a title with its tags, one a line; one that was entered before keeps what it has.
    pub(crate) fn put(&mut self, id: Id, name: &str, tags: &str) {
        if self.titles.find(&id).is_some() {
            return;
        }
        let folded = self.folding.fold(name);
        let slot = self.titles.insert(id, name, &folded);
        self.text += name.len() + folded.len();
        if tags.is_empty() {
            return;
        }
        let start = self.untagged.text.len();
        self.untagged.text.push_str(tags);
        let range = start..self.untagged.text.len();
        self.untagged.titles.push((slot, range));
        if self.untagged.titles.len() == TOGETHER {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        // The other end goes early only by a panic, which is seen at the end.
        let _ = self.sender.send(std::mem::take(&mut self.untagged));
    }

    /// Makes them searchable: for a million, a second of one processor's work or two.
    ///
    /// # Panics
    ///
    /// Where one of the threads did.
    pub(crate) fn finish(mut self) -> Index {
        self.hand_on();
        drop(self.sender);
        let parts = Parts::of_all(&self.titles);
        let tagged = self.tagging.join();
        let tagged = tagged.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut index = Index {
            titles: self.titles,
            parts,
            tags: tagged.tags,
            text: self.text,
        };
        for (slot, spellings) in tagged.spellings {
            index.text += index.length(&spellings);
            index.titles.set_spellings(slot, spellings);
        }
        index
    }
}

/// Enters the tags that come in.
fn tag(receiver: &Receiver<Tagged>) -> Entered {
    let mut entered = Entered::default();
    for Tagged { titles, text } in receiver {
        for (slot, range) in titles {
            let borne = entered.tags.bear(slot, row::tags(&text[range]));
            entered.spellings.push((slot, borne));
        }
    }
    entered
}
