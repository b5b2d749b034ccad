//! Databases on a real PostgreSQL server: opening, sharing, errors that say what to do, and a server that is killed,
//! restarted or hangs.

mod films;

use std::time::{Duration, Instant};

use iceflix_database::{Database, Durability, Edit, Engine, Error, Kind, Location, Schema, Step};
use iceflix_testkit::Postgres;
use iceflix_testkit::postgres::{ADMINISTRATOR, PASSWORD};
use sqlx::{AnyConnection, Connection, Executor};

use films::{NEW, OLD, insert};

const OTHER: Schema = Schema {
    name: "halls",
    steps: &[Step {
        version: 1,
        name: "halls",
        sqlite: "",
        postgres: "CREATE TABLE halls (name TEXT PRIMARY KEY)",
    }],
};

/// More than a hanging server may cost a caller, on a busy machine.
const SOON: Duration = Duration::from_secs(10);

async fn open_as(url: &str, schema: &Schema) -> Result<Database, Error> {
    let location: Location = url.parse().expect("a location");
    Database::open(&location, schema, Durability::Process).await
}

async fn open(url: &str) -> Database {
    open_as(url, &NEW).await.expect("a database")
}

/// Why a database cannot be opened; nothing of it may show the password.
async fn refused(url: &str) -> Kind {
    let error = open_as(url, &NEW).await.expect_err("it cannot be opened");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(PASSWORD), "{shown}");
    error.kind()
}

async fn add(films: &Database, name: &str) -> Result<(), Error> {
    let mut edit = films.write().await?;
    insert(&mut edit, name)
        .await
        .map_err(films.failed("adding a film"))?;
    films.commit(edit).await
}

async fn count(films: &Database) -> Result<i64, Error> {
    sqlx::query_scalar("SELECT count(*) FROM films")
        .fetch_one(films.read())
        .await
        .map_err(films.failed("counting films"))
}

#[tokio::test]
async fn what_was_committed_is_there_and_what_was_not_is_gone() {
    let films = open(&Postgres::shared().database()).await;
    assert_eq!(films.engine(), Engine::Postgres);
    add(&films, "Alien").await.expect("added");
    let mut edit = films.write().await.expect("an edit");
    insert(&mut edit, "Brazil").await.expect("a row");
    drop(edit);
    assert_eq!(count(&films).await.expect("a count"), 1);
    films.ping().await.expect("it can be read");
    films.close().await;
    assert!(films.ping().await.is_err());
}

