//! Databases in real files: who may read them, what is kept, and what is said about broken ones.

mod films;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use iceflix_database::{Database, Durability, Error, Kind, Location, Schema};

use films::{NEW, OLD, insert};

async fn open(path: &Path) -> Result<Database, Error> {
    Database::open(&Location::file(path), &NEW, Durability::Disk).await
}

async fn add(films: &Database, name: &str) {
    let mut edit = films.write().await.expect("an edit");
    insert(&mut edit, name).await.expect("a row");
    films.commit(edit).await.expect("committed");
}

async fn count(films: &Database) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM films")
        .fetch_one(films.read())
        .await
        .expect("a count")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_made_belongs_to_this_user_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("new/deep/films.sqlite");
    let films = open(&path).await.expect("a database");
    add(&films, "Alien").await;

    assert_eq!(mode(&dir.path().join("new")), 0o700);
    assert_eq!(mode(&dir.path().join("new/deep")), 0o700);
    for file in fs::read_dir(dir.path().join("new/deep")).expect("a listing") {
        let file = file.expect("an entry").path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening_and_what_was_not_is_gone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("films.sqlite");
    let films = open(&path).await.expect("a database");
    add(&films, "Alien").await;
    let mut edit = films.write().await.expect("an edit");
    insert(&mut edit, "Brazil").await.expect("a row");
    drop(edit);
    films.close().await;

    assert_eq!(count(&open(&path).await.expect("a database")).await, 1);
}

#[tokio::test]
async fn no_letter_of_a_path_means_anything() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("a b/100%?mode=ro#c&d:é.sqlite");
    add(&open(&path).await.expect("a database"), "Alien").await;
    assert!(path.is_file());
}

#[tokio::test]
async fn an_old_database_is_brought_up_to_date_and_a_newer_one_is_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let location = Location::file(dir.path().join("films.sqlite"));
    let open = async |schema: &Schema| Database::open(&location, schema, Durability::Disk).await;

    add(&open(&OLD).await.expect("the old schema"), "Alien").await;
    assert_eq!(count(&open(&NEW).await.expect("the new schema")).await, 1);

    let error = open(&OLD).await.expect_err("it is newer");
    assert_eq!(error.kind(), Kind::OtherVersion);
    assert!(error.to_string().contains("films.sqlite"), "{error}");
}

#[tokio::test]
async fn a_file_whose_steps_stand_where_they_stood_at_first_is_opened_with_all_that_it_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let location = Location::file(dir.path().join("films.sqlite"));
    let films = Database::open(&location, &OLD, Durability::Disk)
        .await
        .expect("the old schema");
    add(&films, "Alien").await;
    let mut edit = films.write().await.expect("an edit");
    sqlx::query("ALTER TABLE schema_of_films RENAME TO _sqlx_migrations")
        .execute(&mut *edit)
        .await
        .expect("as it was");
    films.commit(edit).await.expect("committed");
    films.close().await;

    for _ in 0..2 {
        let films = Database::open(&location, &NEW, Durability::Disk)
            .await
            .expect("the new schema");
        assert_eq!(count(&films).await, 1);
        films.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_database_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("films.sqlite");
    let opened = (0..8).map(|n| {
        let path = path.clone();
        tokio::spawn(async move {
            let films = open(&path).await.expect("a database");
            add(&films, &n.to_string()).await;
        })
    });
    for one in opened.collect::<Vec<_>>() {
        one.await.expect("opened and written");
    }
    assert_eq!(count(&open(&path).await.expect("a database")).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_another_instance_takes_is_waited_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("films.sqlite");
    let other = Database::open(&Location::file(&path), &OLD, Durability::Disk).await;
    let other = other.expect("the old schema");
    let edit = other.write().await.expect("an edit");
    let mut opening = tokio::spawn(async move { open(&path).await.expect("a database") });
    let soon = tokio::time::timeout(std::time::Duration::from_millis(300), &mut opening);
    assert!(soon.await.is_err(), "it did not wait");
    other.commit(edit).await.expect("committed");
    add(&opening.await.expect("opened"), "Alien").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_waits_for_the_one_of_another_process() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("films.sqlite");
    let (one, other) = (
        open(&path).await.expect("one"),
        open(&path).await.expect("two"),
    );

    let mut edit = one.write().await.expect("an edit");
    insert(&mut edit, "Alien").await.expect("a row");
    let mut waiting = tokio::spawn(async move {
        add(&other, "Brazil").await;
        other
    });
    let soon = tokio::time::timeout(std::time::Duration::from_millis(100), &mut waiting);
    assert!(soon.await.is_err(), "it did not wait");
    one.commit(edit).await.expect("committed");
    assert_eq!(count(&waiting.await.expect("written")).await, 2);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_reported_by_name_and_left_as_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("notes.txt");
    let text = "Not a database at all. ".repeat(100);
    fs::write(&path, &text).expect("a text file");

    let error = open(&path).await.expect_err("no database");
    assert_eq!(error.kind(), Kind::Corrupt, "{error:?}");
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[tokio::test]
async fn a_damaged_database_is_reported_as_such() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("films.sqlite");
    let films = open(&path).await.expect("a database");
    add(&films, "Alien").await;
    films.close().await;
    let mut bytes = fs::read(&path).expect("the file");
    bytes[100..].fill(0xa5);
    fs::write(&path, bytes).expect("damaged");

    let error = open(&path).await.expect_err("damaged");
    assert_eq!(error.kind(), Kind::Corrupt, "{error:?}");
}

#[tokio::test]
async fn a_place_where_no_file_can_be_is_reported_by_name() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("file"), "").expect("a file");
    for path in [dir.path().join("file/films.sqlite"), dir.path().to_owned()] {
        let error = open(&path).await.expect_err("no place for a file");
        assert_eq!(error.kind(), Kind::Unreachable, "{error:?}");
        assert!(
            error.to_string().contains(&*path.to_string_lossy()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_full_database_says_so_and_keeps_what_it_had() {
    let dir = tempfile::tempdir().expect("a directory");
    let films = open(&dir.path().join("films.sqlite"))
        .await
        .expect("a database");
    add(&films, "Alien").await;

    let mut edit = films.write().await.expect("an edit");
    sqlx::query("PRAGMA max_page_count = 1")
        .execute(&mut *edit)
        .await
        .expect("a limit");
    let error = insert(&mut edit, &"x".repeat(1_000_000))
        .await
        .map_err(films.failed("adding a film"))
        .expect_err("no room");
    assert_eq!(error.kind(), Kind::Full, "{error:?}");
    drop(edit);
    assert_eq!(count(&films).await, 1);
}
