//! Tags, each kept once, and who bears them.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::postings::Postings;
use super::titles::Slot;
use crate::store::tag::Tag;

/// All tags of all titles.
///
/// A title shows a tag as it was spelt when it first got it, and searches do not mind the spelling: so every spelling is
/// kept once, and refers to the tag that it spells, which knows its titles. What no title bears any more is forgotten.
#[derive(Debug, Default)]
pub(super) struct Tags {
    spellings: Slab<Spelling>,
    by_text: HashTable<u32>,
    tags: Slab<Borne>,
    by_folded: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug)]
struct Spelling {
    text: Box<str>,
    tag: u32,
    titles: u32,
}

#[derive(Debug)]
struct Borne {
    folded: Box<str>,
    titles: Postings,
    spellings: u32,
}

impl Tags {
    /// How the spelling with this number is written.
    pub(super) fn text(&self, spelling: u32) -> &str {
        self.spellings
            .get(spelling)
            .map_or("", |spelling| &spelling.text)
    }

    /// Has the title in `slot` bear these tags, besides none that it had. Of tags that are the same but for their spelling the first
    /// counts; what is no tag is left out.
    pub(super) fn bear<'a>(
        &mut self,
        slot: Slot,
        texts: impl Iterator<Item = &'a str>,
    ) -> Box<[u32]> {
        let mut borne = Vec::new();
        for text in texts {
            let Some(number) = self.spelling(text) else {
                continue;
            };
            let Some(spelling) = self.spellings.get_mut(number) else {
                continue;
            };
            let Some(tag) = self.tags.get_mut(spelling.tag) else {
                continue;
            };
            if tag.titles.insert(slot) {
                spelling.titles += 1;
                borne.push(number);
            } else if spelling.titles == 0 {
                self.forget(number);
            }
        }
        borne.into()
    }

    /// The title in `slot` bears these no more.
    pub(super) fn shed(&mut self, slot: Slot, spellings: &[u32]) {
        for number in spellings {
            let Some(spelling) = self.spellings.get_mut(*number) else {
                continue;
            };
            spelling.titles -= 1;
            if let Some(tag) = self.tags.get_mut(spelling.tag) {
                tag.titles.remove(slot);
            }
            if spelling.titles == 0 {
                self.forget(*number);
            }
        }
    }

    /// The titles that bear all of these tags, one at least.
    pub(super) fn all(&self, folded: &[String]) -> Postings {
        let sets = folded.iter().map(|tag| self.bearing(tag));
        sets.collect::<Option<_>>()
            .map(Postings::in_all)
            .unwrap_or_default()
    }

    /// The titles that bear one of these tags or more.
    pub(super) fn any(&self, folded: &[String]) -> Postings {
        let sets: Vec<_> = folded.iter().filter_map(|tag| self.bearing(tag)).collect();
        Postings::in_any(sets.iter().copied())
    }

    /// The titles that bear the tag.
    pub(super) fn bearing(&self, folded: &str) -> Option<&Postings> {
        self.find(folded).map(|tag| &tag.titles)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_text.is_empty() && self.by_folded.is_empty()
    }

    fn find(&self, folded: &str) -> Option<&Borne> {
        let tags = &self.tags;
        let same = |number: &u32| tags.get(*number).is_some_and(|tag| *tag.folded == *folded);
        let number = self.by_folded.find(self.hasher.hash_one(folded), same)?;
        tags.get(*number)
    }

    /// The number of a spelling, which is given one where it had none; `None` for what is no tag.
    fn spelling(&mut self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        let spellings = &self.spellings;
        let same = |number: &u32| spellings.get(*number).is_some_and(|one| *one.text == *text);
        if let Some(number) = self.by_text.find(hash, same) {
            return Some(*number);
        }
        let tag = Tag::parse(text).ok()??;
        let folded = self.folded(tag.folded());
        let number = self.spellings.insert(Spelling {
            text: tag.as_str().into(),
            tag: folded,
            titles: 0,
        });
        let (spellings, hasher) = (&self.spellings, &self.hasher);
        let rehash = |number: &u32| hasher.hash_one(spellings.get(*number).map_or("", |s| &s.text));
        self.by_text.insert_unique(hash, number, rehash);
        Some(number)
    }

    /// The number of a tag of which a spelling comes up, which is given one where it had none.
    fn folded(&mut self, folded: &str) -> u32 {
        let hash = self.hasher.hash_one(folded);
        let tags = &mut self.tags;
        let same = |number: &u32| tags.get(*number).is_some_and(|tag| *tag.folded == *folded);
        if let Some(number) = self.by_folded.find(hash, same).copied() {
            if let Some(tag) = tags.get_mut(number) {
                tag.spellings += 1;
            }
            return number;
        }
        let number = tags.insert(Borne {
            folded: folded.into(),
            titles: Postings::default(),
            spellings: 1,
        });
        let (tags, hasher) = (&self.tags, &self.hasher);
        let rehash =
            |number: &u32| hasher.hash_one(tags.get(*number).map_or("", |tag| &tag.folded));
        self.by_folded.insert_unique(hash, number, rehash);
        number
    }

    /// Forgets a spelling that no title shows, and its tag with the last of its spellings.
    fn forget(&mut self, spelling: u32) {
        let Some(gone) = self.spellings.remove(spelling) else {
            return;
        };
        remove(
            &mut self.by_text,
            self.hasher.hash_one(&*gone.text),
            spelling,
        );
        let Some(tag) = self.tags.get_mut(gone.tag) else {
            return;
        };
        tag.spellings -= 1;
        if tag.spellings == 0
            && let Some(tag) = self.tags.remove(gone.tag)
        {
            remove(
                &mut self.by_folded,
                self.hasher.hash_one(&*tag.folded),
                gone.tag,
            );
        }
    }
}

