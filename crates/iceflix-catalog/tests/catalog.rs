//! The catalogue in a real database: what is kept, found, and refused.

use iceflix_catalog::store::tag::{BadTag, Tag, parse_all};
use iceflix_catalog::store::title::{Id, Name};
use iceflix_catalog::store::{Catalog, Error, Found, MOST_FOUND};
use iceflix_database::Location;
use proptest::prelude::*;
use tempfile::TempDir;

fn id(n: usize) -> Id {
    Id::parse(&format!("{n:064x}")).expect("an id")
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn tags(texts: &[&str]) -> Vec<Tag> {
    parse_all(&strings(texts)).expect("good tags")
}

async fn open(dir: &TempDir) -> Catalog {
    let location = Location::file(dir.path().join("titles.sqlite"));
    Catalog::open(&location).await.expect("a catalogue")
}

/// A catalogue of titles with these names; their ids are 0, 1, 2, ...
async fn with(names: &[&str]) -> (Catalog, TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let catalog = open(&dir).await;
    let titles: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, text)| (id(n), name(text)))
        .collect();
    catalog.discovered(&titles).await.expect("created");
    (catalog, dir)
}

/// The numbers of the titles that were found.
fn numbers(found: Result<Found, Error>) -> Vec<usize> {
    let found = found.expect("the database");
    assert!(!found.cut);
    let number = |id: &String| usize::from_str_radix(id, 16).expect("a number");
    found.ids.iter().map(number).collect()
}

async fn part(catalog: &Catalog, term: &str) -> Vec<usize> {
    numbers(catalog.by_name(term, false).await)
}

async fn exact(catalog: &Catalog, term: &str) -> Vec<usize> {
    numbers(catalog.by_name(term, true).await)
}

async fn all(catalog: &Catalog, tags: &[&str]) -> Vec<usize> {
    numbers(catalog.by_tags(&strings(tags), true).await)
}

async fn any_of(catalog: &Catalog, tags: &[&str]) -> Vec<usize> {
    numbers(catalog.by_tags(&strings(tags), false).await)
}

#[tokio::test]
async fn a_title_is_created_once_and_keeps_its_name_and_tags_for_ever() {
    let (catalog, dir) = with(&["Alien"]).await;
    catalog
        .rename(&id(0), &name("Alien (1979)"))
        .await
        .expect("renamed");
    catalog
        .add_tags(&id(0), &tags(&["space", "Horror"]))
        .await
        .expect("tagged");
    let again = [
        (id(0), name("Alien")),
        (id(1), name("Brazil")),
        (id(1), name("Brasil")),
    ];
    assert_eq!(catalog.discovered(&again).await.expect("discovered"), 1);
    catalog.close().await;

    let catalog = open(&dir).await;
    let title = catalog
        .get(&id(0))
        .await
        .expect("the database")
        .expect("a title");
    assert_eq!(title.name, "Alien (1979)");
    assert_eq!(title.tags, ["space", "Horror"]);
    let title = catalog
        .get(&id(1))
        .await
        .expect("the database")
        .expect("a title");
    assert_eq!((title.name.as_str(), title.tags.len()), ("Brazil", 0));
    assert!(catalog.get(&id(2)).await.expect("the database").is_none());
    assert_eq!(catalog.count().await.expect("the database"), 2);
}

#[tokio::test]
async fn a_renamed_title_is_found_by_its_new_name_alone() {
    let (catalog, _dir) = with(&["Alien"]).await;
    catalog
        .rename(&id(0), &name("Aliens"))
        .await
        .expect("renamed");
    assert_eq!(exact(&catalog, "ALIENS").await, [0]);
    assert!(exact(&catalog, "alien").await.is_empty());
}

