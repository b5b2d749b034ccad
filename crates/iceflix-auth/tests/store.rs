//! The store on a real database: logins, tokens, and edits made beside a running service.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iceflix_auth::store::clock::System;
use iceflix_auth::store::token::Token;
use iceflix_auth::store::user::{Hash, Name};
use iceflix_auth::store::{Clock, Config, Error, Refusal, Rules, Store, Users};
use iceflix_database::Location;
use tempfile::TempDir;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A clock that stands still until it is turned.
#[derive(Debug)]
struct Hand(Mutex<Duration>);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Duration::from_secs(1_800_000_000))))
    }

    fn turn(&self, by: Duration) {
        *self.0.lock().expect("the hand") += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        *self.0.lock().expect("the hand")
    }
}

/// A database in a directory of its own, with its administrator.
struct Site {
    path: PathBuf,
    users: Users,
    _dir: TempDir,
}

impl Site {
    async fn with_users(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("users.sqlite");
        let users = Users::open(&Location::file(&path))
            .await
            .expect("the users");
        for user in names {
            users
                .add(&name(user), &Hash::of_password(user))
                .await
                .expect("added");
        }
        Self {
            path,
            users,
            _dir: dir,
        }
    }

    async fn service(&self, clock: Arc<dyn Clock>) -> Store {
        self.service_with(clock, Config::default()).await
    }

