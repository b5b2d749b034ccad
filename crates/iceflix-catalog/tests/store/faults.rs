//! Databases that fail, and work again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iceflix_catalog::store::{Catalog, Clock, Error};
use iceflix_database::Kind;
use iceflix_testkit::Postgres;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::place::{Place, all, exact, id, name, part, rename, tag, tags, title};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_under_edits_and_started_again_loses_none_that_was_acknowledged() {
    let mut server = Postgres::start();
    let place = Place::at(server.database());
    let catalogs = [place.with(&["Alien", "Brazil"]).await, place.open().await];
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let editors: Vec<_> = catalogs
        .iter()
        .enumerate()
        .map(|(which, catalog)| {
            let (catalog, acknowledged) = (catalog.clone(), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                let mut kept = Vec::new();
                for n in 0..300 {
                    let text = format!("{which} {n}");
                    if catalog.add_tags(&id(which), &tags(&[&text])).await.is_ok() {
                        kept.push(text);
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                }
                kept
            })
        })
        .collect();
    let started = Instant::now();
    while acknowledged.load(Ordering::Relaxed) < 50 {
        assert!(started.elapsed() < PATIENCE, "no edits");
        tokio::task::yield_now().await;
    }
    let server = tokio::task::spawn_blocking(move || {
        server.kill();
        server.restart();
        server
    });
    let _server = server.await.expect("restarted");
    for (which, editor) in editors.into_iter().enumerate() {
        let kept = editor.await.expect("an editor");
        assert!(!kept.is_empty());
        for catalog in &catalogs {
            let borne = title(catalog, which).await.tags;
            let lost: Vec<_> = kept.iter().filter(|tag| !borne.contains(tag)).collect();
            assert!(lost.is_empty(), "{lost:?}");
        }
    }
    rename(&catalogs[0], 0, "Aliens").await;
    assert_eq!(exact(&catalogs[1], "aliens").await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_served_for_half_a_minute_without_a_server_and_edits_are_refused() {
    let mut server = Postgres::start();
    let place = Place::at(server.database());
    place.with(&["Alien"]).await;
    let clock = Arc::new(Hand::default());
    let catalog = Catalog::open_with_clock(&place.location, clock.clone()).await;
    let catalog = catalog.expect("a catalogue");
    tag(&catalog, 0, &["space"]).await;
    assert_eq!(all(&catalog, &["space"]).await, [0]);

    server.suspend();
    let started = Instant::now();
    assert_eq!(title(&catalog, 0).await.name, "Alien");
    assert!(started.elapsed() < Duration::from_secs(4), "about a second");
    for _ in 0..100 {
        assert_eq!(part(&catalog, "ali").await, [0]);
    }
    let error = catalog.rename(&id(0), &name("Aliens")).await;
    let error = error.expect_err("nobody there");
    assert!(matches!(&error, Error::Database(_)), "{error:?}");
    assert!(catalog.ping().await.is_err());

    server.resume();
    let started = Instant::now();
    while catalog.rename(&id(0), &name("Alien again")).await.is_err() {
        assert!(started.elapsed() < PATIENCE);
    }
    assert_eq!(exact(&catalog, "alien again").await, [0]);
    catalog.ping().await.expect("in step");

    server.kill();
    assert!(catalog.ping().await.is_err());
    clock.turn(Duration::from_secs(15));
    assert_eq!(part(&catalog, "again").await, [0]);
    clock.turn(Duration::from_secs(16));
    let error = catalog.by_name("again", false).await;
    let error = error.expect_err("nobody knows who has edited it since");
    assert!(matches!(&error, Error::OutOfStep { .. }), "{error:?}");
    server.restart();
    let started = Instant::now();
    while catalog.by_name("again", false).await.is_err() {
        assert!(started.elapsed() < PATIENCE);
    }
    assert_eq!(part(&catalog, "again").await, [0]);
}

/// A clock that goes as all do, and can be turned forward.
#[derive(Debug, Default)]
struct Hand(Mutex<Duration>);

impl Hand {
    fn turn(&self, by: Duration) {
        *self.0.lock().expect("the hand") += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::now() + *self.0.lock().expect("the hand")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_keeps_locked_can_be_read_and_not_edited() {
    let place = Place::file();
    let catalog = place.with(&["Alien"]).await;
    let mut stranger = place.stranger().await;
    stranger.execute("BEGIN EXCLUSIVE").await.expect("locked");
    let edit = format!("UPDATE titles SET name = 'Aliens' WHERE id = '{}'", id(0));
    stranger.execute(AssertSqlSafe(edit)).await.expect("edited");

    assert_eq!(exact(&catalog, "alien").await, [0], "what is committed");
    let error = catalog.rename(&id(0), &name("Brazil")).await;
    match error.expect_err("locked") {
        Error::Database(error) => assert_eq!(error.kind(), Kind::Locked, "{error}"),
        other => panic!("{other}"),
    }
    stranger.execute("COMMIT").await.expect("committed");
    assert_eq!(exact(&catalog, "aliens").await, [0]);
    rename(&catalog, 0, "Brazil").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_that_fail_half_way_are_entered_all_or_none() {
    let place = Place::file();
    let catalog = place.with(&["Alien"]).await;
    place
        .edit_from_outside(
            "CREATE TRIGGER half_way AFTER INSERT ON titles WHEN (SELECT count(*) FROM titles) > 150 \
             BEGIN SELECT RAISE(ABORT, 'no further'); END",
        )
        .await;
    let many: Vec<_> = (0..300).map(|n| (id(n), name("many"))).collect();
    catalog.discovered(&many).await.expect_err("refused");
    assert_eq!(part(&catalog, "").await, [0]);
    place.edit_from_outside("DROP TRIGGER half_way").await;
    let discovered = catalog.discovered(&many).await.expect("entered");
    assert_eq!(discovered.created, 299);
    assert_eq!(part(&catalog, "many").await.len(), 299);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_gone_is_an_error_and_not_an_empty_catalogue() {
    let place = Place::file();
    let catalog = place.with(&["Alien"]).await;
    place
        .edit_from_outside("ALTER TABLE titles RENAME TO elsewhere")
        .await;
    catalog
        .rename(&id(0), &name("Aliens"))
        .await
        .expect_err("no table");
    place
        .edit_from_outside("ALTER TABLE elsewhere RENAME TO titles")
        .await;
    rename(&catalog, 0, "Aliens").await;
    assert_eq!(exact(&catalog, "aliens").await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_given_up_is_not_made_later() {
    let place = Place::file();
    let catalog = place.with(&["Alien"]).await;
    let mut stranger = place.stranger().await;
    stranger.execute("BEGIN IMMEDIATE").await.expect("locked");
    for _ in 0..3 {
        let (id, late) = (id(0), name("late"));
        let edit = catalog.rename(&id, &late);
        let edited = tokio::time::timeout(Duration::from_millis(300), edit).await;
        assert!(edited.is_err(), "it waits for the lock");
    }
    stranger.execute("COMMIT").await.expect("released");
    rename(&catalog, 0, "Aliens").await;
    // Whatever was still under way is behind this one.
    tag(&catalog, 0, &["space"]).await;
    assert_eq!(title(&catalog, 0).await.name, "Aliens");
}
