//! The index against a list that is searched one title after the other.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Filling, Index};
use crate::store::fold::fold;
use crate::store::tag::parse_all;
use crate::store::title::Id;

fn id(n: u8) -> Id {
    Id::parse(&format!("{n:064x}")).expect("an id")
}

/// What happens to one of a few titles.
#[derive(Debug, Clone)]
enum Edit {
    Put(u8, String, Vec<String>),
    Removed(u8),
}

/// Few letters, so that names meet; some of several bytes.
const NAME: &str = "[abßé七 ]{1,6}";
const TAG: &str = "[aAbé]{1,2}";

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        5 => (0..12_u8, NAME, prop::collection::vec(TAG, 0..4))
            .prop_map(|(id, name, tags)| Edit::Put(id, name, tags)),
        1 => (0..12_u8).prop_map(Edit::Removed),
    ]
}

/// The plainest catalogue: names and tags, by number.
type Model = BTreeMap<u8, (String, Vec<String>)>;

fn matching(model: &Model, matches: impl Fn(&str, &[String]) -> bool) -> Vec<Id> {
    let mut hits: Vec<_> = model
        .iter()
        .map(|(n, (name, tags))| (fold(name), id(*n), tags))
        .filter(|(name, _, tags)| matches(name, tags))
        .map(|(name, id, _)| (name, id))
        .collect();
    hits.sort();
    hits.into_iter().map(|(_, id)| id).collect()
}

/// Asks both the same.
fn compare(index: &Index, model: &Model, terms: &[String]) -> Result<(), TestCaseError> {
    prop_assert_eq!(index.len(), model.len());
    let spelt = |tags: &[String]| -> Vec<String> {
        let tags = parse_all(tags).expect("good tags");
        tags.iter().map(|tag| tag.as_str().to_owned()).collect()
    };
    for n in 0..12 {
        let title = index.title(&id(n)).map(|title| (title.name, title.tags));
        let expected = model
            .get(&n)
            .map(|(name, tags)| (name.clone(), spelt(tags)));
        prop_assert_eq!(title, expected);
    }
    prop_assert_eq!(index.all().ids, matching(model, |_, _| true));
    for term in terms {
        let term = fold(term);
        prop_assert_eq!(
            index.named(&term).ids,
            matching(model, |name, _| name == term)
        );
        if !term.is_empty() {
            let expected = matching(model, |name, _| name.contains(&term));
            prop_assert_eq!(index.containing(&term).ids, expected, "{}", term);
        }
    }
    let bears = |tags: &[String], tag: &str| tags.iter().any(|one| fold(one) == tag);
    for pair in terms.windows(2) {
        let wanted: Vec<_> = pair.iter().map(|term| fold(term)).collect();
        prop_assert_eq!(
            index.bearing_all(&wanted).ids,
            matching(model, |_, tags| wanted.iter().all(|tag| bears(tags, tag)))
        );
        prop_assert_eq!(
            index.bearing_any(&wanted).ids,
            matching(model, |_, tags| wanted.iter().any(|tag| bears(tags, tag)))
        );
        prop_assert_eq!(
            index.bearing_any(&wanted[..1]).ids,
            matching(model, |_, tags| bears(tags, &wanted[0]))
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_edited_a_search_finds_what_a_look_at_every_title_finds(
        edits in prop::collection::vec(edit(), 0..40),
        at_once in 0..40_usize,
        terms in prop::collection::vec(prop_oneof![TAG, "[abßé七 ]{0,4}"], 2..8),
    ) {
        let mut model = Model::new();
        let mut edits = edits.into_iter();
        for edit in edits.by_ref().take(at_once) {
            apply(&mut model, edit);
        }
        let mut filling = Filling::new(0);
        for (n, (name, tags)) in &model {
            filling.put(id(*n), name, &tags.join("\n"));
        }
        let mut index = filling.finish();
        compare(&index, &model, &terms)?;

        for edit in edits {
            match &edit {
                Edit::Put(n, name, tags) => {
                    index.put(id(*n), name, tags.iter().map(String::as_str));
                }
                Edit::Removed(n) => index.remove(&id(*n)),
            }
            apply(&mut model, edit);
            compare(&index, &model, &terms)?;
        }
        for n in 0..12 {
            index.remove(&id(n));
        }
        prop_assert_eq!(index.text(), 0, "nothing is left behind");
        prop_assert!(index.is_bare());
    }
}

fn apply(model: &mut Model, edit: Edit) {
    match edit {
        Edit::Put(n, name, tags) => {
            model.insert(n, (name, tags));
        }
        Edit::Removed(n) => {
            model.remove(&n);
        }
    }
}

#[test]
fn a_hundred_thousand_titles_of_one_name_are_entered_and_taken_out_again_one_by_one() {
    let mut index = Index::default();
    let ids: Vec<_> = (0..100_000)
        .map(|n| Id::parse(&format!("{n:064x}")).expect("an id"))
        .collect();
    for id in &ids {
        index.put(*id, "a", std::iter::empty());
    }
    let found = index.named("a");
    assert!(found.cut);
    for id in &ids {
        index.remove(id);
    }
    assert!(index.named("a").ids.is_empty());
}