#[tokio::test]
async fn editing_an_unknown_title_says_which() {
    let (catalog, _dir) = with(&[]).await;
    let edits = [
        catalog.rename(&id(7), &name("Alien")).await,
        catalog.add_tags(&id(7), &tags(&["space"])).await,
        catalog.remove_tags(&id(7), &tags(&["space"])).await,
    ];
    for edit in edits {
        let error = edit.expect_err("unknown");
        assert!(
            matches!(&error, Error::Unknown { id: unknown } if *unknown == id(7)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_name_is_found_without_letter_case_in_every_script() {
    let names = [
        "Die große Straße",
        "Οδός Ονείρων",
        "İstanbul",
        "Ame\u{301}lie",
        "БРАТ",
        "七人の侍",
    ];
    let (catalog, _dir) = with(&names).await;
    for (term, number) in [
        ("GROSSE STRASSE", 0),
        ("ΟΔΌΣ", 1),
        ("istanbul", 2),
        ("ISTANBUL", 2),
        ("AMÉLIE", 3),
        ("брат", 4),
        ("七人", 5),
    ] {
        assert_eq!(part(&catalog, term).await, [number], "{term}");
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(exact(&catalog, name).await, [number]);
        assert_eq!(
            exact(&catalog, &name.to_uppercase()).await,
            [number],
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_empty_term_is_a_part_of_every_name_and_no_name() {
    let (catalog, _dir) = with(&["b", "A", "c"]).await;
    assert_eq!(
        part(&catalog, "").await,
        [1, 0, 2],
        "by name, without letter case"
    );
    assert!(exact(&catalog, "").await.is_empty());
}

#[tokio::test]
async fn no_letter_of_a_term_means_anything() {
    let (catalog, _dir) = with(&["100% pure", "100 pure", "a_b", "axb", "c\\d", "it's"]).await;
    for (term, number) in [("0%", 0), ("a_b", 2), ("\\", 4), ("'", 5)] {
        assert_eq!(part(&catalog, term).await, [number], "{term}");
    }
    for term in [
        "%%",
        "_____________",
        "*",
        "\0",
        "\n",
        &"a".repeat(1 << 20),
        &"%".repeat(12_000),
    ] {
        assert!(part(&catalog, term).await.is_empty());
        assert!(exact(&catalog, term).await.is_empty());
    }
}

#[tokio::test]
async fn titles_are_found_by_all_or_any_of_their_tags() {
    let (catalog, _dir) = with(&["Alien", "Brazil", "Casablanca"]).await;
    catalog
        .add_tags(&id(0), &tags(&["space", "Drama"]))
        .await
        .expect("tagged");
    catalog
        .add_tags(&id(1), &tags(&["drama"]))
        .await
        .expect("tagged");

    assert_eq!(all(&catalog, &["drama"]).await, [0, 1]);
    assert_eq!(all(&catalog, &["DRAMA", " space ", "Space"]).await, [0]);
    assert!(all(&catalog, &["drama", "western"]).await.is_empty());
    assert_eq!(any_of(&catalog, &["space", "western"]).await, [0]);
    assert_eq!(any_of(&catalog, &["space", "DRAMA"]).await, [0, 1]);
    assert!(any_of(&catalog, &["western"]).await.is_empty());
}

#[tokio::test]
async fn no_tags_are_borne_by_all_and_what_is_no_tag_by_none() {
    let (catalog, _dir) = with(&["Alien", "Brazil"]).await;
    catalog
        .add_tags(&id(0), &tags(&["space"]))
        .await
        .expect("tagged");
    assert_eq!(all(&catalog, &[]).await, [0, 1]);
    assert!(any_of(&catalog, &[]).await.is_empty());
    for odd in ["", "\0", &"a".repeat(1 << 20)] {
        assert!(all(&catalog, &["space", odd]).await.is_empty());
        assert_eq!(any_of(&catalog, &["space", odd]).await, [0]);
    }
}

#[tokio::test]
async fn any_number_of_tags_may_be_looked_for() {
    let (catalog, _dir) = with(&["Alien", "Brazil"]).await;
    catalog
        .add_tags(&id(0), &tags(&["first"]))
        .await
        .expect("tagged");
    catalog
        .add_tags(&id(1), &tags(&["last"]))
        .await
        .expect("tagged");
    let mut many: Vec<_> = (0..3_000).map(|n| n.to_string()).collect();
    many.insert(0, "first".into());
    many.push("last".into());
    assert_eq!(numbers(catalog.by_tags(&many, false).await), [0, 1]);
    assert!(numbers(catalog.by_tags(&many, true).await).is_empty());
}

#[tokio::test]
async fn a_tag_too_many_is_refused_and_nothing_is_added() {
    let (catalog, _dir) = with(&["Alien"]).await;
    let many: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    catalog
        .add_tags(&id(0), &parse_all(&many).expect("tags"))
        .await
        .expect("tagged");
    catalog
        .add_tags(&id(0), &tags(&["7"]))
        .await
        .expect("known already");
    catalog
        .remove_tags(&id(0), &tags(&["7"]))
        .await
        .expect("removed");

    let error = catalog
        .add_tags(&id(0), &tags(&["one", "two"]))
        .await
        .expect_err("too many");
    assert!(matches!(error, Error::Tag(BadTag::TooMany)), "{error}");
    let title = catalog
        .get(&id(0))
        .await
        .expect("the database")
        .expect("a title");
    assert_eq!(title.tags.len(), 999);
    assert_eq!(title.tags.last().map(String::as_str), Some("999"));
}

#[tokio::test]
async fn a_result_is_cut_to_what_a_client_can_receive() {
    let dir = tempfile::tempdir().expect("a directory");
    let catalog = open(&dir).await;
    let title = |n| (id(n), name(&format!("{n:06}")));
    let most: Vec<_> = (0..MOST_FOUND).map(title).collect();
    catalog.discovered(&most).await.expect("created");
    assert_eq!(part(&catalog, "").await.len(), MOST_FOUND);

    catalog
        .discovered(&[title(MOST_FOUND)])
        .await
        .expect("created");
    let found = catalog.by_name("0", false).await.expect("the database");
    assert!(found.cut);
    let ids = most.iter().map(|(id, _)| id.to_string());
    assert_eq!(found.ids, ids.collect::<Vec<_>>());
    // As Ice encodes a sequence of strings: a size of five bytes, then a size of one byte for each.
    let bytes = 5 + found.ids.iter().map(|id| 1 + id.len()).sum::<usize>();
    assert!(bytes < 1_000_000, "{bytes}");
}

#[tokio::test]
async fn two_catalogues_on_one_database_see_each_others_edits_at_once() {
    let (one, dir) = with(&["Alien"]).await;
    let other = open(&dir).await;
    one.rename(&id(0), &name("Aliens")).await.expect("renamed");
    assert_eq!(exact(&other, "aliens").await, [0]);
    other
        .add_tags(&id(0), &tags(&["space"]))
        .await
        .expect("tagged");
    assert_eq!(all(&one, &["space"]).await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_at_the_same_time_lose_nothing() {
    let (catalog, dir) = with(&["Alien"]).await;
    let other = open(&dir).await;
    let edits = (0..20).map(|n| {
        let catalog = if n % 2 == 0 {
            catalog.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move {
            let tag = tags(&[&n.to_string()]);
            catalog.add_tags(&id(0), &tag).await.expect("tagged");
        })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.expect("an edit");
    }
    let title = catalog
        .get(&id(0))
        .await
        .expect("the database")
        .expect("a title");
    assert_eq!(title.tags.len(), 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn tags_in_the_database_are_a_set_in_the_order_of_first_adding(
        edits in prop::collection::vec((any::<bool>(), prop::collection::vec("[aAbBß]{1,2}", 0..4)), 0..8)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (catalog, _dir) = with(&["Alien"]).await;
            let mut expected: Vec<Tag> = Vec::new();
            for (add, texts) in edits {
                let tags = parse_all(&texts).expect("good tags");
                if add {
                    catalog.add_tags(&id(0), &tags).await.expect("added");
                    for tag in tags {
                        if !expected.contains(&tag) {
                            expected.push(tag);
                        }
                    }
                } else {
                    catalog.remove_tags(&id(0), &tags).await.expect("removed");
                    expected.retain(|tag| !tags.contains(tag));
                }
            }
            let title = catalog.get(&id(0)).await.expect("the database").expect("a title");
            let expected: Vec<_> = expected.iter().map(Tag::as_str).collect();
            prop_assert_eq!(title.tags, expected);
            Ok(())
        })?;
    }
}
