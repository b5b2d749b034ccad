//! Where a test takes place: a database of its own, an administrator, and a clock.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iceflix_auth::store::token::Token;
use iceflix_auth::store::user::{Hash, Name};
use iceflix_auth::store::{Clock, Config, Refusal, Store, Users};
use iceflix_database::{Engine, Location};
use iceflix_testkit::Postgres;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs each of these tests on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(iceflix_database::Engine::Sqlite).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(iceflix_database::Engine::Postgres).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub(crate) struct Hand(Mutex<Duration>);

impl Hand {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Duration::from_secs(1_800_000_000))))
    }

    pub(crate) fn turn(&self, by: Duration) {
        *self.0.lock().expect("the hand") += by;
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        *self.0.lock().expect("the hand")
    }

    fn wall(&self) -> Duration {
        self.now()
    }
}

/// A database with its administrator.
pub(crate) struct Site {
    /// As it stands in a property.
    pub(crate) url: String,
    pub(crate) users: Users,
    pub(crate) directory: TempDir,
}

impl Site {
    /// One on SQLite or on PostgreSQL, with users whose passwords are their names.
    pub(crate) async fn with_users(engine: Engine, names: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = match engine {
            Engine::Sqlite => {
                let path = directory.path().join("users.sqlite");
                path.to_str().expect("UTF-8").to_owned()
            }
            Engine::Postgres => Postgres::shared().database(),
        };
        Self::at(url, directory, names).await
    }

    /// One at a place of which nobody else knows.
    pub(crate) async fn at(url: String, directory: TempDir, names: &[&str]) -> Self {
        let users = Users::open(&url.parse().expect("a location"))
            .await
            .expect("the users");
        for user in names {
            users
                .add(&name(user), &Hash::of_password(user))
                .await
                .expect("added");
        }
        Self {
            url,
            users,
            directory,
        }
    }

    pub(crate) fn location(&self) -> Location {
        self.url.parse().expect("a location")
    }

    /// A service whose clock stands still.
    pub(crate) async fn service(&self, clock: Arc<dyn Clock>) -> Store {
        Store::open_with_clock(&self.location(), Config::default(), clock)
            .await
            .expect("a store")
    }

    /// A service as it really runs.
    pub(crate) async fn real_service(&self) -> Store {
        self.real_service_with(Config::default()).await
    }

    pub(crate) async fn real_service_with(&self, config: Config) -> Store {
        Store::open(&self.location(), config)
            .await
            .expect("a store")
    }

    /// The first column of what a statement finds in a file.
    pub(crate) async fn query(&self, statement: &str) -> String {
        self.try_query(statement).await.expect("a row")
    }

    /// The same, where the statement may be one that SQLite was built without.
    pub(crate) async fn try_query(&self, statement: &str) -> Option<String> {
        let url = format!("sqlite:{}", self.url);
        let mut connection = AnyConnection::connect(&url).await.expect("a connection");
        let found = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_one(&mut connection)
            .await;
        connection.close().await.expect("closed");
        found.ok()
    }

    /// Executes statements as somebody does who has never heard of IceFlix.
    pub(crate) async fn outside(&self, statements: &str) {
        match self.location().engine() {
            Engine::Sqlite => {
                let url = format!("sqlite:{}", self.url);
                let mut connection = AnyConnection::connect(&url).await.expect("a connection");
                connection
                    .execute(AssertSqlSafe(statements))
                    .await
                    .expect("executed");
                connection.close().await.expect("closed");
            }
            Engine::Postgres => {
                Postgres::shared().sql(&self.url, statements);
            }
        }
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// The user hash of a password, as a client sends it.
pub(crate) fn sent(password: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(password))
}

/// Logs a user in whose password is the name.
pub(crate) async fn login(store: &Store, user: &str) -> Token {
    let login = store
        .login(user, &sent(user), HERE)
        .await
        .expect("the database");
    login.expect("right credentials")
}

pub(crate) async fn refused(store: &Store, user: &str, hash: &str) -> Refusal {
    let login = store.login(user, hash, HERE).await.expect("the database");
    login.expect_err("wrong credentials")
}

pub(crate) async fn valid(store: &Store, token: Token) -> bool {
    store
        .tokens()
        .is_valid(&token.to_string())
        .await
        .expect("the database")
}

/// What a service publishes next.
pub(crate) async fn published(store: &Store) -> Vec<Token> {
    store.tokens().ended().await.expect("the database");
    collected(store).await
}

/// What a service would publish at once.
pub(crate) async fn collected(store: &Store) -> Vec<Token> {
    store.tokens().collect().await.expect("the database")
}

/// Waits until a token is no longer accepted, while the service looks at its database as it does.
///
/// # Panics
///
/// Where it is for longer than five seconds.
pub(crate) async fn until_ended(store: &Store, token: Token) {
    let ended = async {
        while valid(store, token).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let looking = async {
        loop {
            store.tokens().ended().await.expect("the database");
            // Somebody else collects.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = ended => {}
        () = looking => {}
        () = tokio::time::sleep(Duration::from_secs(5)) => panic!("it is still accepted"),
    }
}
