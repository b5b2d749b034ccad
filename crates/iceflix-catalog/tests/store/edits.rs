//! Edits of tags.

use iceflix_catalog::store::Error;
use iceflix_catalog::store::tag::{BadTag, Tag, parse_all};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::place::{Place, id, on_both, tag, tags, title, untag};

on_both!(
    a_tag_too_many_is_refused_and_nothing_is_added,
    tags_that_are_not_borne_are_removed_without_ado,
    tags_are_a_set_in_the_order_of_first_adding,
);

async fn a_tag_too_many_is_refused_and_nothing_is_added(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    let many: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    let many = parse_all(&many).expect("tags");
    catalog.add_tags(&id(0), &many).await.expect("tagged");
    tag(&catalog, 0, &["7"]).await;
    untag(&catalog, 0, &["7"]).await;

    let error = catalog
        .add_tags(&id(0), &tags(&["one", "two"]))
        .await
        .expect_err("too many");
    assert!(matches!(error, Error::Tag(BadTag::TooMany)), "{error}");
    let title = title(&catalog, 0).await;
    assert_eq!(title.tags.len(), 999);
    assert_eq!(title.tags.last().map(String::as_str), Some("999"));
}

async fn tags_that_are_not_borne_are_removed_without_ado(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    untag(&catalog, 0, &["space"]).await;
    tag(&catalog, 0, &["Space", "horror"]).await;
    untag(&catalog, 0, &["SPACE", "western"]).await;
    tag(&catalog, 0, &["space"]).await;
    assert_eq!(title(&catalog, 0).await.tags, ["horror", "space"]);
}

async fn tags_are_a_set_in_the_order_of_first_adding(place: Place) {
    let catalog = place.with(&["Alien"; 12]).await;
    let some_tags = prop::collection::vec("[aAbBß]{1,2}", 0..4);
    let edits = prop::collection::vec((any::<bool>(), some_tags), 0..8);
    let mut runner = TestRunner::deterministic();
    for n in 0..12 {
        let edits: Vec<(bool, Vec<String>)> = edits.new_tree(&mut runner).expect("edits").current();
        let mut expected: Vec<Tag> = Vec::new();
        for (add, texts) in edits {
            let tags = parse_all(&texts).expect("good tags");
            if add {
                catalog.add_tags(&id(n), &tags).await.expect("added");
                for tag in tags {
                    if !expected.contains(&tag) {
                        expected.push(tag);
                    }
                }
            } else {
                catalog.remove_tags(&id(n), &tags).await.expect("removed");
                expected.retain(|tag| !tags.contains(tag));
            }
        }
        let expected: Vec<_> = expected.iter().map(Tag::as_str).collect();
        assert_eq!(title(&catalog, n).await.tags, expected);
    }
}
