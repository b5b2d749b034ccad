//! All titles in memory, made to be searched. It knows nothing of the database that it mirrors.

mod filling;
mod ids;
mod order;
mod parts;
mod postings;
mod tags;
mod texts;
mod titles;
mod trigrams;

#[cfg(test)]
mod tests;

use memchr::memmem;

pub(crate) use self::filling::Filling;
use self::parts::Parts;
use self::postings::Postings;
use self::tags::Tags;
use self::titles::{Slot, Titles};
use crate::store::fold::fold;
use crate::store::search::{Found, MOST_FOUND};
use crate::store::title::{Id, Title};

/// Every title, found by id, by name, by a part of its name and by its tags.
///
/// What it is asked for comes folded. A title of usual names and five tags takes about 400 bytes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    titles: Titles,
    parts: Parts,
    tags: Tags,
    /// Bytes of tags, of each title.
    tag_text: usize,
}

impl Index {
    /// How many titles there are.
    pub(crate) fn len(&self) -> usize {
        self.titles.len()
    }

    /// How many bytes of text they have: names twice, and tags.
    pub(crate) fn text(&self) -> usize {
        self.titles.text() + self.tag_text
    }

    /// Whether there is such a title.
    pub(crate) fn knows(&self, id: &Id) -> bool {
        self.titles.find(id).is_some()
    }

    /// The title with this id.
    pub(crate) fn title(&self, id: &Id) -> Option<Title> {
        let slot = self.titles.find(id)?;
        let tags = self.titles.spellings(slot).iter();
        Some(Title {
            id: *id,
            name: self.titles.name(slot).to_owned(),
            tags: tags.map(|tag| self.tags.text(*tag).to_owned()).collect(),
        })
    }

    /// Enters a title, or what it is called and tagged now.
    pub(crate) fn put<'a>(&mut self, id: Id, name: &str, tags: impl Iterator<Item = &'a str>) {
        let folded = fold(name);
        if let Some(slot) = self.titles.find(&id) {
            if self.titles.name(slot) == name {
                self.tag(slot, tags);
                return;
            }
            self.remove(&id);
        }
        let slot = self.titles.insert(id, name, &folded);
        self.tag(slot, tags);
        self.parts.insert(slot, &folded);
    }

    /// Forgets a title.
    pub(crate) fn remove(&mut self, id: &Id) {
        let Some(slot) = self.titles.find(id) else {
            return;
        };
        self.tag(slot, std::iter::empty());
        self.parts.remove(slot, self.titles.folded(slot));
        self.titles.remove(slot);
    }

    /// Gives a title these tags instead of those that it had.
    fn tag<'a>(&mut self, slot: Slot, tags: impl Iterator<Item = &'a str>) {
        let before = self.titles.spellings(slot);
        self.tag_text -= self.length(before);
        self.tags.shed(slot, before);
        let spellings = self.tags.bear(slot, tags);
        self.tag_text += self.length(&spellings);
        self.titles.set_spellings(slot, spellings);
    }

    /// Whether nothing is kept at all.
    #[cfg(test)]
    fn is_bare(&self) -> bool {
        self.titles.len() == 0 && self.parts.is_empty() && self.tags.is_empty()
    }

    fn length(&self, spellings: &[u32]) -> usize {
        spellings.iter().map(|one| self.tags.text(*one).len()).sum()
    }

    /// Every title.
    pub(crate) fn all(&self) -> Found {
        self.found(self.titles.all())
    }

    /// The titles of this name.
    pub(crate) fn named(&self, folded: &str) -> Found {
        self.found(self.titles.named(folded))
    }

    /// The titles with this in their names; it is not empty.
    pub(crate) fn containing(&self, folded: &str) -> Found {
        let candidates = self.parts.candidates(folded, MOST_FOUND as u64);
        if candidates.certain {
            return self.found(candidates.titles.iter());
        }
        let finder = memmem::Finder::new(folded);
        let contains = |slot: &Slot| finder.find(self.titles.folded(*slot).as_bytes()).is_some();
        self.found(candidates.titles.iter().filter(contains))
    }

    /// The titles that bear all of these tags, one at least.
    pub(crate) fn bearing_all(&self, folded: &[String]) -> Found {
        match folded {
            [one] => self.bearing(one),
            all => self.found(self.tags.all(all).iter()),
        }
    }

    /// The titles that bear one of these tags or more.
    pub(crate) fn bearing_any(&self, folded: &[String]) -> Found {
        match folded {
            [one] => self.bearing(one),
            any => self.found(self.tags.any(any).iter()),
        }
    }

    fn bearing(&self, folded: &str) -> Found {
        let titles = self.tags.bearing(folded).into_iter();
        self.found(titles.flat_map(Postings::iter))
    }

    /// As many of these as a message carries, in the order of their names. A part of them has no order that would tell anything.
    fn found(&self, slots: impl Iterator<Item = Slot>) -> Found {
        let mut hits: Vec<_> = slots.take(MOST_FOUND + 1).collect();
        let cut = hits.len() > MOST_FOUND;
        hits.truncate(MOST_FOUND);
        if !cut {
            self.titles.sort(&mut hits);
        }
        Found {
            ids: hits.iter().map(|slot| self.titles.id(*slot)).collect(),
            cut,
        }
    }
}