#[tokio::test]
async fn a_unix_socket_does_as_well() {
    let server = Postgres::shared();
    let url = server.database();
    let name = url.rsplit('/').next().expect("a name");
    add(&open(&server.socket_url(name)).await, "Alien")
        .await
        .expect("added");
    assert_eq!(count(&open(&url).await).await.expect("a count"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_an_empty_database_at_once() {
    let url = Postgres::shared().database();
    let opened = (0..8).map(|n| {
        let url = url.clone();
        tokio::spawn(async move {
            let films = open(&url).await;
            add(&films, &n.to_string()).await.expect("added");
            films.close().await;
        })
    });
    for one in opened.collect::<Vec<_>>() {
        one.await.expect("opened and written");
    }
    assert_eq!(count(&open(&url).await).await.expect("a count"), 8);
}

#[tokio::test]
async fn an_old_database_is_brought_up_to_date_and_a_newer_one_is_left_alone() {
    let url = Postgres::shared().database();
    let old = open_as(&url, &OLD).await.expect("the old schema");
    add(&old, "Alien").await.expect("added");
    assert_eq!(count(&open(&url).await).await.expect("a count"), 1);
    let error = open_as(&url, &OLD).await.expect_err("it is newer");
    assert_eq!(error.kind(), Kind::OtherVersion);
}

#[tokio::test]
async fn a_step_that_another_instance_takes_is_waited_for() {
    let url = Postgres::shared().database();
    // As an instance does that is at work on the schema.
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&url).await.expect("a connection");
    for statement in ["BEGIN", "SELECT pg_advisory_xact_lock(7016996765293437281)"] {
        other.execute(statement).await.expect("executed");
    }
    let mut opening = tokio::spawn(async move { open(&url).await });
    let soon = tokio::time::timeout(Duration::from_millis(300), &mut opening);
    assert!(soon.await.is_err(), "it did not wait");
    other.execute("COMMIT").await.expect("done");
    let films = opening.await.expect("opened");
    add(&films, "Alien").await.expect("added");
}

#[tokio::test]
async fn two_schemas_share_a_database() {
    let url = Postgres::shared().database();
    add(&open(&url).await, "Alien").await.expect("added");
    open_as(&url, &OTHER)
        .await
        .expect("another schema beside it");
    assert_eq!(count(&open(&url).await).await.expect("a count"), 1);
}

#[tokio::test]
async fn what_keeps_a_database_from_being_opened_has_a_kind_of_its_own() {
    let server = Postgres::shared();
    let url = server.database();
    assert_eq!(refused(&url.replace(PASSWORD, "wrong")).await, Kind::Login);
    assert_eq!(refused(&server.url("nowhere")).await, Kind::Missing);
    assert_eq!(
        refused("postgres://ana@127.0.0.1:1/films").await,
        Kind::Away
    );
    assert_eq!(refused("postgres:///films?host=/nowhere").await, Kind::Away);
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let elsewhere = stranger.local_addr().expect("an address");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = stranger.accept() {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = open_as(&format!("postgres://ana@{elsewhere}/films"), &NEW).await;
    let error = error.expect_err("no server");
    assert!(!error.is_away(), "nothing to wait for: {error:?}");
    assert_eq!(refused(&format!("{url}?sslmode=require")).await, Kind::Tls);

    server.sql(&url, "CREATE ROLE guest LOGIN PASSWORD 'guest'");
    let guest = url.replace(&format!("{ADMINISTRATOR}:{PASSWORD}"), "guest:guest");
    assert_eq!(refused(&guest).await, Kind::Rights);
    server.sql(&url, "ALTER ROLE guest CONNECTION LIMIT 0");
    assert_eq!(refused(&guest).await, Kind::Crowded);
}

#[tokio::test]
async fn a_server_that_only_reads_says_so() {
    let server = Postgres::shared();
    let url = server.database();
    let films = open(&url).await;
    let mut edit = films.write().await.expect("an edit");
    sqlx::query("SET TRANSACTION READ ONLY")
        .execute(&mut *edit)
        .await
        .expect("set");
    let error = insert(&mut edit, "Alien").await;
    let error = error.map_err(films.failed("adding a film"));
    assert_eq!(error.expect_err("read-only").kind(), Kind::ReadOnly);

    let name = url.rsplit('/').next().expect("a name");
    let only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    server.sql(&url, &only);
    assert_eq!(refused(&url).await, Kind::ReadOnly);
}

#[tokio::test]
async fn a_lock_of_another_is_waited_for_in_vain_and_no_longer_than_one_should() {
    let url = Postgres::shared().database();
    let films = open(&url).await;
    // An administrator at a prompt: of services, the server ends transactions that say nothing.
    let mut other = AnyConnection::connect(&url).await.expect("a connection");
    for statement in ["BEGIN", "INSERT INTO films (name) VALUES ('Alien')"] {
        other.execute(statement).await.expect("executed");
    }

    let started = Instant::now();
    let error = add(&films, "Alien").await.expect_err("in vain");
    assert_eq!(error.kind(), Kind::Locked, "{error:?}");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    other.execute("ROLLBACK").await.expect("let go");
    add(&films, "Alien").await.expect("added");
}

#[tokio::test]
async fn an_edit_that_says_nothing_for_long_is_given_up_and_holds_nobody_up() {
    let films = open(&Postgres::shared().database()).await;
    let mut edit = films.write().await.expect("an edit");
    insert(&mut edit, "Alien").await.expect("a row");
    add(&films, "Alien").await.expect("the other was given up");
    let late = insert(&mut edit, "Brazil").await;
    let error = late.map_err(films.failed("adding a film"));
    let error = error.expect_err("it was given up");
    assert!(error.is_passing(), "{error:?}");
    drop(edit);
    assert_eq!(count(&films).await.expect("a count"), 1);
}

/// An error as those of the services are.
#[derive(Debug, thiserror::Error)]
enum Transparent {
    #[error(transparent)]
    Database(#[from] Error),
}

#[tokio::test]
async fn of_two_edits_in_each_others_way_both_are_made_in_the_end() {
    let films = open(&Postgres::shared().database()).await;
    for name in ["Alien", "Brazil"] {
        add(&films, name).await.expect("added");
    }
    let barrier = tokio::sync::Barrier::new(2);
    let both = async |first: &str, second: &str| {
        let met = std::sync::atomic::AtomicBool::new(false);
        films
            .again(|| async {
                let failed = films.failed("dating a film");
                let mut edit = films.write().await?;
                date(&mut edit, first).await.map_err(&failed)?;
                if !met.swap(true, std::sync::atomic::Ordering::Relaxed) {
                    barrier.wait().await;
                }
                date(&mut edit, second).await.map_err(&failed)?;
                films.commit(edit).await?;
                Ok::<_, Transparent>(())
            })
            .await
    };
    let (one, other) = tokio::join!(both("Alien", "Brazil"), both("Brazil", "Alien"));
    one.expect("made");
    other.expect("made");
    let years: i64 = sqlx::query_scalar("SELECT CAST(sum(year) AS BIGINT) FROM films")
        .fetch_one(films.read())
        .await
        .expect("a sum");
    assert_eq!(years, 4);
}

async fn date(edit: &mut Edit, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE films SET year = year + 1 WHERE name = $1")
        .bind(name.to_owned())
        .execute(&mut **edit)
        .await
        .map(drop)
}

#[tokio::test]
async fn whoever_gives_up_leaves_no_transaction_behind() {
    let server = Postgres::shared();
    let url = server.database();
    let films = open(&url).await;
    for _ in 0..20 {
        let abandoned = async {
            let mut edit = films.write().await.expect("an edit");
            insert(&mut edit, "Alien").await.expect("a row");
            sqlx::query("SELECT pg_sleep(60)")
                .execute(&mut *edit)
                .await
                .expect("nobody waits for that");
        };
        let abandoned = tokio::time::timeout(Duration::from_millis(20), abandoned).await;
        assert!(abandoned.is_err());
    }
    // Whoever waits for one of them waits for its lock.
    add(&films, "Alien").await.expect("nobody holds it");
    assert_eq!(count(&films).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_server_that_was_killed_and_started_again_fails_no_call() {
    let mut server = Postgres::start();
    let films = open(&server.database()).await;
    for n in 0..3 {
        // Several connections that will be dead.
        let edits = tokio::join!(films.write(), films.write(), films.write());
        let (_one, _other, _third) = (
            edits.0.expect("1"),
            edits.1.expect("2"),
            edits.2.expect("3"),
        );
        add(&films, &n.to_string()).await.expect("added");
        server.restart();
    }
    assert_eq!(count(&films).await.expect("a count"), 3);
    assert_eq!(count(&films).await.expect("a count"), 3);
    add(&films, "last").await.expect("added");
}

#[tokio::test]
async fn a_server_that_is_away_is_an_error_in_time_and_no_more_when_it_is_back() {
    let mut server = Postgres::start();
    let films = open(&server.database()).await;
    add(&films, "Alien").await.expect("added");
    server.kill();
    let started = Instant::now();
    let error = count(&films).await.expect_err("it is away");
    assert_eq!(error.kind(), Kind::Away, "{error:?}");
    assert!(error.is_away() && !error.is_passing(), "{error:?}");
    let pinged = Instant::now();
    assert_eq!(films.ping().await.expect_err("away").kind(), Kind::Away);
    let waited = pinged.elapsed();
    assert!(waited < started.elapsed() / 2, "known by now: {waited:?}");
    assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    server.restart();
    assert_eq!(count(&films).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_server_that_hangs_costs_an_error_and_not_the_caller() {
    let server = Postgres::start();
    let films = open(&server.database()).await;
    let mut edit = films.write().await.expect("an edit");
    insert(&mut edit, "Alien").await.expect("a row");
    count(&films).await.expect("a count");
    server.suspend();

    let started = Instant::now();
    let (read, written, in_the_middle) = tokio::join!(
        count(&films),
        add(&films, "Brazil"),
        insert(&mut edit, "Casablanca")
    );
    assert_eq!(read.expect_err("no answer").kind(), Kind::Slow);
    assert_eq!(written.expect_err("no answer").kind(), Kind::Slow);
    let error = in_the_middle.map_err(films.failed("adding a film"));
    assert_eq!(error.expect_err("no answer").kind(), Kind::Slow);
    drop(edit);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());

    let closing = Instant::now();
    films.close().await;
    assert!(closing.elapsed() < SOON, "{:?}", closing.elapsed());
    server.resume();
    let films = open(&server.url("test0")).await;
    assert_eq!(count(&films).await.expect("a count"), 0);
}
