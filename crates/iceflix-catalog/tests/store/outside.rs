//! What other programs do to the database: an administrator with `sqlite3` or `psql`, or an older version.

use iceflix_catalog::store::Catalog;
use iceflix_database::{Database, Durability, Schema, Step};

use crate::place::{Place, all, exact, id, name, on_both, part, rename, title};

on_both!(
    an_edit_of_another_program_is_seen_in_the_very_next_read,
    titles_that_another_program_adds_and_deletes_come_and_go,
    all_titles_may_change_at_once,
    more_titles_than_are_read_one_by_one_may_change_at_once,
    rows_that_bring_revisions_of_another_database_are_seen,
    what_another_program_writes_wrong_is_left_out_and_can_be_mended,
    a_database_that_was_put_back_is_read_anew,
    titles_and_tags_of_the_first_version_are_kept,
);

async fn an_edit_of_another_program_is_seen_in_the_very_next_read(place: Place) {
    let catalog = place.with(&["Alien", "Brazil"]).await;
    let one = format!("WHERE id = '{}'", id(1));
    place
        .edit_from_outside(&format!("UPDATE titles SET name = 'Brasil' {one}"))
        .await;
    assert_eq!(exact(&catalog, "brasil").await, [1]);
    place
        .edit_from_outside(&format!(
            "UPDATE titles SET tags = 'satire\nOffice\nOFFICE' {one}"
        ))
        .await;
    assert_eq!(all(&catalog, &["OFFICE", "satire"]).await, [1]);
    assert_eq!(title(&catalog, 1).await.tags, ["satire", "Office"]);
    // Who knows of revisions and who does not get along.
    rename(&catalog, 1, "Brazil (1985)").await;
    place
        .edit_from_outside(&format!("UPDATE titles SET tags = '' {one}"))
        .await;
    let title = title(&catalog, 1).await;
    assert_eq!(
        (title.name.as_str(), title.tags.len()),
        ("Brazil (1985)", 0)
    );
}

async fn titles_that_another_program_adds_and_deletes_come_and_go(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    let (old, new) = (id(0), id(1));
    let add = format!("INSERT INTO titles (id, name, tags) VALUES ('{new}', 'Brazil', 'satire')");
    place.edit_from_outside(&add).await;
    assert_eq!(all(&catalog, &["satire"]).await, [1]);
    place
        .edit_from_outside(&format!("DELETE FROM titles WHERE id = '{old}'"))
        .await;
    assert_eq!(part(&catalog, "").await, [1]);
    place
        .edit_from_outside(&format!(
            "UPDATE titles SET id = '{old}' WHERE id = '{new}'"
        ))
        .await;
    assert_eq!(part(&catalog, "").await, [0]);
    assert_eq!(title(&catalog, 0).await.name, "Brazil");
    place.edit_from_outside("DELETE FROM titles").await;
    assert!(part(&catalog, "").await.is_empty());
    place.edit_from_outside(&add).await;
    assert_eq!(part(&catalog, "").await, [1]);
    assert_eq!(catalog.count().await.expect("a count"), 1);
}

#[tokio::test]
async fn a_table_that_is_emptied_at_once_leaves_nothing() {
    let place = Place::server();
    let catalog = place.with(&["Alien", "Brazil"]).await;
    assert_eq!(part(&catalog, "").await, [0, 1]);
    place.edit_from_outside("TRUNCATE titles").await;
    assert!(part(&catalog, "").await.is_empty());
    let again = [(id(1), name("Brazil"))];
    assert_eq!(
        catalog.discovered(&again).await.expect("created").created,
        1
    );
    assert_eq!(part(&catalog, "").await, [1]);
}