/// The tags of very many titles, which are entered one after the other; at the end each gets its slot.
#[derive(Debug, Default)]
pub(super) struct Entering {
    tags: Tags,
    /// The spellings of all titles, one title behind the other.
    spellings: Vec<u32>,
    /// Where those of each title end.
    ends: Vec<usize>,
    /// The last title of each tag, counted from 1.
    last: Vec<u32>,
    /// Spellings that were new and were not needed.
    idle: Vec<u32>,
}

impl Entering {
    /// Has the next title bear these tags, as [`Tags::bear`].
    pub(super) fn put<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        let title = u32::try_from(self.ends.len() + 1).unwrap_or(u32::MAX);
        for text in texts {
            let Some(number) = self.tags.spelling(text) else {
                continue;
            };
            let Some(spelling) = self.tags.spellings.get_mut(number) else {
                continue;
            };
            let tag = spelling.tag as usize;
            if self.last.len() <= tag {
                self.last.resize(tag + 1, 0);
            }
            if self.last[tag] == title {
                self.idle.push(number);
                continue;
            }
            self.last[tag] = title;
            spelling.titles += 1;
            self.spellings.push(number);
        }
        self.ends.push(self.spellings.len());
    }

    /// The spellings of a title, by its number among all, from 0.
    pub(super) fn borne(&self, title: u32) -> &[u32] {
        let title = title as usize;
        let start = title.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.spellings[start..self.ends[title]]
    }

    /// All tags, of titles that stand where `order` has their numbers.
    pub(super) fn finish(mut self, order: &[u32]) -> Tags {
        // Counted first, all lists fit behind one another, and are in order as they are written.
        let mut ends = vec![0; self.last.len()];
        for spelling in self.tags.spellings.things.iter().flatten() {
            ends[spelling.tag as usize] += spelling.titles as usize;
        }
        let mut end = 0;
        let mut next: Vec<_> = ends
            .iter_mut()
            .map(|count| {
                let start = end;
                end += *count;
                *count = end;
                start
            })
            .collect();
        let tag_of: Vec<_> = {
            let spellings = self.tags.spellings.things.iter();
            spellings
                .map(|one| one.as_ref().map_or(0, |one| one.tag as usize))
                .collect()
        };
        let mut bearers = vec![0; end];
        for (slot, title) in (0..).zip(order) {
            for spelling in self.borne(*title) {
                let place = &mut next[tag_of[*spelling as usize]];
                bearers[*place] = slot;
                *place += 1;
            }
        }
        let mut start = 0;
        for (tag, end) in self.tags.tags.things.iter_mut().zip(ends) {
            if let Some(tag) = tag {
                tag.titles = Postings::of_sorted(&bearers[start..end]);
            }
            start = end;
        }
        for spelling in std::mem::take(&mut self.idle) {
            let used = self.tags.spellings.get(spelling);
            if used.is_some_and(|spelling| spelling.titles == 0) {
                self.tags.forget(spelling);
            }
        }
        self.tags
    }
}

fn remove(table: &mut HashTable<u32>, hash: u64, number: u32) {
    if let Ok(entry) = table.find_entry(hash, |one| *one == number) {
        entry.remove();
    }
}

/// Things with numbers, of which those that went are given again.
#[derive(Debug)]
struct Slab<T> {
    things: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            things: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    fn get(&self, number: u32) -> Option<&T> {
        self.things.get(number as usize)?.as_ref()
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.things.get_mut(number as usize)?.as_mut()
    }

    fn insert(&mut self, thing: T) -> u32 {
        if let Some(number) = self.free.pop() {
            self.things[number as usize] = Some(thing);
            return number;
        }
        self.things.push(Some(thing));
        u32::try_from(self.things.len() - 1).unwrap_or(u32::MAX)
    }

    fn remove(&mut self, number: u32) -> Option<T> {
        let thing = self.things.get_mut(number as usize)?.take();
        if thing.is_some() {
            self.free.push(number);
        }
        thing
    }
}