    async fn service_with(&self, clock: Arc<dyn Clock>, config: Config) -> Store {
        Store::open(&Location::file(&self.path), config, clock)
            .await
            .expect("a store")
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// The user hash of a password, as a client sends it.
fn sent(password: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(password))
}

/// Logs a user in whose password is the name.
async fn login(store: &Store, user: &str) -> Token {
    let login = store
        .login(user, &sent(user), HERE)
        .await
        .expect("the database");
    login.expect("right credentials")
}

async fn refused(store: &Store, user: &str, hash: &str) -> Refusal {
    let login = store.login(user, hash, HERE).await.expect("the database");
    login.expect_err("wrong credentials")
}

async fn valid(store: &Store, token: Token) -> bool {
    store
        .tokens()
        .is_valid(&token.to_string())
        .await
        .expect("the database")
}

/// What a service publishes next.
async fn published(store: &Store) -> Vec<Token> {
    store.tokens().ended().await.expect("the database");
    store.tokens().collect().await.expect("the database")
}

#[tokio::test]
async fn a_login_gives_a_token_that_lives_for_its_time_and_is_published_once() {
    let site = Site::with_users(&["ana"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let token = login(&store, "ana").await;
    assert!(valid(&store, token).await);
    let owner = store
        .tokens()
        .owner(&token.to_string())
        .await
        .expect("the database");
    assert_eq!(owner.as_deref(), Some("ana"));

    clock.turn(Duration::from_millis(29_999));
    assert!(valid(&store, token).await);
    assert!(
        store
            .tokens()
            .collect()
            .await
            .expect("the database")
            .is_empty()
    );

    clock.turn(Duration::from_millis(1));
    assert!(!valid(&store, token).await);
    assert_eq!(published(&store).await, [token]);
    assert!(
        store
            .tokens()
            .collect()
            .await
            .expect("the database")
            .is_empty()
    );
}

#[tokio::test]
async fn several_tokens_of_one_user_live_side_by_side() {
    let site = Site::with_users(&["ana"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let first = login(&store, "ana").await;
    clock.turn(Duration::from_secs(20));
    let second = login(&store, "ana").await;
    assert_ne!(first, second);
    assert!(valid(&store, first).await && valid(&store, second).await);

    clock.turn(Duration::from_secs(10));
    assert_eq!(published(&store).await, [first]);
    assert!(valid(&store, second).await);
}

#[tokio::test]
async fn a_revoked_token_ends_at_once_and_alone() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    let (one, other) = (login(&store, "ana").await, login(&store, "ana").await);

    store
        .tokens()
        .revoke(&one.to_string())
        .await
        .expect("revoked");
    store.tokens().revoke("no token").await.expect("ignored");
    assert!(!valid(&store, one).await);
    assert!(valid(&store, other).await);
    assert_eq!(published(&store).await, [one]);
}

#[tokio::test]
async fn wrong_and_malformed_credentials_are_refused() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    assert_eq!(refused(&store, "ana", &sent("wrong")).await, Refusal::Wrong);
    assert_eq!(refused(&store, "eva", &sent("eva")).await, Refusal::Wrong);
    assert_eq!(refused(&store, "Ana", &sent("ana")).await, Refusal::Wrong);
    for (user, hash) in [
        ("ana", "ana".to_owned()),
        ("ana", sent("ana").to_uppercase()),
        ("", sent("ana")),
        ("ana\0", sent("ana")),
        (&"a".repeat(1 << 20), "a".repeat(1 << 20)),
    ] {
        assert_eq!(refused(&store, user, &hash).await, Refusal::Malformed);
    }
}

#[tokio::test]
async fn no_text_but_a_token_is_valid() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    let token = login(&store, "ana").await.to_string();
    for text in [
        "",
        "'; DROP TABLE tokens; --",
        &token[1..],
        &token
            .to_uppercase()
            .replace(|c: char| c.is_ascii_digit(), "A"),
        &"0".repeat(32),
        &"0".repeat(1 << 20),
    ] {
        assert!(!store.tokens().is_valid(text).await.expect("the database"));
    }
}

#[tokio::test]
async fn instances_accept_each_others_tokens_also_of_a_dead_one() {
    let site = Site::with_users(&["ana"]).await;
    let clock = Hand::new();
    let (one, other) = (
        site.service(clock.clone()).await,
        site.service(clock.clone()).await,
    );
    let token = login(&one, "ana").await;
    assert!(valid(&other, token).await);
    one.close().await;
    drop(one);
    assert!(valid(&other, token).await);

    clock.turn(Duration::from_secs(30));
    other.tokens().wake();
    assert_eq!(published(&other).await, [token], "in place of the dead one");
}

#[tokio::test]
async fn of_two_instances_one_publishes_the_end_of_a_token() {
    let site = Site::with_users(&["ana"]).await;
    let clock = Hand::new();
    let (one, other) = (
        site.service(clock.clone()).await,
        site.service(clock.clone()).await,
    );
    let mut issued = Vec::new();
    for _ in 0..20 {
        issued.push(login(&one, "ana").await.to_string());
    }
    clock.turn(Duration::from_secs(30));
    let (mine, yours) = tokio::join!(one.tokens().collect(), other.tokens().collect());
    let mut ended = mine.expect("the database");
    ended.extend(yours.expect("the database"));
    let mut ended: Vec<_> = ended.iter().map(Token::to_string).collect();
    ended.sort();
    issued.sort();
    assert_eq!(ended, issued);
}

#[tokio::test]
async fn removing_a_user_from_outside_ends_the_tokens_within_a_second_or_so() {
    let site = Site::with_users(&["ana", "eva"]).await;
    let store = site.service(Arc::new(System::new())).await;
    let (ana, eva) = (login(&store, "ana").await, login(&store, "eva").await);
    // It has looked, and waits.
    let waiting = store.tokens().ended();
    tokio::pin!(waiting);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), &mut waiting)
            .await
            .is_err()
    );

    site.users.remove(&name("ana")).await.expect("removed");
    let removed = Instant::now();
    waiting.await.expect("the database");
    assert_eq!(store.tokens().collect().await.expect("the database"), [ana]);
    assert!(
        removed.elapsed() < Duration::from_secs(2),
        "{:?}",
        removed.elapsed()
    );
    assert!(!valid(&store, ana).await);
    assert!(valid(&store, eva).await);
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
}

#[tokio::test]
async fn changing_a_password_ends_the_tokens_and_the_old_password() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    let token = login(&store, "ana").await;
    site.users
        .change_password(&name("ana"), &Hash::of_password("new"))
        .await
        .expect("changed");
    store.tokens().wake();
    assert_eq!(published(&store).await, [token]);
    assert!(!valid(&store, token).await);
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
    store
        .login("ana", &sent("new"), HERE)
        .await
        .expect("the database")
        .expect("the new one");
}

#[tokio::test]
async fn another_instance_forgets_what_it_knew_of_a_removed_user_too() {
    let site = Site::with_users(&["ana"]).await;
    let (one, other) = (
        site.service(Hand::new()).await,
        site.service(Hand::new()).await,
    );
    let token = login(&one, "ana").await;
    assert!(valid(&other, token).await, "known now");
    site.users.remove(&name("ana")).await.expect("removed");
    assert_eq!(published(&one).await, [token]);

    // There is nothing left to collect, and yet it looks and learns that users were edited.
    let forgotten = async {
        while valid(&other, token).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        ended = other.tokens().ended() => panic!("nothing ended: {ended:?}"),
        () = forgotten => {}
    }
}