async fn all_titles_may_change_at_once(place: Place) {
    let names: Vec<_> = (0..300).map(|n| format!("title {n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let catalog = place.with(&names).await;
    place
        .edit_from_outside("UPDATE titles SET name = 'new ' || name, tags = 'all'")
        .await;
    assert_eq!(all(&catalog, &["all"]).await.len(), 300);
    assert_eq!(part(&catalog, "new title").await.len(), 300);
    assert_eq!(exact(&catalog, "new title 299").await, [299]);
}

async fn more_titles_than_are_read_one_by_one_may_change_at_once(place: Place) {
    const TITLES: usize = 3_000;
    let catalog = place.open().await;
    let titles: Vec<_> = (0..TITLES).map(|n| (id(n), name(&n.to_string()))).collect();
    catalog.discovered(&titles).await.expect("created");
    let edit = "UPDATE titles SET name = 'new ' || name";
    place.edit_from_outside(edit).await;
    assert_eq!(exact(&catalog, "new 2999").await, [2_999]);
    assert!(exact(&catalog, "2999").await.is_empty());
    rename(&catalog, 0, "mine").await;
    assert_eq!(exact(&catalog, "mine").await, [0]);
}

async fn rows_that_bring_revisions_of_another_database_are_seen(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    assert_eq!(part(&catalog, "").await, [0]);
    for (n, revision) in [(1, 1), (2, 2), (3, 3), (4, 1_000_000), (5, -7)] {
        let (id, text) = (id(n), format!("copied {n}"));
        place
            .edit_from_outside(&format!(
                "INSERT INTO titles (id, name, revision) VALUES ('{id}', '{text}', {revision})"
            ))
            .await;
        assert_eq!(exact(&catalog, &text).await, [n]);
        let edit =
            format!("UPDATE titles SET name = 'x{n}', revision = {revision} WHERE id = '{id}'");
        place.edit_from_outside(&edit).await;
        assert_eq!(exact(&catalog, &format!("x{n}")).await, [n]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_end_no_reads() {
    let place = Place::file();
    let catalog = place.with(&["Alien", "Brazil"]).await;
    for column in ["name", "tags"] {
        let edit = format!(
            "UPDATE titles SET {column} = x'ff00' WHERE id = '{}'",
            id(1)
        );
        place.edit_from_outside(&edit).await;
        assert_eq!(part(&catalog, "").await, [0]);
    }
    place
        .edit_from_outside("INSERT INTO titles (id, name) VALUES (x'00ff', 'x')")
        .await;
    assert_eq!(part(&catalog, "").await, [0]);
    assert_eq!(part(&place.open().await, "").await, [0]);
    let mend = format!(
        "UPDATE titles SET name = 'Brazil', tags = '' WHERE id = '{}'",
        id(1)
    );
    place.edit_from_outside(&mend).await;
    assert_eq!(part(&catalog, "").await, [0, 1]);
}

async fn what_another_program_writes_wrong_is_left_out_and_can_be_mended(place: Place) {
    let catalog = place.with(&["Alien", "Brazil"]).await;
    let one = format!("WHERE id = '{}'", id(1));
    place
        .edit_from_outside("INSERT INTO titles (id, name) VALUES ('no media id', 'x'), ('', '')")
        .await;
    place
        .edit_from_outside(&format!(
            "UPDATE titles SET name = '', tags = '\n\n \n' {one}"
        ))
        .await;
    for catalog in [&catalog, &place.open().await] {
        assert_eq!(part(catalog, "").await, [0]);
        assert!(!catalog.knows(&id(1)).await.expect("the database"));
    }
    place
        .edit_from_outside(&format!("UPDATE titles SET name = 'Brazil' {one}"))
        .await;
    assert_eq!(part(&catalog, "").await, [0, 1]);
    assert!(title(&catalog, 1).await.tags.is_empty());
}

async fn a_database_that_was_put_back_is_read_anew(place: Place) {
    let catalog = place.with(&["Alien", "Brazil"]).await;
    rename(&catalog, 0, "Aliens").await;
    // As a backup of before the second title.
    place
        .edit_from_outside(
            "DELETE FROM titles WHERE name = 'Brazil'; UPDATE titles SET name = 'Alien'; \
             UPDATE titles_revision SET current = 1; UPDATE titles SET revision = 1; DELETE FROM titles_gone",
        )
        .await;
    assert_eq!(part(&catalog, "").await, [0]);
    assert_eq!(title(&catalog, 0).await.name, "Alien");
    rename(&catalog, 0, "Aliens").await;
    assert_eq!(exact(&catalog, "aliens").await, [0]);
}

async fn titles_and_tags_of_the_first_version_are_kept(place: Place) {
    const FIRST: Schema = Schema {
        name: "titles",
        steps: &[Step {
            version: 1,
            name: "titles and tags",
            sqlite: include_str!("../../migrations/0001-titles-and-tags.sqlite.sql"),
            postgres: include_str!("../../migrations/0001-titles-and-tags.postgres.sql"),
        }],
    };
    let first = Database::open(&place.location, &FIRST, Durability::Disk).await;
    first.expect("the first version").close().await;
    let (one, other) = (id(0), id(1));
    place
        .edit_from_outside(&format!(
            "INSERT INTO titles (id, name, folded) VALUES ('{one}', 'Alien', 'alien'), ('{other}', 'Straße', 'strasse'); \
             INSERT INTO tags (title, folded, tag, position) SELECT number, 'b', 'B', 1 FROM titles; \
             INSERT INTO tags (title, folded, tag, position) SELECT number, 'ä', 'Ä', 3 FROM titles; \
             INSERT INTO tags (title, folded, tag, position) SELECT number, 'c', 'c', 2 FROM titles WHERE name = 'Alien'"
        ))
        .await;
    let catalog: Catalog = place.open().await;
    assert_eq!(title(&catalog, 0).await.tags, ["B", "c", "Ä"]);
    assert_eq!(title(&catalog, 1).await.tags, ["B", "Ä"]);
    assert_eq!(exact(&catalog, "STRASSE").await, [1]);
    rename(&catalog, 1, "Brazil").await;
    assert_eq!(exact(&place.open().await, "brazil").await, [1]);
}
