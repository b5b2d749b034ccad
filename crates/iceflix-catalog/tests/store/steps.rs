//! A database of an earlier version, brought up to date by a process that is killed on the way.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use iceflix_catalog::store::Catalog;
use iceflix_database::{Database, Durability, Engine, Schema, Step};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::place::{Place, all, exact, id, on_both, rename, title};

on_both!(a_step_that_a_kill_interrupted_is_taken_anew_and_loses_nothing);

/// The tables of before the revisions.
const BEFORE: Schema = Schema {
    name: "titles",
    steps: &[Step {
        version: 1,
        name: "titles and tags",
        sqlite: include_str!("../../migrations/0001-titles-and-tags.sqlite.sql"),
        postgres: include_str!("../../migrations/0001-titles-and-tags.postgres.sql"),
    }],
};

/// What makes the next step stop in its midst for a while, and undoes that.
const SLOW_FILE: [&str; 2] = [
    "CREATE TRIGGER slow AFTER UPDATE ON titles BEGIN \
     SELECT count(*) FROM (WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10000000000) \
     SELECT x FROM n); END",
    "DROP TRIGGER slow",
];
const SLOW_SERVER: [&str; 2] = [
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$; \
     CREATE TRIGGER slow AFTER UPDATE ON titles FOR EACH ROW EXECUTE FUNCTION slow()",
    "DROP TRIGGER slow ON titles",
];

/// Tells the process that is killed where the database is.
const LOCATION: &str = "ICEFLIX_TEST_LOCATION";

async fn a_step_that_a_kill_interrupted_is_taken_anew_and_loses_nothing(place: Place) {
    let before = Database::open(&place.location, &BEFORE, Durability::Disk).await;
    let before = before.expect("a database of before");
    let [slow, undo] = match before.engine() {
        Engine::Sqlite => SLOW_FILE,
        Engine::Postgres => SLOW_SERVER,
    };
    before.close().await;
    let titles = format!(
        "INSERT INTO titles (id, name, folded) VALUES ('{}', 'Alien', 'alien')",
        id(0)
    );
    let tags = "INSERT INTO tags (title, folded, tag, position) VALUES (1, 'space', 'Space', 1)";
    for statement in [&titles, tags, slow] {
        place.edit_from_outside(statement).await;
    }

    let mut opening = Opening::of(&place);
    let begun = Instant::now();
    while !is_in_a_step(&place).await {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not begin"
        );
        assert!(opening.0.try_wait().expect("a child").is_none(), "too fast");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    opening.0.kill().expect("killed");
    opening.0.wait().expect("its end");

    // What a server does for whoever is gone, it does to its end; then the lock of the table is free.
    undo_when_free(&place, undo).await;
    let catalog = place.open().await;
    assert_eq!(exact(&catalog, "alien").await, [0]);
    assert_eq!(all(&catalog, &["space"]).await, [0]);
    assert_eq!(title(&catalog, 0).await.tags, ["Space"]);
    rename(&catalog, 0, "Aliens").await;
}

/// Whether somebody holds what the step changes.
async fn is_in_a_step(place: &Place) -> bool {
    let mut stranger = place.stranger().await;
    let asked = match place.location.engine() {
        Engine::Sqlite => "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK",
        Engine::Postgres => "SET lock_timeout = 1; SELECT count(*) FROM titles",
    };
    stranger.execute(AssertSqlSafe(asked)).await.is_err()
}

async fn undo_when_free(place: &Place, undo: &str) {
    let begun = Instant::now();
    loop {
        let mut stranger = place.stranger().await;
        match stranger.execute(AssertSqlSafe(undo)).await {
            Ok(_) => return,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(60), "{error}"),
        }
    }
}

/// Another process that opens the catalogue; it ends with the test.
struct Opening(Child);

impl Opening {
    fn of(place: &Place) -> Self {
        let program = std::env::current_exe().expect("this program");
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(["--exact", "steps::opens", "--ignored"])
            .env(LOCATION, place.url())
            .spawn();
        Self(child.expect("a child"))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "is the process that another test kills"]
async fn opens() {
    let url = std::env::var(LOCATION).expect("a location");
    let location = url.trim_start_matches("sqlite:").parse();
    let opened = Catalog::open(&location.expect("a location")).await;
    opened.expect("a catalogue");
}
