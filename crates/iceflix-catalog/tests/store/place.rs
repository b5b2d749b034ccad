//! Where the catalogue of a test lies, and short words for what tests do with it.

use iceflix_catalog::store::tag::{Tag, parse_all};
use iceflix_catalog::store::title::{Id, Name, Title};
use iceflix_catalog::store::{Catalog, Error, Found};
use iceflix_database::Location;
use iceflix_testkit::Postgres;
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

/// Runs each of these functions of this module as two tests: on SQLite, and on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::place::Place::file()).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::place::Place::server()).await;
                }
            )*
        }
    };
}
pub(crate) use on_both;

/// A database of one test.
pub(crate) struct Place {
    pub(crate) location: Location,
    /// What other programs connect to.
    url: String,
    // Where the file lies, if it is one.
    _directory: Option<TempDir>,
}

impl Place {
    pub(crate) fn file() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("titles.db");
        Self {
            url: format!("sqlite:{}", path.display()),
            location: Location::file(path),
            _directory: Some(directory),
        }
    }

    pub(crate) fn server() -> Self {
        Self::at(Postgres::shared().database())
    }

    /// The database at this URL of a server.
    pub(crate) fn at(url: String) -> Self {
        Self {
            location: url.parse().expect("a URL"),
            url,
            _directory: None,
        }
    }

    pub(crate) async fn open(&self) -> Catalog {
        Catalog::open(&self.location).await.expect("a catalogue")
    }

    /// What other programs connect to.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A connection of another program.
    pub(crate) async fn stranger(&self) -> AnyConnection {
        install_default_drivers();
        let connected = AnyConnection::connect(&self.url).await;
        connected.expect("a connection")
    }

    /// Has another program execute these statements.
    pub(crate) async fn edit_from_outside(&self, statements: &str) {
        let mut stranger = self.stranger().await;
        let executed = stranger.execute(AssertSqlSafe(statements)).await;
        executed.expect("executed");
    }

    /// A catalogue of titles with these names; their ids are 0, 1, 2, ...
    pub(crate) async fn with(&self, names: &[&str]) -> Catalog {
        let catalog = self.open().await;
        let titles: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(n, text)| (id(n), name(text)))
            .collect();
        catalog.discovered(&titles).await.expect("created");
        catalog
    }
}

pub(crate) fn id(n: usize) -> Id {
    Id::parse(&format!("{n:064x}")).expect("an id")
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

pub(crate) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

pub(crate) fn tags(texts: &[&str]) -> Vec<Tag> {
    parse_all(&strings(texts)).expect("good tags")
}

pub(crate) async fn title(catalog: &Catalog, n: usize) -> Title {
    let title = catalog.get(&id(n)).await.expect("the database");
    title.expect("a title")
}

pub(crate) async fn tag(catalog: &Catalog, n: usize, texts: &[&str]) {
    let tagged = catalog.add_tags(&id(n), &tags(texts)).await;
    tagged.expect("tagged");
}

pub(crate) async fn untag(catalog: &Catalog, n: usize, texts: &[&str]) {
    let untagged = catalog.remove_tags(&id(n), &tags(texts)).await;
    untagged.expect("untagged");
}

pub(crate) async fn rename(catalog: &Catalog, n: usize, text: &str) {
    let renamed = catalog.rename(&id(n), &name(text)).await;
    renamed.expect("renamed");
}

/// The numbers of the titles that were found.
pub(crate) fn numbers(found: Result<Found, Error>) -> Vec<usize> {
    let found = found.expect("the database");
    assert!(!found.cut);
    let number = |id: &Id| usize::from_str_radix(&id.to_string(), 16).expect("a number");
    found.ids.iter().map(number).collect()
}

pub(crate) async fn part(catalog: &Catalog, term: &str) -> Vec<usize> {
    numbers(catalog.by_name(term, false).await)
}

pub(crate) async fn exact(catalog: &Catalog, term: &str) -> Vec<usize> {
    numbers(catalog.by_name(term, true).await)
}

pub(crate) async fn all(catalog: &Catalog, tags: &[&str]) -> Vec<usize> {
    numbers(catalog.by_tags(&strings(tags), true).await)
}

pub(crate) async fn any_of(catalog: &Catalog, tags: &[&str]) -> Vec<usize> {
    numbers(catalog.by_tags(&strings(tags), false).await)
}
