//! Titles: created once, kept for ever, bounded in number.

use iceflix_catalog::store::{Discovered, Error};

use crate::place::{Place, exact, id, name, on_both, rename, tag, tags, title};

on_both!(
    a_title_is_created_once_and_keeps_its_name_and_tags_for_ever,
    any_letters_but_control_characters_are_kept_as_they_are,
    a_renamed_title_is_found_by_its_new_name_alone,
    editing_an_unknown_title_says_which,
    no_more_titles_are_created_than_there_is_room_for,
    thousands_of_titles_are_read_again_as_they_were_written,
);

async fn a_title_is_created_once_and_keeps_its_name_and_tags_for_ever(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    rename(&catalog, 0, "Alien (1979)").await;
    tag(&catalog, 0, &["space", "Horror"]).await;
    let again = [
        (id(0), name("Alien")),
        (id(1), name("Brazil")),
        (id(1), name("Brasil")),
    ];
    let discovered = catalog.discovered(&again).await.expect("discovered");
    assert_eq!((discovered.created, discovered.refused), (1, 0));
    catalog.close().await;

    let catalog = place.open().await;
    let first = title(&catalog, 0).await;
    assert_eq!(first.name, "Alien (1979)");
    assert_eq!(first.tags, ["space", "Horror"]);
    let second = title(&catalog, 1).await;
    assert_eq!((second.name.as_str(), second.tags.len()), ("Brazil", 0));
    assert!(catalog.get(&id(2)).await.expect("the database").is_none());
    assert_eq!(catalog.count().await.expect("the database"), 2);
}

async fn any_letters_but_control_characters_are_kept_as_they_are(place: Place) {
    let names = [
        " 1 2 3 ",
        "'; DROP TABLE titles; --",
        "七人の侍",
        "100 %_\\ \"$1\"",
        "🎬",
        "e\u{301}",
    ];
    let catalog = place.with(&names).await;
    for n in 0..names.len() {
        tag(&catalog, n, &names).await;
    }
    let reopened = place.open().await;
    for catalog in [&catalog, &reopened] {
        for (n, name) in names.iter().enumerate() {
            let title = title(catalog, n).await;
            assert_eq!(title.name, *name);
            assert_eq!(title.tags, names.map(str::trim));
        }
    }
}

async fn a_renamed_title_is_found_by_its_new_name_alone(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    rename(&catalog, 0, "Aliens").await;
    assert_eq!(exact(&catalog, "ALIENS").await, [0]);
    assert!(exact(&catalog, "alien").await.is_empty());
}

async fn editing_an_unknown_title_says_which(place: Place) {
    let catalog = place.open().await;
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

async fn no_more_titles_are_created_than_there_is_room_for(place: Place) {
    let catalog = place.open().await.with_most_titles(3);
    let titles: Vec<_> = (0..5).map(|n| (id(n), name("a"))).collect();
    let discovered = catalog.discovered(&titles).await.expect("the database");
    let expected = Discovered {
        created: 3,
        refused: 2,
    };
    assert_eq!(discovered, expected);
    let discovered = catalog.discovered(&titles).await.expect("the database");
    assert_eq!((discovered.created, discovered.refused), (0, 2));
    assert_eq!(catalog.count().await.expect("the database"), 3);
    rename(&catalog, 2, "b").await;
}

async fn thousands_of_titles_are_read_again_as_they_were_written(place: Place) {
    const TITLES: usize = 3_500;
    let titles: Vec<_> = (0..TITLES)
        .map(|n| (id(n), name(&format!("{n} é {}", "x".repeat(n % 300)))))
        .collect();
    let catalog = place.open().await;
    catalog.discovered(&titles).await.expect("created");
    tag(&catalog, TITLES - 1, &["last"]).await;

    let reopened = place.open().await;
    assert_eq!(reopened.count().await.expect("a count"), TITLES as u64);
    for (n, (_, name)) in titles.iter().enumerate() {
        assert_eq!(title(&reopened, n).await.name, name.as_str());
    }
    assert_eq!(title(&reopened, TITLES - 1).await.tags, ["last"]);
}
