//! Where a database lies, as an administrator writes it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a database lies: today the path of an SQLite file.
///
/// Parsed from what stands in a property: a path, absolute or relative to the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    file: PathBuf,
}

/// A text that is no location of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nothing was given.
    #[error("the location of a database is empty: give the path of an SQLite file")]
    Empty,
    /// A URL, of something that this version cannot open.
    #[error("databases at {scheme}:// are not supported: give the path of an SQLite file")]
    Scheme {
        /// What stands before `://`; never the rest, which may hold a password.
        scheme: String,
    },
}

impl Location {
    /// The SQLite file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { file: path.into() }
    }

    /// The path of the SQLite file.
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }
}

impl FromStr for Location {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Self, Unusable> {
        if text.trim().is_empty() {
            return Err(Unusable::Empty);
        }
        match text.split_once("://") {
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                Err(Unusable::Scheme {
                    scheme: scheme.to_owned(),
                })
            }
            _ => Ok(Self::file(text)),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file.display().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_location_whatever_letters_it_has() {
        for path in [
            "users.sqlite",
            "/var/lib/films & more/100%.sqlite",
            "a:b//c?d#e",
        ] {
            assert_eq!(path.parse(), Ok(Location::file(path)));
        }
    }

    #[test]
    fn an_empty_location_is_refused() {
        assert_eq!(" ".parse::<Location>(), Err(Unusable::Empty));
    }

    #[test]
    fn a_url_is_refused_without_telling_its_password() {
        let error = "postgres://me:secret@host/users"
            .parse::<Location>()
            .expect_err("a server");
        assert!(error.to_string().contains("postgres://"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