#[tokio::test]
async fn a_user_added_again_does_not_get_the_old_password_back() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    login(&store, "ana").await;
    site.users.remove(&name("ana")).await.expect("removed");
    site.users
        .add(&name("ana"), &Hash::of_password("new"))
        .await
        .expect("added");
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
}

#[tokio::test]
async fn users_are_listed_by_name_with_their_last_login() {
    let site = Site::with_users(&["eva", "ana"]).await;
    let clock = Hand::new();
    login(&site.service(clock.clone()).await, "eva").await;
    let users = site.users.list().await.expect("a list");
    let users: Vec<_> = users
        .iter()
        .map(|user| (&*user.name, user.last_login))
        .collect();
    assert_eq!(users, [("ana", None), ("eva", Some(clock.now()))]);
}

#[tokio::test]
async fn users_that_exist_or_do_not_are_named_in_the_error() {
    let site = Site::with_users(&["ana"]).await;
    let hash = Hash::of_password("any");
    let again = site
        .users
        .add(&name("ana"), &hash)
        .await
        .expect_err("twice");
    assert!(
        matches!(&again, Error::Exists { name } if name == "ana"),
        "{again}"
    );
    let edits = [
        site.users.remove(&name("eva")).await,
        site.users.change_password(&name("eva"), &hash).await,
    ];
    for edit in edits {
        let error = edit.expect_err("nobody");
        assert!(
            matches!(&error, Error::Unknown { name } if name == "eva"),
            "{error}"
        );
    }
    assert_eq!(
        login(&site.service(Hand::new()).await, "ana")
            .await
            .to_string()
            .len(),
        32
    );
}

#[tokio::test]
async fn a_renewal_does_not_pay_the_slow_hash() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    let time = async |count: u32| {
        let started = Instant::now();
        for _ in 0..count {
            login(&store, "ana").await;
        }
        started.elapsed() / count
    };
    let first = time(1).await;
    let renewal = time(20).await;
    assert!(renewal * 2 < first, "{renewal:?} after {first:?}");
}

#[tokio::test]
async fn an_unknown_user_is_refused_as_slowly_as_a_wrong_password() {
    let site = Site::with_users(&["ana"]).await;
    let store = site.service(Hand::new()).await;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..5 {
        for (user, times) in ["ana", "eva"].iter().zip(&mut times) {
            let started = Instant::now();
            assert_eq!(refused(&store, user, &sent("wrong")).await, Refusal::Wrong);
            times.push(started.elapsed());
        }
    }
    // The fastest of each: what the machine does besides only ever adds.
    let [known, unknown] = times.map(|times| times.into_iter().min().expect("five"));
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{known:?} and {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_login_goes_on_beside_a_hundred_wrong_ones_from_its_own_address() {
    let site = Site::with_users(&["ana", "eva"]).await;
    let store = Arc::new(site.service(Arc::new(System::new())).await);
    login(&store, "ana").await;
    let wrong = (0..100).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { refused(&store, "ana", &sent(&n.to_string())).await })
    });
    let wrong: Vec<_> = wrong.collect();

    // A turn for each would take longer than that.
    let started = Instant::now();
    for _ in 0..10 {
        login(&store, "ana").await;
    }
    let renewals = started.elapsed();
    assert!(renewals < Duration::from_secs(2), "{renewals:?}");
    login(&store, "eva").await;

    for one in wrong {
        let refusal = one.await.expect("an answer");
        assert!(
            matches!(refusal, Refusal::Wrong | Refusal::Crowded),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let site = Site::with_users(&["ana"]).await;
    let config = Config {
        user_pace: Rules {
            burst: 1,
            interval: Duration::from_millis(400),
        },
        ..Config::default()
    };
    let store = site.service_with(Arc::new(System::new()), config).await;
    let started = Instant::now();
    for guess in ["1", "2", "3"] {
        refused(&store, "ana", &sent(guess)).await;
    }
    assert!(
        started.elapsed() >= Duration::from_millis(800),
        "{:?}",
        started.elapsed()
    );
    login(&store, "ana").await;
}

#[tokio::test]
async fn nothing_stored_gives_the_password_or_the_user_hash_away() {
    let site = Site::with_users(&["a very own password"]).await;
    site.users.close().await;
    for file in std::fs::read_dir(site.path.parent().unwrap_or(Path::new("/"))).expect("a listing")
    {
        let bytes = std::fs::read(file.expect("an entry").path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&sent("a very own password")));
    }
}
