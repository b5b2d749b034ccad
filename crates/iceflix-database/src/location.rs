//! Where a database lies, as an administrator writes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::postgres::{self, Server};

/// Where a database lies: the path of an SQLite file, or the URL of a database on a PostgreSQL server.
///
/// Parsed from what stands in a property:
///
/// - a path, absolute or relative to the working directory;
/// - `postgres://[USER[:PASSWORD]@][HOST][:PORT]/DATABASE[?PARAMETER=VALUE&...]`, or the same with `postgresql://`. The
///   parameters are those of libpq that make sense here: `host` (a directory, such as `/run/postgresql`, for
///   the Unix socket in it), `hostaddr`, `port`, `dbname`, `user`, `password`, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`,
///   `application_name`, `options`.
///
/// What the URL leaves open comes from the environment, as for every program that speaks to PostgreSQL: `PGHOST`, `PGPORT`,
/// `PGUSER`, `PGDATABASE`, `PGSSLMODE` and so on. A password had better come from `PGPASSWORD`, or from the file
/// `~/.pgpass` (or `PGPASSFILE`): everybody on a machine can read the arguments of its processes.
///
/// Neither `Display` nor `Debug` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    place: Place,
}

/// The two kinds of places.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    Server(Server),
}

/// Which program keeps a database; for the few statements in which the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite: a file, within this process.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// A text that is no location of a database. Never repeats a part that may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Nothing was given.
    #[error(
        "the location of a database is empty: give the path of an SQLite file, or {}",
        postgres::EXAMPLE
    )]
    Empty,
    /// A URL, of something that this version cannot open.
    #[error(
        "databases at {scheme}:// are not supported: give the path of an SQLite file, or {}",
        postgres::EXAMPLE
    )]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// A URL of PostgreSQL that cannot be read.
    #[error(
        "the URL of the database cannot be read ({reason}): expected {}; in a password, write what is \
         neither letter nor digit as %XX",
        postgres::EXAMPLE
    )]
    Url {
        /// What is wrong with it.
        reason: url::ParseError,
    },
    /// A parameter of the URL that is not known here.
    #[error(
        "the URL of the database has the unknown parameter {name:?}: known are {}",
        postgres::PARAMETERS.join(", ")
    )]
    Parameter {
        /// Its name.
        name: String,
    },
    /// A parameter of the URL with a value that it cannot have.
    #[error("the parameter {name} in the URL of the database is not {expected}")]
    Value {
        /// The name of the parameter.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

impl Location {
    /// The SQLite file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::File(path.into()),
        }
    }

    /// Which program keeps the database that lies there.
    pub fn engine(&self) -> Engine {
        match self.place {
            Place::File(_) => Engine::Sqlite,
            Place::Server(_) => Engine::Postgres,
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
}

impl FromStr for Location {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Self, Unusable> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Unusable::Empty);
        }
        let Some((scheme, _)) = text.split_once("://") else {
            return Ok(Self::file(text));
        };
        if ["postgres", "postgresql"].contains(&&*scheme.to_ascii_lowercase()) {
            return Ok(Self {
                place: Place::Server(Server::parse(text)?),
            });
        }
        // What was meant may hold a password anywhere.
        let letters = scheme.chars().take_while(char::is_ascii_alphanumeric);
        Err(Unusable::Scheme {
            scheme: letters.take(32).collect(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File(path) => path.display().fmt(f),
            Place::Server(server) => server.fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, Unusable> {
        text.parse()
    }

    #[test]
    fn a_path_is_a_location_whatever_letters_it_has() {
        for path in [
            "users.sqlite",
            "/var/lib/films & more/100%.sqlite",
            "a:b//c?d#e",
        ] {
            assert_eq!(parse(path), Ok(Location::file(path)));
        }
    }

    #[test]
    fn an_empty_location_is_refused() {
        assert_eq!(parse(" "), Err(Unusable::Empty));
    }

    #[test]
    fn a_url_of_postgresql_is_a_location() {
        for url in [
            "postgres://db.example/users",
            "postgresql://ana@10.0.0.1:5433/users?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres:///users?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/users",
            "postgres://[::1]/users",
        ] {
            let location = parse(url).expect(url);
            assert_eq!(location.engine(), Engine::Postgres);
            assert_eq!(location.to_string(), url);
        }
    }

    #[test]
    fn neither_space_around_a_url_nor_the_case_of_its_scheme_matters() {
        let location = parse(" POSTGRES://me:secret@host/users ").expect("a URL");
        assert_eq!(location.to_string(), "postgres://me@host/users");
    }

    #[test]
    fn no_password_is_shown() {
        for url in [
            "postgres://me:secret@host/users",
            "postgres://host/users?user=me&password=secret&sslmode=disable",
            "postgres://me:secret@host/users?password=secret",
        ] {
            let location = parse(url).expect(url);
            for shown in [location.to_string(), format!("{location:?}")] {
                assert!(!shown.contains("secret"), "{shown}");
                assert!(shown.contains("host/users"), "{shown}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_the_password() {
        for (url, told) in [
            ("postgres://me:secret@host:port/users", "invalid port"),
            ("postgres://me:secret/word@host/users", "invalid port"),
            (
                "postgres://me:secret@host/users?passwd=secret",
                "\"passwd\"",
            ),
            ("postgres://me:secret@host/users?sslmode=on", "verify-full"),
            ("postgres://me:secret@host/users?port=x", "port"),
            ("postgres://me:secret@host/users?hostaddr=x", "hostaddr"),
            ("mysql://me:secret@host/users", "mysql://"),
            ("jdbc:postgresql://host/users?password=secret", "jdbc://"),
            ("postgresql+psycopg://me:secret@host/users", "postgresql://"),
            ("me:secret@http://host/users", "me://"),
        ] {
            let error = parse(url).expect_err(url).to_string();
            assert!(error.contains(told), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
